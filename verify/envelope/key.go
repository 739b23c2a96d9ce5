package envelope

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"tegata/verify"
)

// A Key is a public key that may sign: a point of Ed25519 or of P-256. The zero
// Key verifies nothing.
type Key struct {
	jwk verify.JWK
	id  verify.KeyID

	// One of the two is set.
	ed25519 ed25519.PublicKey
	p256    *ecdsa.PublicKey
}

// ParseKey returns the key that j describes. It returns [ErrKey] if j is of
// another kind or curve, is not spelt in the one way its thumbprint is taken of,
// or is not a point that can sign: off its curve, or on Ed25519 of low order, for
// which signatures can be made without a private key.
func ParseKey(j verify.JWK) (Key, error) {
	text, err := json.Marshal(j)
	if err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	var parsed jose.JSONWebKey // checks low order, and the curve of P-256
	if err := parsed.UnmarshalJSON(text); err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	again, err := jwkOf(parsed.Key)
	if err != nil {
		return Key{}, err
	}
	if again != j {
		return Key{}, fmt.Errorf("%w: not the one spelling of the key %q", ErrKey, again.Thumbprint())
	}
	k := Key{jwk: j, id: j.Thumbprint()}
	switch public := parsed.Key.(type) {
	case ed25519.PublicKey:
		if !onEdwards25519(public) {
			return Key{}, fmt.Errorf("%w: x is not a point of Ed25519", ErrKey)
		}
		k.ed25519 = public
	case *ecdsa.PublicKey:
		k.p256 = public
	}
	return k, nil
}

// ID returns the key's thumbprint, the kid of what it signs.
func (k Key) ID() verify.KeyID { return k.id }

// JWK returns the key as a JWK.
func (k Key) JWK() verify.JWK { return k.jwk }

// jwkOf describes a public key in the one spelling there is.
func jwkOf(public crypto.PublicKey) (verify.JWK, error) {
	switch public := public.(type) {
	case ed25519.PublicKey:
		return verify.JWK{Kty: "OKP", Crv: "Ed25519", X: encode(public)}, nil
	case *ecdsa.PublicKey:
		if public.Curve != elliptic.P256() {
			return verify.JWK{}, fmt.Errorf("%w: a curve other than P-256", ErrKey)
		}
		point, err := public.Bytes() // 4, X, Y
		if err != nil {
			return verify.JWK{}, fmt.Errorf("%w: %w", ErrKey, err)
		}
		return verify.JWK{Kty: "EC", Crv: "P-256", X: encode(point[1:33]), Y: encode(point[33:])}, nil
	}
	return verify.JWK{}, fmt.Errorf("%w: a %T is neither Ed25519 nor P-256", ErrKey, public)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Of edwards25519 (RFC 8032, section 5.1): the field's order p, 2^255-19, and the
// curve's constant d, -121665/121666.
var (
	fieldOrder = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	curveD     = new(big.Int).Mod(new(big.Int).Mul(big.NewInt(-121665),
		new(big.Int).ModInverse(big.NewInt(121666), fieldOrder)), fieldOrder)
)

// onEdwards25519 reports whether b encodes a point: whether its y is below p, and
// there is an x with x² = (y²-1)/(dy²+1), which there is if the product of the
// two is a square. crypto/ed25519 says no more of such a key than that nothing
// verifies with it.
func onEdwards25519(b ed25519.PublicKey) bool {
	one := big.NewInt(1)
	digits := slices.Clone(b)
	digits[31] &= 0x7f // the sign of x
	slices.Reverse(digits)
	y := new(big.Int).SetBytes(digits)
	if y.Cmp(fieldOrder) >= 0 {
		return false
	}
	square := new(big.Int).Mul(y, y)
	above := new(big.Int).Sub(square, one)
	below := new(big.Int).Add(new(big.Int).Mul(curveD, square), one)
	product := above.Mul(above, below)
	return big.Jacobi(product.Mod(product, fieldOrder), fieldOrder) >= 0
}
