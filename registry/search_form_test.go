package registry

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

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
			if key := termKey(term.term(), 7); len(key) != 10 {
				t.Errorf("%q: a key of %d bytes", b, len(key))
			}
		}
	})
}

// TestTermRow: a row has every posting once, in their order, tells how many records
// they are of, and is found through from anywhere.
func TestTermRow(t *testing.T) {
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for range 200 {
		var row termRow
		postings, records := map[posting]bool{}, map[uint16]bool{}
		for range 1 + rng.IntN(4) {
			var fresh []posting
			next := rng.IntN(20)
			for range 1 + rng.IntN(100) {
				p := newPosting(uint16(next), rng.IntN(far+1))
				fresh, postings[p], records[p.offset()] = append(fresh, p), true, true
				if next += rng.IntN(9); rng.IntN(30) == 0 {
					next = rng.IntN(blockSpan)
				}
			}
			row = row.with(fresh)
		}
		want := slices.Sorted(maps.Keys(postings))
		if row.check() != nil || row.postings() != len(want) || row.records() != len(records) {
			t.Fatalf("got %d postings of %d records, want %d of %d", row.postings(), row.records(), len(want), len(records))
		}
		for i, p := range want {
			if row.posting(i) != p {
				t.Errorf("posting %d is %x, want %x", i, row.posting(i), p)
			}
		}
		for range 50 {
			from, p := rng.IntN(len(want)+1), newPosting(uint16(rng.IntN(blockSpan)), rng.IntN(far+1))
			first, _ := slices.BinarySearch(want[from:], p)
			if got := row.seek(from, p); got != from+first {
				t.Errorf("%x: %x from %d is at %d, want %d", want, p, from, got, from+first)
			}
		}
	}
	for _, b := range []termRow{nil, {}, {0, 1}, {0, 1, 0, 0}, {0, 1, 0, 0, 0, 0}} {
		if b.check() == nil {
			t.Errorf("%x is taken for a row", b)
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

// TestTerms: a text has the terms of its pairs, of its beginnings and of its scheme,
// with where they stand, and what is part of another none of its own.
func TestTerms(t *testing.T) {
	pair := func(a, b rune, at int) occurrence { return newOccurrence(newTerm(termPair, a, b), at) }
	begin := func(a, b rune, at int) occurrence { return newOccurrence(newTerm(termBegins, a, b), at) }
	text := searchText{scheme: verify.JCSTAR, parts: []searchPart{{ofProduct, "ababc"}, {ofHolder, "鍵"}, {ofHolder, "bc"}, {ofHolder, "鍵c"}}}
	want := []occurrence{pair('a', 'b', 0), pair('a', 'b', 2), pair('b', 'a', 1), pair('b', 'c', 3), pair('鍵', 'c', 6),
		begin('a', 'b', 0), begin('b', 'c', 3), begin('鍵', 'c', 6), newOccurrence(schemeTerm(verify.JCSTAR), 0)}
	if got := text.terms(); !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	long := searchText{parts: []searchPart{{ofProduct, strings.Repeat("a", 300)}, {ofProduct, "bc"}}}
	for _, o := range []occurrence{pair('a', 'a', 254), pair('a', 'a', far), pair('b', 'c', far), begin('b', 'c', far)} {
		if got := long.terms(); !slices.Contains(got, o) {
			t.Errorf("got %x, want %x among them", got, o)
		}
	}
	if bytes.Equal(termKey(newTerm(termPair, '\U0010ffff', 'a'), 1), termKey(newTerm(termBegins, '\U0010ffff', 'a'), 1)) {
		t.Error("two terms have one key")
	}
}
