package eddsa

import (
	"bytes"
	"crypto/ed25519"
	"math/rand/v2"
	"testing"
)

// However many are compared at once, and in whichever order, each is answered as it is
// alone, and as crypto/ed25519 answers: good ones and wrong ones, of keys with a table
// and without, and those of which implementations say different things.
func TestCompare(t *testing.T) {
	random := rand.New(rand.NewPCG(25, 519))
	low := lowOrder(t)
	type signed struct {
		*Key
		message, signature []byte
		want               bool
	}
	var all []signed
	for n := range 16 {
		parts := low
		if n%2 == 0 {
			parts = low[:1] // that is none
		}
		secret, public := oddKey(random, parts)
		k := newKey(t, public)
		if n%4 < 2 {
			hold(k)
		} else {
			k.used.Store(worth) // it comes to none any more
		}
		for m := range 20 {
			message := []byte{byte(n), byte(m)}
			signature := oddSignature(t, random, parts, secret, public, message)
			switch m % 5 {
			case 0:
				signature[random.IntN(64)] ^= 1 << random.IntN(8)
			case 1:
				message = append(message, 0)
			case 2:
				if m > 15 {
					signature = signature[:random.IntN(64)]
				}
			}
			all = append(all, signed{k, message, signature, ed25519.Verify(public, message, signature)})
		}
	}
	var seen [2][2]int // with a table, holds
	for n := range 200 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		some := all[:min(n, len(all))]
		begun := make([]Begun, len(some))
		var which []*Begun
		for i, s := range some {
			begun[i] = s.Begin(bytes.Clone(s.message), bytes.Clone(s.signature))
			which = append(which, &begun[i])
		}
		Compare(which...)
		for i, s := range some {
			if got, alone := begun[i].Holds(), s.Verify(s.message, s.signature); got != s.want || alone != s.want {
				t.Fatalf("%d of %d, %x of %x by %x: got %v, alone %v, want %v", i, n, s.signature, s.message, s.Public(), got, alone, s.want)
			}
			table, holds := 0, 0
			if s.table.Load() != nil {
				table = 1
			}
			if s.want {
				holds = 1
			}
			seen[table][holds]++
		}
	}
	for _, n := range append(seen[0][:], seen[1][:]...) {
		if n < 500 {
			t.Errorf("compared %v, want many of every kind", seen)
		}
	}
}

// What was not compared does not hold, and what was may be again.
func TestHolds(t *testing.T) {
	public, private := generate(t)
	message := []byte("said")
	b := withTable(t, public).Begin(message, ed25519.Sign(private, message))
	if b.Holds() {
		t.Error("it holds before it was compared")
	}
	for range 2 {
		if Compare(&b); !b.Holds() {
			t.Error("it does not hold")
		}
	}
	var none Begun
	if Compare(&none); none.Holds() {
		t.Error("one that was not begun holds")
	}
}

// A Z of 0 comes of no signature. Were there one, it would say nothing about others,
// and not hold itself: not even where R is of zeros, as is what is divided by it then.
func TestCompareNothing(t *testing.T) {
	public, private := generate(t)
	message := []byte("said")
	k := withTable(t, public)
	for at := range 3 {
		var all [3]Begun
		for i := range all {
			all[i] = k.Begin(message, ed25519.Sign(private, message))
		}
		all[at].sum.z.Zero()
		all[at].r = [32]byte{}
		Compare(&all[0], &all[1], &all[2])
		for i := range all {
			if got, want := all[i].Holds(), i != at; got != want {
				t.Errorf("%d, where Z of %d is 0: got %v, want %v", i, at, got, want)
			}
		}
	}
}
