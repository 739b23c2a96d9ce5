package verify

import (
	"crypto/sha256"
	"encoding/base64"
)

// A JWK is a public key as RFC 7517 writes it, of one of the two kinds a party
// may sign with: an Ed25519 key (kty OKP, RFC 8037) or a P-256 key (kty EC).
// X and Y are base64url without padding. Whether it is a point of its curve is
// for whoever verifies a signature with it to find out.
type JWK struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y,omitempty"`
}

// A KeyID names a key: its RFC 7638 SHA-256 thumbprint, 43 characters of
// base64url without padding.
type KeyID string

// Thumbprint returns the key's RFC 7638 thumbprint.
func (k JWK) Thumbprint() KeyID {
	// RFC 7638 section 3.2: the required members only, in lexicographic order.
	text := `{"crv":"` + k.Crv + `","kty":"` + k.Kty + `","x":"` + k.X
	if k.Kty == "EC" {
		text += `","y":"` + k.Y
	}
	sum := sha256.Sum256([]byte(text + `"}`))
	return KeyID(base64.RawURLEncoding.EncodeToString(sum[:]))
}

// wellFormed reports whether k has the members of its kind and coordinates of
// 32 bytes, each in its one canonical spelling.
func (k JWK) wellFormed() bool {
	switch {
	case k.Kty == "OKP" && k.Crv == "Ed25519":
		return coordinate(k.X) && k.Y == ""
	case k.Kty == "EC" && k.Crv == "P-256":
		return coordinate(k.X) && coordinate(k.Y)
	}
	return false
}

func coordinate(s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == 32 && len(s) == 43
}
