package eddsa

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"errors"

	"filippo.io/edwards25519"
)

// ErrHalves says that the public half in a private key is not the one that its seed
// makes. To sign with it would tell the secret.
var ErrHalves = errors.New("the public half is that of another key")

// A Private key signs (RFC 8032, section 5.1.6): byte for byte as crypto/ed25519 does,
// which divides twice to write the point R that it needs once. Several goroutines may
// use it.
type Private struct {
	public ed25519.PublicKey
	secret *edwards25519.Scalar // a
	prefix []byte               // of what the number r is the hash of
}

// NewPrivate returns the private key that the seed of key makes, or [ErrHalves].
func NewPrivate(key ed25519.PrivateKey) (*Private, error) {
	if len(key) != ed25519.PrivateKeySize || !ed25519.NewKeyFromSeed(key.Seed()).Equal(key) {
		return nil, ErrHalves
	}
	hash := sha512.Sum512(key.Seed())
	secret, err := new(edwards25519.Scalar).SetBytesWithClamping(hash[:32])
	if err != nil {
		return nil, err
	}
	return &Private{bytes.Clone(key[ed25519.SeedSize:]), secret, bytes.Clone(hash[32:])}, nil
}

// Sign returns the signature of message, of 64 bytes: R, and S = r + k·a. Of what is
// called here nothing takes another time for another secret.
func (p *Private) Sign(message []byte) []byte {
	var r, k edwards25519.Scalar
	hashTo(&r, p.prefix, message)
	signature := append(make([]byte, 0, ed25519.SignatureSize), new(edwards25519.Point).ScalarBaseMult(&r).Bytes()...)
	hashTo(&k, signature, p.public, message)
	return append(signature, k.MultiplyAdd(&k, p.secret, &r).Bytes()...)
}

// hashTo sets n to the hash of all parts, as a number below the order of the base point.
func hashTo(n *edwards25519.Scalar, parts ...[]byte) {
	hash := sha512.New()
	for _, part := range parts {
		hash.Write(part)
	}
	var sum [sha512.Size]byte
	if _, err := n.SetUniformBytes(hash.Sum(sum[:0])); err != nil {
		panic(err) // it takes 64 bytes, whatever they are
	}
}
