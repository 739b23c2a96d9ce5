package status

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
)

// A Purpose is what one bit for each place tells, in a Bitstring Status List
// (W3C Recommendation, 15 May 2025). That format has no room for four states in
// one list: each purpose has a list of its own, made from the same places.
type Purpose string

const (
	// Revocation: it is final. The Recommendation has it that such a bit is never
	// taken back; a correction by the issuer takes it back all the same.
	Revocation Purpose = "revocation"

	// Suspension: not to be accepted for now. That is so of what only the registry
	// can explain too, since nobody who cannot ask is told that all is well.
	Suspension Purpose = "suspension"
)

// Purposes lists them all.
var Purposes = []Purpose{Revocation, Suspension}

// Sets reports whether the bit of a place that stands at s is 1.
func (p Purpose) Sets(s Status) bool {
	switch p {
	case Revocation:
		return s == Invalid
	case Suspension:
		return s == Suspended || s == AskOnline
	}
	return false
}

// Bits returns the list of a purpose as its credential holds it, the member
// encodedList: [ListSize] bits, the most significant bit of the first byte being
// that of place 0, compressed (RFC 1952) and in multibase, base64url without
// padding. The list must be one that [NewList] made.
func (l List) Bits(p Purpose) string { return l.bits[p]() }

// encode is Bits of the places of a list.
func (p Purpose) encode(packed []byte) string {
	out := make([]byte, ListSize/8)
	for at, four := range packed { // four places a byte
		if four == 0 {
			continue
		}
		for i := range 4 {
			if place := at*4 + i; p.Sets(Status(value(packed, bits, int64(place)))) {
				out[place/8] |= 0x80 >> (place % 8)
			}
		}
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(out); err != nil {
		panic(err) // into memory
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return "u" + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

// BitsAddress returns the address of the credential that holds list n for a
// purpose, of a registry that is reached at url.
func BitsAddress(url string, n int64, p Purpose) string { return Address(url, n) + "/" + string(p) }
