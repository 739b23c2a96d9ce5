package status

import (
	"compress/gzip"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// unpacked are the bytes that an encodedList is made of.
func unpacked(t *testing.T, encoded string) []byte {
	t.Helper()
	rest, ok := strings.CutPrefix(encoded, "u")
	if !ok {
		t.Fatalf("%.10s is not base64url in multibase", encoded)
	}
	z, err := gzip.NewReader(base64.NewDecoder(base64.RawURLEncoding, strings.NewReader(rest)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The list that the Recommendation prints (section 5, example 7) is unpacked to no
// bit set; of ours place 0 is the most significant bit, and every other as its
// status has it.
func TestBits(t *testing.T) {
	const printed = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
	if b := unpacked(t, printed); len(b) != 131072/8 || slices.ContainsFunc(b, func(x byte) bool { return x != 0 }) {
		t.Errorf("the printed list: got %d bytes", len(b))
	}
	for _, tt := range []struct {
		s          Status
		revocation bool
		suspension bool
	}{{Valid, false, false}, {Invalid, true, false}, {Suspended, false, true}, {AskOnline, false, true}} {
		if Revocation.Sets(tt.s) != tt.revocation || Suspension.Sets(tt.s) != tt.suspension {
			t.Errorf("%d: got %v, %v", tt.s, Revocation.Sets(tt.s), Suspension.Sets(tt.s))
		}
	}
	l := NewList(map[int64]Status{0: Invalid, 9: Invalid, ListSize - 1: Invalid, 1: Suspended, 15: AskOnline})
	first := unpacked(t, l.Bits(Revocation))
	if first[0] != 0x80 || first[1] != 0x40 || first[len(first)-1] != 1 || len(first) != ListSize/8 {
		t.Errorf("revocation: got %x … %x in %d bytes", first[:2], first[len(first)-1], len(first))
	}
	if second := unpacked(t, l.Bits(Suspension)); second[0] != 0x40 || second[1] != 1 {
		t.Errorf("suspension: got %x", second[:2])
	}

	places := map[int64]Status{}
	for range 5000 {
		places[rand.Int64N(ListSize)] = Status(rand.IntN(4))
	}
	l = NewList(places)
	for _, p := range Purposes {
		b := unpacked(t, l.Bits(p))
		for i := range int64(ListSize) {
			if got := b[i/8]>>(7-i%8)&1 == 1; got != p.Sets(l.At(i)) {
				t.Fatalf("%s: place %d stands at %d: got %v", p, i, l.At(i), got)
			}
		}
	}
}

func BenchmarkBits(b *testing.B) {
	places := map[int64]Status{}
	for range ListSize / 20 {
		places[rand.Int64N(ListSize)] = Invalid
	}
	packed := NewList(places).packed
	for b.Loop() {
		Revocation.encode(packed)
	}
}
