package envelope

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"
	"github.com/go-json-experiment/json"

	"tegata/verify"
	"tegata/verify/eddsa"
)

// ErrSigner is wrapped where a private key does not sign: a device is not there,
// does not answer, or made a signature that does not hold. It is an accident, and
// may pass.
var ErrSigner = errors.New("the private key did not sign")

// A Signer seals statements with a private key, held here or in a device. It may
// be used by several goroutines at once if the device may.
type Signer struct {
	private crypto.Signer
	key     Key
	here    *eddsa.Private // private, if that is one of Ed25519 and no device's; else nil
	sealers sync.Map       // of each Type that was sealed, its sealer
}

// NewSigner returns a signer with a fresh Ed25519 key.
func NewSigner() (*Signer, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return SignerFrom(private)
}

// SignerFrom returns a signer that signs with s: an ed25519.PrivateKey, an
// *ecdsa.PrivateKey on P-256, or a key in a device, of either kind. It returns
// [ErrKey] if the key is of another kind, or its public half cannot be used or is
// that of another.
func SignerFrom(s crypto.Signer) (*Signer, error) {
	jwk, err := jwkOf(s.Public())
	if err != nil {
		return nil, err
	}
	key, err := ParseKey(jwk)
	if err != nil {
		return nil, err
	}
	signer := &Signer{private: s, key: key}
	if private, ok := s.(ed25519.PrivateKey); ok {
		if signer.here, err = eddsa.NewPrivate(private); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, err)
		}
	}
	return signer, nil
}

// privateJWK is a private key as RFC 7517 writes it. D is, of an Ed25519 key, the
// seed; of a P-256 key, the scalar; in base64url without padding.
type privateJWK struct {
	verify.JWK
	D string `json:"d"`
}

// ParsePrivate returns a signer with the private key that jwk describes: one JSON
// object of the members kty, crv, x, of P-256 also y, and d, and no others. It
// returns [ErrKey] if it is anything else, or if x and y are not what d makes of
// them. No error shows d.
func ParsePrivate(jwk []byte) (*Signer, error) {
	var stated privateJWK
	if err := decode(jwk, &stated); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	d, err := base64.RawURLEncoding.DecodeString(stated.D)
	if err != nil {
		return nil, fmt.Errorf("%w: d: %w", ErrKey, err)
	}
	if len(d) != ed25519.SeedSize {
		return nil, fmt.Errorf("%w: d of %d bytes, not 32", ErrKey, len(d))
	}
	var private crypto.Signer
	switch stated.Crv {
	case "Ed25519":
		private = ed25519.NewKeyFromSeed(d)
	case "P-256":
		if private, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), d); err != nil {
			return nil, fmt.Errorf("%w: d: %w", ErrKey, err)
		}
	default:
		return nil, fmt.Errorf("%w: curve %.20q is neither Ed25519 nor P-256", ErrKey, stated.Crv)
	}
	s, err := SignerFrom(private)
	if err != nil {
		return nil, err
	}
	if stated != (privateJWK{s.key.jwk, encode(d)}) {
		return nil, fmt.Errorf("%w: not the one spelling of the key its d makes, %q", ErrKey, s.key.id)
	}
	return s, nil
}

// PrivateJWK returns the private key as [ParsePrivate] reads it. It returns
// [ErrKey] if the key is in a device.
func (s *Signer) PrivateJWK() ([]byte, error) {
	var d []byte
	switch private := s.private.(type) {
	case ed25519.PrivateKey:
		d = private.Seed()
	case *ecdsa.PrivateKey:
		var err error
		if d, err = private.Bytes(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, err)
		}
	default:
		return nil, fmt.Errorf("%w: the private half is not here to be shown", ErrKey)
	}
	return json.Marshal(privateJWK{s.key.jwk, encode(d)})
}

// Key returns the public half.
func (s *Signer) Key() Key { return s.key }

// Seal signs a statement's payload, which may come from anywhere: it returns
// [ErrMalformed] where [Open] would refuse the token, or [ErrSigner].
func (s *Signer) Seal(payload []byte) (string, error) {
	if err := CheckJSON(payload); err != nil {
		return "", err
	}
	return s.SealAs(Statement, payload)
}

// SealAs signs payload, one JSON object as it was encoded here, and returns the token
// of that type: its algorithm is EdDSA or ES256, as the key is. It returns
// [ErrMalformed] where the token is larger than its type may be, or [ErrSigner]. What
// a device signed has been opened and verified; an Ed25519 key that is here always
// signs alike, and to verify takes twice as long as to sign.
func (s *Signer) SealAs(t Type, payload []byte) (string, error) {
	token, err := s.SealBytes(t, payload)
	return string(token), err
}

// SealBytes is SealAs of a token that is to be sent or written.
func (s *Signer) SealBytes(t Type, payload []byte) ([]byte, error) {
	token, err := s.sign(t, payload)
	if err != nil {
		return nil, err
	}
	if len(token) > t.most {
		return nil, t.tooLarge(len(token))
	}
	if s.here == nil {
		if e, err := t.openWhole(string(token)); err != nil || e.Verify(s.key) != nil {
			return nil, s.unsigned(errWrong)
		}
	}
	return token, nil
}

// errWrong is of a device that made a signature of something else, or none.
var errWrong = errors.New("its signature does not hold")

func (s *Signer) unsigned(err error) error { return fmt.Errorf("%w: %s: %w", ErrSigner, s.key.id, err) }

// A sealer signs tokens of one type.
type sealer struct {
	jose   jose.Signer
	header string // the protected header and its full stop, with which all its tokens begin
}

// sign returns the compact JWS of payload, of that type. By an Ed25519 key that is
// here it puts the token together itself: to have go-jose do so takes half as long
// again as the signature.
func (s *Signer) sign(t Type, payload []byte) ([]byte, error) {
	sealer, err := s.sealer(t)
	if err != nil {
		return nil, err
	}
	if s.here == nil {
		token, err := s.whole(sealer.jose, payload)
		return []byte(token), err
	}
	token := make([]byte, 0, len(sealer.header)+spelling.EncodedLen(len(payload))+len(".")+spelling.EncodedLen(signatureSize))
	token = spelling.AppendEncode(append(token, sealer.header...), payload)
	signature := s.here.Sign(token)
	return spelling.AppendEncode(append(token, '.'), signature), nil
}

// whole returns the compact JWS of payload as go-jose makes it.
func (s *Signer) whole(by jose.Signer, payload []byte) (string, error) {
	jws, err := by.Sign(payload)
	if err != nil {
		return "", s.unsigned(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		return "", s.unsigned(err)
	}
	return token, nil
}

// sealer returns what signs a type, which is made once.
func (s *Signer) sealer(t Type) (sealer, error) {
	if made, ok := s.sealers.Load(t); ok {
		return made.(sealer), nil
	}
	var header jose.SignerOptions
	if header.WithHeader("kid", string(s.key.id)); t == short {
		header.WithHeader("kid", string(s.key.id[:shortID]))
	}
	if t.typ != "" {
		header.WithType(jose.ContentType(t.typ))
	}
	if t.cty != "" {
		header.WithContentType(jose.ContentType(t.cty))
	}
	alg := jose.EdDSA
	if s.key.p256 != nil {
		alg = jose.ES256
	}
	by, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: cryptosigner.Opaque(s.private)}, &header)
	if err != nil {
		return sealer{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	made := sealer{jose: by}
	if s.here != nil {
		token, err := s.whole(by, nil)
		if err != nil {
			return sealer{}, err
		}
		made.header = token[:strings.IndexByte(token, '.')+1]
	}
	s.sealers.Store(t, made)
	return made, nil
}
