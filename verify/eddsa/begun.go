package eddsa

import (
	"crypto/ed25519"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// A Begun is a signature of which all is worked out but a division, which [Compare]
// makes. It needs neither the message nor the signature any more.
type Begun struct {
	sum   sum      // S·B - k·A; its Z is 0 where there is nothing to compare
	r     [32]byte // what that must be
	holds bool
}

// Begin begins to verify signature as one of message by k. Where k has no table yet, or
// the signature is no 64 bytes or its S too large, the answer is there at once.
func (k *Key) Begin(message, signature []byte) (b Begun) {
	t := k.table.Load()
	if t == nil {
		if k.used.Add(1) == worth {
			hold(k)
		}
		b.holds = ed25519.Verify(k.public, message, signature)
		return b
	}
	if len(signature) != ed25519.SignatureSize {
		return b
	}
	r, s := signature[:32], signature[32:]
	factor, err := new(edwards25519.Scalar).SetCanonicalBytes(s) // below the order of B, or it could be written twice
	if err != nil {
		return b
	}
	var n edwards25519.Scalar
	hashTo(&n, r, k.public, message)
	b.sum, b.r = newSum(), [32]byte(r)
	base().addTo(&b.sum, factor)
	t.addTo(&b.sum, &n)
	return b
}

// Holds reports whether the signature is good. Until it was compared, it is not.
func (b *Begun) Holds() bool { return b.holds }

// Compare ends what was begun: each signature has its own equation and is compared by
// itself, and only the division is made for all of them at once. That is one by their Z,
// which the formulas never make 0; where one were, its signature would not hold, and the
// others have no part in that.
func Compare(all ...*Begun) {
	inverses := make([]field.Element, 0, len(all))
	for _, b := range all {
		if !b.done() {
			inverses = append(inverses, b.sum.z)
		}
	}
	invert(inverses)
	for _, b := range all {
		if !b.done() {
			b.holds = b.sum.bytes(&inverses[0]) == b.r
			inverses = inverses[1:]
		}
	}
}

// done reports whether there is nothing to compare.
func (b *Begun) done() bool { return b.sum.z.Equal(new(field.Element)) == 1 }
