package registry

import (
	"bytes"
	"slices"
	"testing"

	"tegata/verify"
)

// FuzzSearchText: what is read as a text of the index is written and read again
// as the same, and anything else is refused.
func FuzzSearchText(f *testing.F) {
	t := searchText{code: "7K3MQ2ZT9XWE", scheme: verify.PSTI, parts: []searchPart{{ofProduct, "かめら"}, {ofHolder, "aoba"}, {ofCategory, ""}}}
	f.Add(t.marshal())
	f.Add(t.marshal()[:20])
	f.Add([]byte("7K3MQ2ZT9XWEjp\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := parseSearchText(b)
		if err != nil {
			return
		}
		again, err := parseSearchText(text.marshal())
		if err != nil || again.code != text.code || again.scheme != text.scheme || !slices.Equal(again.parts, text.parts) {
			t.Errorf("%q: got %+v, %v, want %+v", b, again, err, text)
		}
		for _, term := range text.terms() {
			if key := termKey(7, term); len(key) != 10 {
				t.Errorf("%q: a key of %d bytes", b, len(key))
			}
		}
	})
}

// FuzzOffsets: a row that is read grows, stays in its block, and is written and
// read again as the same.
func FuzzOffsets(f *testing.F) {
	f.Add(marshalOffsets([]uint16{0, 1, 127, 128, 300, blockSpan - 1}))
	f.Add([]byte{5, 0})
	f.Add([]byte{0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		offsets, err := parseOffsets(nil, b)
		if err != nil {
			return
		}
		for i, o := range offsets {
			if o >= blockSpan || i > 0 && o <= offsets[i-1] {
				t.Fatalf("%x: got %v", b, offsets)
			}
		}
		again, err := parseOffsets(nil, marshalOffsets(offsets))
		if err != nil || !slices.Equal(again, offsets) {
			t.Errorf("%x: got %v, %v, want %v", b, again, err, offsets)
		}
	})
}

// TestCommon: what two rows have in common.
func TestCommon(t *testing.T) {
	for _, test := range []struct{ a, b, want []uint16 }{
		{nil, nil, nil},
		{[]uint16{1, 2, 3}, nil, nil},
		{[]uint16{1, 3, 5, 7}, []uint16{0, 3, 4, 7, 9}, []uint16{3, 7}},
		{[]uint16{4}, []uint16{4}, []uint16{4}},
		{[]uint16{8, 9}, []uint16{1, 2, 9}, []uint16{9}},
	} {
		if got, err := common(slices.Clone(test.a), marshalOffsets(test.b)); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%v and %v: got %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

// FuzzCursor: a cursor has one spelling.
func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "0-0", "1-9223372036854775807", "1-9223372036854775808", "2-1", "0-01", "-1-1", "0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parseCursor(s)
		if err == nil && s != "" && c.String() != s {
			t.Errorf("%q is read as %s", s, c)
		}
	})
}

// TestTerms: a text has the terms of its pairs, of its beginning and of its
// scheme, each once.
func TestTerms(t *testing.T) {
	text := searchText{scheme: verify.JCSTAR, parts: []searchPart{{ofProduct, "ababc"}, {ofHolder, "鍵"}}}
	want := []searchTerm{newTerm(termPair, 'a', 'b'), newTerm(termPair, 'b', 'a'), newTerm(termPair, 'b', 'c'), newTerm(termBegins, 'a', 'b'), schemeTerm(verify.JCSTAR)}
	if got := text.terms(); !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	if bytes.Equal(termKey(1, newTerm(termPair, '\U0010ffff', 'a')), termKey(1, newTerm(termBegins, '\U0010ffff', 'a'))) {
		t.Error("two terms have one key")
	}
}
