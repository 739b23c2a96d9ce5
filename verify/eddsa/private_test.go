package eddsa

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func TestSign(t *testing.T) {
	for i, seed := range []string{ // RFC 8032, section 7.1, tests 1 to 3
		"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	} {
		p := newPrivate(t, ed25519.NewKeyFromSeed(unhex(t, seed)))
		if got := p.Sign(unhex(t, rfc8032[i][1])); !bytes.Equal(got, unhex(t, rfc8032[i][2])) {
			t.Errorf("test %d: got %x, want %s", i+1, got, rfc8032[i][2])
		}
	}
}

// A second implementation: every key and message is signed as crypto/ed25519 signs it.
func TestSignAsTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := ed25519.NewKeyFromSeed(rapid.SliceOfN(rapid.Byte(), ed25519.SeedSize, ed25519.SeedSize).Draw(t, "seed"))
		message := rapid.SliceOfN(rapid.Byte(), 0, 700).Draw(t, "message")
		p, err := NewPrivate(key)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := p.Sign(message), ed25519.Sign(key, message); !bytes.Equal(got, want) {
			t.Fatalf("%x signs %x: got %x, want %x", key.Seed(), message, got, want)
		}
	})
}

func TestNewPrivateRefuses(t *testing.T) {
	_, one := generate(t)
	other, _ := generate(t)
	for name, key := range map[string]ed25519.PrivateKey{
		"empty":                  nil,
		"a seed alone":           ed25519.PrivateKey(one.Seed()),
		"the public half of two": ed25519.PrivateKey(append(one.Seed(), other...)),
	} {
		if p, err := NewPrivate(key); !errors.Is(err, ErrHalves) || p != nil {
			t.Errorf("%s: got %v, %v, want %v", name, p, err, ErrHalves)
		}
	}
}

// Who changes the bytes that a key was made of does not change the key, and many may
// sign with it at once.
func TestSignByManyAtOnce(t *testing.T) {
	public, private := generate(t)
	p := newPrivate(t, private)
	clear(private)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 50 {
				if message := make([]byte, i*n); !ed25519.Verify(public, message, p.Sign(message)) {
					t.Errorf("%d bytes: the signature does not hold", len(message))
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkSign(b *testing.B) {
	_, private := generate(b)
	message := make([]byte, 2300)
	p := newPrivate(b, private)
	b.Run("crypto/ed25519", func(b *testing.B) {
		for b.Loop() {
			ed25519.Sign(private, message)
		}
	})
	b.Run("here", func(b *testing.B) {
		for b.Loop() {
			p.Sign(message)
		}
	})
}

func newPrivate(t testing.TB, key ed25519.PrivateKey) *Private {
	t.Helper()
	p, err := NewPrivate(key)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
