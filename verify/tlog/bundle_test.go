package tlog

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

func TestBundle(t *testing.T) {
	b := MarshalBundle([][]byte{[]byte("a"), []byte("bc")})
	if want := []byte{0, 1, 'a', 0, 2, 'b', 'c'}; !bytes.Equal(b, want) {
		t.Errorf("got %x, want %x", b, want)
	}
	for name, entries := range map[string][][]byte{
		"one": {[]byte("a")}, "an empty one": {{}}, "256": numbered(256),
		"largest": {bytes.Repeat([]byte("x"), MaxEntry), []byte("y")},
	} {
		got, err := ParseBundle(MarshalBundle(entries))
		if err != nil || !slices.EqualFunc(got, entries, bytes.Equal) {
			t.Errorf("%s: got %d entries, %v, want %d", name, len(got), err, len(entries))
		}
	}
}

func TestParseBundleRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":            nil,
		"half a length":      {0},
		"half a length more": {0, 1, 'a', 0},
		"no entry":           {0, 1},
		"cut off":            {0, 2, 'a'},
		"cut off later":      {0, 1, 'a', 0, 2, 'b'},
		"257 entries":        make([]byte, 2*257),
	} {
		if got, err := ParseBundle(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %q, %v, want ErrMalformed", name, got, err)
		}
	}
}

func TestMarshalBundlePanics(t *testing.T) {
	for name, entries := range map[string][][]byte{
		"none": nil, "257": numbered(257), "too long": {make([]byte, MaxEntry+1)},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: got no panic", name)
				}
			}()
			MarshalBundle(entries)
		}()
	}
}

func FuzzParseBundle(f *testing.F) {
	f.Add(MarshalBundle([][]byte{[]byte("a"), {}, []byte(goodEntry)}))
	f.Add([]byte{0, 2, 'a'})
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := ParseBundle(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("got %v, want ErrMalformed", err)
			}
			return
		}
		if got := MarshalBundle(entries); !bytes.Equal(got, b) {
			t.Errorf("got %x, want %x", got, b)
		}
	})
}
