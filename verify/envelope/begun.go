package envelope

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"fmt"
	"math/big"

	"github.com/go-jose/go-jose/v4"

	"tegata/verify/eddsa"
)

// A Begun is a signature that [Envelope.Begin] began to verify. The zero Begun is of
// none, and wrong.
type Begun struct {
	ed25519 eddsa.Begun
	p256    bool // an ES256 signature holds
}

// Begin does of [Envelope.Verify] all but the last step, which many signatures do
// together: see [Compare]. It returns [ErrKey] as Verify does; [ErrSignature] is for
// [Begun.Err] to say. An ES256 signature is verified at once.
func (e Envelope) Begin(k Key) (b Begun, err error) {
	if e.KeyID != k.id {
		return b, fmt.Errorf("%w: token names %q, key is %q", ErrKey, e.KeyID, k.id)
	}
	switch alg := jose.SignatureAlgorithm(e.Algorithm); {
	case k.ed25519 != nil && (alg == jose.EdDSA || alg == ed25519Algorithm):
		b.ed25519 = k.ed25519.Begin(e.input, e.signature)
	case k.p256 != nil && alg == jose.ES256:
		hash := sha256.Sum256(e.input)
		r := new(big.Int).SetBytes(e.signature[:signatureSize/2])
		s := new(big.Int).SetBytes(e.signature[signatureSize/2:])
		b.p256 = ecdsa.Verify(k.p256, hash[:], r, s)
	default:
		return b, fmt.Errorf("%w: algorithm %q on a key of curve %q", ErrKey, e.Algorithm, k.jwk.Crv)
	}
	return b, nil
}

// Compare ends what was begun, of each signature by itself: one says nothing about
// another. See [eddsa.Compare].
func Compare(all ...*Begun) {
	begun := make([]*eddsa.Begun, len(all))
	for i, b := range all {
		begun[i] = &b.ed25519
	}
	eddsa.Compare(begun...)
}

// Err returns [ErrSignature] unless the signature holds, and was compared.
func (b *Begun) Err() error {
	if b.p256 || b.ed25519.Holds() {
		return nil
	}
	return ErrSignature
}
