package envelope

import (
	"errors"
	"testing"
)

// TestBegun: what was not compared does not hold, and one that is wrong is none of
// another's business.
func TestBegun(t *testing.T) {
	signer, other := usedSigner(t), newSigner(t, "P-256")
	good := signed(t, signer.private, header("EdDSA", signer.key.id), `{}`)
	wrong := parts{good.header, `{"n":1}`, good.signature}
	p256 := signed(t, other.private, header("ES256", other.key.id), `{}`)
	var all []*Begun
	for _, p := range []parts{good, wrong, p256, good} {
		key := signer.key
		if p.header == p256.header {
			key = other.key
		}
		b, err := open(t, p.token()).Begin(key)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &b)
	}
	all = append(all, new(Begun))
	say := func(want ...error) {
		t.Helper()
		for i, b := range all {
			if err := b.Err(); !errors.Is(err, want[i]) {
				t.Errorf("%d: got %v, want %v", i, err, want[i])
			}
		}
	}
	say(ErrSignature, ErrSignature, nil, ErrSignature, ErrSignature)
	Compare(all...)
	say(nil, ErrSignature, nil, nil, ErrSignature)
}

// usedSigner is one of Ed25519 whose key has verified so many that it has a table.
func usedSigner(t *testing.T) *Signer {
	t.Helper()
	signer := newSigner(t, "Ed25519")
	token, err := signer.Seal([]byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	e := open(t, token)
	for range 1000 {
		b, err := e.Begin(signer.key)
		if err != nil {
			t.Fatal(err)
		}
		if b.Err() != nil { // it is still to be compared
			return signer
		}
	}
	t.Fatal("the key has no table")
	return nil
}
