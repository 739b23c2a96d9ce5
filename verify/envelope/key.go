package envelope

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"tegata/verify"
	"tegata/verify/eddsa"
)

// A Key is a public key that may sign: a point of Ed25519 or of P-256. The zero
// Key verifies nothing. What verifies more than a few tokens is to keep its Key, not
// to parse it anew: see [eddsa].
type Key struct {
	jwk verify.JWK
	id  verify.KeyID

	// One of the two is set.
	ed25519 *eddsa.Key
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
		if k.ed25519, err = eddsa.NewKey(public); err != nil {
			return Key{}, fmt.Errorf("%w: x: %w", ErrKey, err)
		}
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
