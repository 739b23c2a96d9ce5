package tlog

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Signature types of c2sp.org/signed-note. One Ed25519 key may serve as both:
// what it signs as the one can never be read as the other.
const (
	typeLog      = 0x01 // Ed25519 over the text
	typeCosigner = 0x04 // cosignature/v1: Ed25519 over the text and a time
)

// A LogKey is the public key of a log, named by the log's origin. Two are the
// same key if they are ==.
type LogKey struct{ publicKey }

// A CosignerKey is the public key of a cosigner: a witness, or the registry
// itself, which so shows the age of its checkpoints. Two are the same key if
// they are ==.
type CosignerKey struct{ publicKey }

// ParseLogKey reads a verifier key of signature type 0x01: name, key id in eight
// hexadecimal digits, and base64 of the type and the key, joined by +.
func ParseLogKey(vkey string) (LogKey, error) {
	k, err := parseKey(vkey, typeLog)
	return LogKey{k}, err
}

// ParseCosignerKey reads a verifier key of signature type 0x04.
func ParseCosignerKey(vkey string) (CosignerKey, error) {
	k, err := parseKey(vkey, typeCosigner)
	return CosignerKey{k}, err
}

// publicKey is a note.Verifier of either signature type.
type publicKey struct {
	name string
	typ  byte
	key  [ed25519.PublicKeySize]byte
}

func parseKey(vkey string, typ byte) (publicKey, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	_, text, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || !nameOK(name) {
		return publicKey{}, fmt.Errorf("%w verifier key %q", ErrMalformed, vkey)
	}
	k := publicKey{name, raw[0], [ed25519.PublicKeySize]byte(raw[1:])}
	if k.String() != vkey { // another key's id, or a second spelling
		return publicKey{}, fmt.Errorf("%w verifier key %q: want %s", ErrMalformed, vkey, k)
	}
	if k.typ != typ {
		return publicKey{}, fmt.Errorf("%w verifier key %q: signature type %d, want %d", ErrMalformed, vkey, k.typ, typ)
	}
	return k, nil
}

// nameOK reports whether a key may have this name, and so a log this origin.
func nameOK(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool {
		return r < ' ' || r == '+' || unicode.IsSpace(r)
	})
}

// Name returns the name that stands in the key's signature lines.
func (k publicKey) Name() string { return k.name }

// Ed25519 returns the key itself, 32 bytes, without name and signature type.
func (k publicKey) Ed25519() ed25519.PublicKey { return bytes.Clone(k.key[:]) }

// KeyHash returns the key's id: the first four bytes of the SHA-256 of name,
// newline, signature type and key. It tells keys apart and proves nothing.
func (k publicKey) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(k.name+"\n"), k.encoded()...))
	return binary.BigEndian.Uint32(sum[:])
}

// String returns the verifier key, as trust files and other people's tools have it.
func (k publicKey) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.name, k.KeyHash(), base64.StdEncoding.EncodeToString(k.encoded()))
}

// MarshalText writes the verifier key.
func (k publicKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what [ParseLogKey] reads.
func (k *LogKey) UnmarshalText(b []byte) (err error) {
	*k, err = ParseLogKey(string(b))
	return err
}

// UnmarshalText reads what [ParseCosignerKey] reads.
func (k *CosignerKey) UnmarshalText(b []byte) (err error) {
	*k, err = ParseCosignerKey(string(b))
	return err
}

// With returns the key of the same name and type that key is. It panics where
// key is not of 32 bytes.
func (k LogKey) With(key ed25519.PublicKey) LogKey { return LogKey{k.with(key)} }

// With returns the key of the same name and type that key is. It panics where
// key is not of 32 bytes.
func (k CosignerKey) With(key ed25519.PublicKey) CosignerKey { return CosignerKey{k.with(key)} }

func (k publicKey) with(key ed25519.PublicKey) publicKey {
	return publicKey{k.name, k.typ, [ed25519.PublicKeySize]byte(key)}
}

// Verify reports whether sig is this key's signature of a checkpoint's text.
func (k publicKey) Verify(text, sig []byte) bool {
	if k.typ == typeCosigner {
		if len(sig) < 8 {
			return false
		}
		at := binary.BigEndian.Uint64(sig)
		if at > math.MaxInt64 {
			return false
		}
		text, sig = cosignedText(int64(at), text), sig[8:]
	}
	return ed25519.Verify(k.key[:], text, sig)
}

// signed reports whether a verified signature line is this key's.
func (k publicKey) signed(line note.Signature) bool {
	return line.Name == k.name && line.Hash == k.KeyHash()
}

func (k publicKey) encoded() []byte { return append([]byte{k.typ}, k.key[:]...) }

// cosignedText is what a cosigner of type 0x04 signs.
func cosignedText(at int64, text []byte) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, text)
}

// signedAt returns the time in a verified cosignature: after four bytes of key
// id, seconds since 1970 in eight bytes, high one first, and the signature.
func signedAt(line note.Signature) (time.Time, error) {
	raw, err := base64.StdEncoding.DecodeString(line.Base64)
	if err != nil || len(raw) != 4+8+ed25519.SignatureSize {
		return time.Time{}, fmt.Errorf("%w cosignature by %q", ErrMalformed, line.Name)
	}
	return time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC(), nil
}

// ErrSigner is wrapped where a private key does not sign: a device is not there,
// does not answer, or made a signature that does not hold. It is an accident, and
// may pass.
var ErrSigner = errors.New("the private key did not sign")

// A LogSigner signs a log's checkpoints.
type LogSigner struct{ privateKey }

// NewLogSigner returns the signer of the log with this origin: not empty, without
// spaces, control characters and +. It should be the address of the log without
// scheme and final slash, and can never change. The key is an ed25519.PrivateKey,
// or an Ed25519 key in a device.
func NewLogSigner(origin string, key crypto.Signer) (*LogSigner, error) {
	k, err := newPrivateKey(origin, typeLog, key)
	if err != nil {
		return nil, err
	}
	return &LogSigner{k}, nil
}

// Key returns the key that verifies what s signs.
func (s *LogSigner) Key() LogKey { return LogKey{s.publicKey} }

// Sign signs the text of a checkpoint; [Sign] is the way to call it.
func (s *LogSigner) Sign(text []byte) ([]byte, error) { return s.sign(text) }

// A Cosigner puts timestamped signatures under checkpoints.
type Cosigner struct{ privateKey }

// NewCosigner returns the cosigner with this name, under the rules of an origin.
// A key has one cosigner name only: the signature does not cover the name. The
// key is of the kinds that [NewLogSigner] takes.
func NewCosigner(name string, key crypto.Signer) (*Cosigner, error) {
	k, err := newPrivateKey(name, typeCosigner, key)
	if err != nil {
		return nil, err
	}
	return &Cosigner{k}, nil
}

// Key returns the key that verifies what c signs.
func (c *Cosigner) Key() CosignerKey { return CosignerKey{c.publicKey} }

// privateKey is a public key with its other half, here or in a device.
type privateKey struct {
	publicKey
	private crypto.Signer
}

func newPrivateKey(name string, typ byte, key crypto.Signer) (privateKey, error) {
	if !nameOK(name) {
		return privateKey{}, fmt.Errorf("%w key name %q", ErrMalformed, name)
	}
	if k, ok := key.(ed25519.PrivateKey); ok && len(k) != ed25519.PrivateKeySize {
		return privateKey{}, fmt.Errorf("%w Ed25519 private key: %d bytes", ErrMalformed, len(k))
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok || len(public) != ed25519.PublicKeySize {
		return privateKey{}, fmt.Errorf("%w key: a %T is not Ed25519", ErrMalformed, key.Public())
	}
	return privateKey{publicKey{name, typ, [ed25519.PublicKeySize]byte(public)}, key}, nil
}

// sign signs text. What a device made is verified, so that it is never under a
// checkpoint that nobody could open; a key held here does not err.
func (k privateKey) sign(text []byte) ([]byte, error) {
	sig, err := k.private.Sign(rand.Reader, text, crypto.Hash(0))
	if _, here := k.private.(ed25519.PrivateKey); err == nil && !here && !ed25519.Verify(k.key[:], text, sig) {
		err = errors.New("its signature does not hold")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrSigner, k, err)
	}
	return sig, nil
}

// cosigning is a note.Signer: a cosigner at one moment, in seconds since 1970.
type cosigning struct {
	*Cosigner
	at int64
}

func (c cosigning) Sign(text []byte) ([]byte, error) {
	sig, err := c.sign(cosignedText(c.at, text))
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint64(nil, uint64(c.at)), sig...), nil
}
