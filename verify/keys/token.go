//go:build cgo

package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"sync/atomic"
	"time"

	"github.com/miekg/pkcs11"
)

// How long a token may take: to find a key, after which it is not there; and to
// sign, after which it is asked nothing more until it has answered.
const (
	openTime = 30 * time.Second
	signTime = 5 * time.Second
)

// sessions is how many signatures of one key may be under way at once.
const sessions = 4

// errLate says that a token took too long.
var errLate = errors.New("the token does not answer")

// A tokenKey is a private key in a token. It may be used by many goroutines.
type tokenKey struct {
	uri    URI
	lib    *library
	public crypto.PublicKey
	time   time.Duration // to sign in

	turns chan struct{} // holds one for every signature under way
	idle  chan session
	late  atomic.Int32 // signatures under way that took too long
}

// A session is a logged-in session with the key it has found. Only one goroutine
// may use it at a time, and none once the library has been started again: its
// numbers then belong to others.
type session struct {
	handle  pkcs11.SessionHandle
	key     pkcs11.ObjectHandle
	started int
}

// open finds the key in its token.
func (u URI) open() (crypto.Signer, error) {
	return within(u, openTime, func() (crypto.Signer, error) {
		lib, err := load(u.Module)
		if err != nil {
			return nil, err
		}
		k := &tokenKey{uri: u, lib: lib, time: signTime, turns: make(chan struct{}, sessions), idle: make(chan session, sessions)}
		s, err := k.session()
		if err != nil {
			return nil, err
		}
		k.idle <- s
		k.public, err = lib.publicOf(s)
		return k, err
	})
}

// within returns what f does with a token, or that it took too long. Nothing can
// interrupt f, which is then left to end by itself.
func within(u URI, limit time.Duration, f func() (crypto.Signer, error)) (crypto.Signer, error) {
	type result struct {
		key crypto.Signer
		err error
	}
	done := make(chan result, 1)
	go func() {
		key, err := f()
		done <- result{key, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	r := result{err: errLate}
	select {
	case r = <-done:
	case <-timer.C:
	}
	if r.err != nil {
		return nil, fmt.Errorf("%s: %w", u, r.err)
	}
	return r.key, nil
}

// Public returns the public half: an ed25519.PublicKey or an *ecdsa.PublicKey.
func (k *tokenKey) Public() crypto.PublicKey { return k.public }

// Sign signs as an ed25519.PrivateKey does without hashing first, or as an
// *ecdsa.PrivateKey does. A token that does not answer in time is asked nothing
// more until it has: the error then comes at once, so that nobody queues up behind
// it.
func (k *tokenKey) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if _, edwards := k.public.(ed25519.PublicKey); edwards != (opts.HashFunc() == 0) {
		return nil, fmt.Errorf("%s: a key of Ed25519 signs messages, one on P-256 their hashes", k.uri)
	}
	if k.late.Load() > 0 {
		return nil, fmt.Errorf("%s: %w since it was asked before", k.uri, errLate)
	}
	timer := time.NewTimer(k.time)
	defer timer.Stop()
	select {
	case k.turns <- struct{}{}:
	case <-timer.C:
		return nil, fmt.Errorf("%s: %w: every session is in use", k.uri, errLate)
	}
	type result struct {
		sig []byte
		err error
	}
	done := make(chan result, 1)
	digest = bytes.Clone(digest) // the caller's own again once it took too long
	var settled atomic.Bool      // by whoever is first: the token, or the timer
	go func() {
		sig, err := k.sign(digest)
		<-k.turns
		done <- result{sig, err}
		if settled.Swap(true) {
			k.late.Add(-1)
		}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("%s: %w", k.uri, r.err)
		}
		return r.sig, nil
	case <-timer.C:
		k.late.Add(1)
		if settled.Swap(true) {
			k.late.Add(-1)
		}
		return nil, fmt.Errorf("%s: %w within %v", k.uri, errLate, k.time)
	}
}

// sign signs in a session that is open, or in a new one where none is or none
// works any more: the token may have been away and be back.
func (k *tokenKey) sign(digest []byte) ([]byte, error) {
	for {
		select {
		case s := <-k.idle:
			if sig, err := k.signIn(s, digest); err == nil {
				return sig, nil
			}
			continue
		default:
		}
		s, err := k.session()
		if err != nil {
			return nil, err
		}
		return k.signIn(s, digest)
	}
}

// signIn signs in a session and keeps it for the next, or closes it where it does
// not sign, or not with this key.
func (k *tokenKey) signIn(s session, digest []byte) (sig []byte, err error) {
	k.lib.use.RLock()
	defer k.lib.use.RUnlock()
	if s.started != k.lib.started {
		return nil, errEnded
	}
	defer func() {
		if err != nil {
			k.lib.CloseSession(s.handle) // which may be none any more
			return
		}
		k.idle <- s
	}()
	switch public := k.public.(type) {
	case ed25519.PublicKey:
		if sig, err = k.lib.sign(s, ckmEdDSA, digest); err == nil && !ed25519.Verify(public, digest, sig) {
			err = errWrong
		}
	case *ecdsa.PublicKey:
		if sig, err = k.lib.sign(s, pkcs11.CKM_ECDSA, digest); err != nil {
			break
		}
		// PKCS #11 has r and s side by side, crypto.Signer in ASN.1.
		half := len(sig) / 2
		sig, err = asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(sig[:half]), new(big.Int).SetBytes(sig[half:])})
		if err == nil && !ecdsa.VerifyASN1(public, digest, sig) {
			err = errWrong
		}
	}
	return sig, err
}

var (
	errEnded = errors.New("the session has ended")
	errWrong = errors.New("the token's signature does not hold")
)

// session opens a session and finds the key.
func (k *tokenKey) session() (session, error) {
	s, err := k.begin()
	if err == nil {
		return s, nil
	}
	if err := k.lib.restart(err); err != nil {
		return s, err
	}
	return k.begin()
}

func (k *tokenKey) begin() (s session, err error) {
	k.lib.use.RLock()
	defer k.lib.use.RUnlock()
	s.started = k.lib.started
	if s.handle, err = k.lib.login(k.uri, 0); err != nil {
		return s, err
	}
	s.key, err = k.lib.find(s.handle, pkcs11.CKO_PRIVATE_KEY, k.uri.Object, k.uri.ID)
	if err != nil {
		k.lib.CloseSession(s.handle)
	}
	return s, err
}
