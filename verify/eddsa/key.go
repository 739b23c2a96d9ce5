// Package eddsa verifies Ed25519 signatures (RFC 8032, section 5.1.7) of keys that
// sign many: it says yes and no as crypto/ed25519 does, of every signature by
// itself, in a third of its time. It makes the same ones, too: see [Private].
//
// Of the equation R = S·B - k·A the standard library finds both products anew each
// time, mostly by doubling. Of the base point B, and of a key A once it has verified
// some, the multiples that doubling leads to are kept here instead, and what is left
// is to add them; see [table]. Nothing of that is secret, and it does not take the
// same time for every signature: with a private key no table is used.
//
// What then is left is a division, a fifth of the work. Where many are verified at about
// the same time, it can be shared: see [Compare].
package eddsa

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"sync/atomic"

	"filippo.io/edwards25519"
)

// ErrPoint says that bytes are not a key: no point of the curve is written so.
var ErrPoint = errors.New("not a point of Ed25519")

// A Key verifies what one private key signed. Several goroutines may use it.
type Key struct {
	public ed25519.PublicKey
	used   atomic.Int32 // how often without a table
	table  atomic.Pointer[table]
}

// NewKey returns the key that public encodes in 32 bytes. It returns [ErrPoint] if
// they are not the one encoding of a point (RFC 8032, section 5.1.3). Whether the
// point is of low order is not asked: that is for whoever takes keys from others.
func NewKey(public ed25519.PublicKey) (*Key, error) {
	a, err := new(edwards25519.Point).SetBytes(public)
	if err != nil || !bytes.Equal(a.Bytes(), public) {
		return nil, ErrPoint
	}
	return &Key{public: bytes.Clone(public)}, nil
}

// Public returns the key in its 32 bytes, which are not to be changed.
func (k *Key) Public() ed25519.PublicKey { return k.public }

// Verify reports whether signature is one of message by k, as [ed25519.Verify] does.
func (k *Key) Verify(message, signature []byte) bool {
	b := k.Begin(message, signature)
	Compare(&b)
	return b.Holds()
}
