package envelope

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json/jsontext"
)

// ShortMost is the size of the largest short token, in bytes: what a QR code of
// middling size holds in all.
const ShortMost = 255

// shortID is how many characters of a thumbprint name the key of a short token.
const shortID = 6

// A Short is a token in the form that fits a QR code, taken apart and not yet
// verified. Its header has no typ, so that it is never taken for a token of a
// [Type], and its payload is an array, so that it is never taken for a set of
// claims.
type Short struct {
	ID      string // the first six characters of the thumbprint of the key said to have signed
	Payload []byte // one JSON array

	whole Envelope // but for KeyID, which the token does not tell whole
}

// OpenShort takes a short token apart. It returns [ErrMalformed] if the token has
// more than [ShortMost] bytes or is anything but the one spelling of a compact JWS
// whose header holds exactly alg and a kid of six characters, in any order, and
// whose payload is one JSON array in valid UTF-8 that repeats no member.
func OpenShort(token []byte) (Short, error) {
	if len(token) > ShortMost {
		return Short{}, fmt.Errorf("%w: short token of %d bytes, at most %d are taken", ErrMalformed, len(token), ShortMost)
	}
	s := Short{whole: Envelope{Token: string(token), input: bytes.Clone(token)}}
	parts, err := s.whole.split()
	if err != nil {
		return Short{}, err
	}
	if err := s.parseHeader(parts[0]); err != nil {
		return Short{}, err
	}
	if err := checkArray(parts[1]); err != nil {
		return Short{}, err
	}
	s.Payload, s.whole.Payload, s.whole.signature = parts[1], parts[1], parts[2]
	return s, nil
}

// parseHeader reads the protected header of a short token.
func (s *Short) parseHeader(b []byte) error {
	var h struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
	}
	// A member that is absent, or null, stays empty and is refused below.
	if err := decode(b, &h); err != nil {
		return fmt.Errorf("%w: header: %w", ErrMalformed, err)
	}
	switch jose.SignatureAlgorithm(h.Alg) {
	case jose.EdDSA, ed25519Algorithm, jose.ES256:
	default:
		return fmt.Errorf("%w: header: alg %.20q is none of %q", ErrMalformed, h.Alg, algorithms)
	}
	outside := func(r rune) bool {
		return !('0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || r == '-' || r == '_')
	}
	if len(h.Kid) != shortID || strings.ContainsFunc(h.Kid, outside) {
		return fmt.Errorf("%w: header: kid %.60q is not the first %d characters of a thumbprint", ErrMalformed, h.Kid, shortID)
	}
	s.whole.Algorithm, s.ID = h.Alg, h.Kid
	return nil
}

// checkArray is [CheckJSON] of an array.
func checkArray(payload []byte) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(payload))
	kind := d.PeekKind()
	if err := d.SkipValue(); err != nil {
		return fmt.Errorf("%w: payload: %s", ErrMalformed, fault(err))
	}
	if kind != jsontext.KindBeginArray {
		return fmt.Errorf("%w: payload: not a JSON array", ErrMalformed)
	}
	end := d.InputOffset()
	if _, err := d.ReadToken(); err != io.EOF {
		return fmt.Errorf("%w: payload: more follows the array that ends at byte %d", ErrMalformed, end)
	}
	return nil
}

// Verify returns the key that signed s, of those given. Six characters do not
// tell keys apart for certain, so every key that begins with them is tried. It
// returns [ErrKey] if there is none, or none that fits the algorithm, and
// [ErrSignature] if there is and it did not sign this.
func (s Short) Verify(keys ...Key) (Key, error) {
	err := fmt.Errorf("%w: token names a key %s…, which is none of %d known", ErrKey, s.ID, len(keys))
	for _, k := range keys {
		if !strings.HasPrefix(string(k.id), s.ID) {
			continue
		}
		e := s.whole
		e.KeyID = k.id
		if err = e.Verify(k); err == nil {
			return k, nil
		}
	}
	return Key{}, err
}

// short stands for the short token, whose header has no type.
var short Type

// SealShort signs payload, one JSON array, and returns the short token. What it
// returns has been opened and verified: a payload too long for [ShortMost] is
// [ErrMalformed].
func (s *Signer) SealShort(payload []byte) (string, error) {
	token, err := s.sign(short, payload)
	if err != nil {
		return "", err
	}
	opened, err := OpenShort(token)
	if err != nil {
		return "", err
	}
	if _, err := opened.Verify(s.key); err != nil {
		return "", s.unsigned(errWrong)
	}
	return string(token), nil
}
