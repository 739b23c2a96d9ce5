package envelope

import (
	"crypto/elliptic"
	"errors"
	"math/big"
	"testing"
)

func TestVerifyRefuses(t *testing.T) {
	ed, p256 := newSigner(t, "Ed25519"), newSigner(t, "P-256")
	const payload = `{"kind":"label.issued"}`
	last := func(p parts) parts { p.signature[63] ^= 1; return p }
	for _, tt := range []struct {
		name string
		p    parts
		key  Key
		want error
	}{
		{"another key of the kind", signed(t, ed.private, header("EdDSA", ed.key.id), payload), newSigner(t, "Ed25519").key, ErrKey},
		{"another kind of key", signed(t, ed.private, header("EdDSA", ed.key.id), payload), p256.key, ErrKey},
		{"no key", signed(t, ed.private, header("EdDSA", ed.key.id), payload), Key{}, ErrKey},
		{"ES256 on Ed25519", signed(t, ed.private, header("ES256", ed.key.id), payload), ed.key, ErrKey},
		{"EdDSA on P-256", signed(t, p256.private, header("EdDSA", p256.key.id), payload), p256.key, ErrKey},
		{"Ed25519 on P-256", signed(t, p256.private, header("Ed25519", p256.key.id), payload), p256.key, ErrKey},
		{"signed by another, EdDSA", signed(t, newSigner(t, "Ed25519").private, header("EdDSA", ed.key.id), payload), ed.key, ErrSignature},
		{"signed by another, ES256", signed(t, newSigner(t, "P-256").private, header("ES256", p256.key.id), payload), p256.key, ErrSignature},
		{"a bit of an EdDSA signature", last(signed(t, ed.private, header("EdDSA", ed.key.id), payload)), ed.key, ErrSignature},
		{"a bit of an Ed25519 signature", last(signed(t, ed.private, header("Ed25519", ed.key.id), payload)), ed.key, ErrSignature},
		{"a bit of an ES256 signature", last(signed(t, p256.private, header("ES256", p256.key.id), payload)), p256.key, ErrSignature},
		{"an ES256 signature of zeros", parts{header("ES256", p256.key.id), payload, make([]byte, 64)}, p256.key, ErrSignature},
		{"EdDSA renamed to Ed25519", parts{header("Ed25519", ed.key.id), payload, signed(t, ed.private, header("EdDSA", ed.key.id), payload).signature}, ed.key, ErrSignature},
		{"another payload", parts{header("EdDSA", ed.key.id), `{}`, signed(t, ed.private, header("EdDSA", ed.key.id), payload).signature}, ed.key, ErrSignature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := open(t, tt.p.token()).Verify(tt.key); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	if err := (Envelope{}).Verify(Key{}); !errors.Is(err, ErrKey) {
		t.Errorf("zero envelope, zero key: got %v, want %v", err, ErrKey)
	}
}

// An ES256 signature (r, s) is as good as (r, n-s), so that anybody can make a
// second token of a statement. Its identity must be the same.
func TestBothHalves(t *testing.T) {
	signer := newSigner(t, "P-256")
	p := signed(t, signer.private, header("ES256", signer.key.id), `{}`)
	one := open(t, p.token())
	s := new(big.Int).SetBytes(p.signature[32:])
	s.Sub(elliptic.P256().Params().N, s).FillBytes(p.signature[32:])
	other := open(t, p.token())
	if one.Token == other.Token {
		t.Fatal("got the same token twice, want two")
	}
	for _, e := range []Envelope{one, other} {
		if err := e.Verify(signer.key); err != nil {
			t.Errorf("got %v, want both halves accepted", err)
		}
	}
	if one, other := Identity(one.Token), Identity(other.Token); one != other {
		t.Errorf("identity: got %x and %x, want one", one, other)
	}
}
