package eddsa

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"filippo.io/edwards25519"
)

// RFC 8032, section 7.1, tests 1 to 3: key, message, signature.
var rfc8032 = [][3]string{
	{"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
	{"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	{"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
}

func TestVerify(t *testing.T) {
	for _, v := range rfc8032 {
		public, message, signature := unhex(t, v[0]), unhex(t, v[1]), unhex(t, v[2])
		k := withTable(t, public)
		if !k.Verify(message, signature) {
			t.Errorf("%s: does not verify", v[0])
		}
		for i := range len(signature) * 8 {
			other := bytes.Clone(signature)
			other[i/8] ^= 1 << (i % 8)
			if k.Verify(message, other) {
				t.Errorf("%s: verifies with bit %d changed", v[0], i)
			}
		}
		for _, other := range [][]byte{nil, signature[:63], append(bytes.Clone(signature), 0)} {
			if k.Verify(message, other) {
				t.Errorf("%s: verifies with %d bytes", v[0], len(other))
			}
		}
		if k.Verify(append(message, 0), signature) {
			t.Errorf("%s: verifies another message", v[0])
		}
	}
}

// Of keys that have a part of low order, implementations say different things: one
// that multiplies by eight first takes what this one does not. The answer is to be
// that of crypto/ed25519 for every message, before there is a table and after it.
func TestVerifyAsTheStandardLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 32))
	low := lowOrder(t)
	var yes, no int
	for range 40 {
		secret, public := oddKey(random, low)
		plain, tabled := newKey(t, public), withTable(t, public)
		for range 50 {
			message := []byte{byte(random.Uint32()), byte(random.Uint32())}
			signature := oddSignature(t, random, low, secret, public, message)
			want := ed25519.Verify(public, message, signature)
			if got := tabled.Verify(message, signature); got != want {
				t.Fatalf("%x of %x by %x with a table: got %v, want %v", signature, message, public, got, want)
			}
			if got := plain.Verify(message, signature); got != want {
				t.Fatalf("%x of %x by %x: got %v, want %v", signature, message, public, got, want)
			}
			if want {
				yes++
			} else {
				no++
			}
		}
	}
	if yes < 100 || no < 100 {
		t.Errorf("%d verified and %d did not: want many of both", yes, no)
	}
}

// oddKey is one that has a part of low order, mostly.
func oddKey(random *rand.Rand, low []*edwards25519.Point) (secret *edwards25519.Scalar, public []byte) {
	secret = randomScalar(random)
	a := new(edwards25519.Point).ScalarBaseMult(secret)
	return secret, a.Add(a, low[random.IntN(len(low))]).Bytes()
}

// oddSignature is one whose R has such a part, mostly, and whose S is too large, at times.
func oddSignature(t *testing.T, random *rand.Rand, low []*edwards25519.Point, secret *edwards25519.Scalar, public, message []byte) []byte {
	r := randomScalar(random)
	point := new(edwards25519.Point).ScalarBaseMult(r)
	point.Add(point, low[random.IntN(len(low))])
	signature := append(point.Bytes(), r.MultiplyAdd(challenge(t, point.Bytes(), public, message), secret, r).Bytes()...)
	if random.IntN(8) == 0 { // S + L: written a second way, where it fits
		signature = append(signature[:32], plusOrder(signature[32:])...)
	}
	return signature
}

func FuzzVerify(f *testing.F) {
	for _, v := range rfc8032 {
		f.Add(unhex(f, v[0]), unhex(f, v[1]), unhex(f, v[2]))
	}
	good, said, signed := withTable(f, unhex(f, rfc8032[2][0])), unhex(f, rfc8032[2][1]), unhex(f, rfc8032[2][2])
	f.Fuzz(func(t *testing.T, public, message, signature []byte) {
		k, err := NewKey(public)
		if err != nil {
			return
		}
		want := ed25519.Verify(public, message, signature)
		if got := k.Verify(message, signature); got != want {
			t.Errorf("without a table: got %v, want %v", got, want)
		}
		hold(k)
		if got := k.Verify(message, signature); got != want {
			t.Errorf("with a table: got %v, want %v", got, want)
		}
		before, b, after := good.Begin(said, signed), k.Begin(message, signature), good.Begin(said, signed)
		if Compare(&before, &b, &after); b.Holds() != want || !before.Holds() || !after.Holds() {
			t.Errorf("between two that hold: got %v, want %v; those are said to: %v, %v", b.Holds(), want, before.Holds(), after.Holds())
		}
	})
}

func TestNewKeyRefuses(t *testing.T) {
	for name, public := range map[string][]byte{
		"empty":               nil,
		"short":               make([]byte, 31),
		"long":                append(unhex(t, rfc8032[0][0]), 0),
		"off the curve":       append([]byte{2}, make([]byte, 31)...),
		"y = p + 1":           unhex(t, "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
		"x = 0 with the sign": unhex(t, "0100000000000000000000000000000000000000000000000000000000000080"),
	} {
		if k, err := NewKey(public); !errors.Is(err, ErrPoint) || k != nil {
			t.Errorf("%s: got %v, %v, want %v", name, k, err, ErrPoint)
		}
	}
}

// Who changes the bytes that a key was made of does not change the key.
func TestKeyIsItsOwn(t *testing.T) {
	public, private := generate(t)
	k := newKey(t, public)
	public[0] ^= 1
	if !bytes.Equal(k.Public(), private.Public().(ed25519.PublicKey)) {
		t.Error("the key has changed")
	}
}

func TestVerifyByManyAtOnce(t *testing.T) {
	public, private := generate(t)
	message := []byte("said")
	signature := ed25519.Sign(private, message)
	k := newKey(t, public)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range worth {
				if !k.Verify(message, signature) || k.Verify(message[1:], signature) {
					t.Error("wrong")
				}
			}
		})
	}
	all.Wait()
	if k.table.Load() == nil {
		t.Error("no table was made")
	}
}

func BenchmarkVerify(b *testing.B) {
	public, private := generate(b)
	message := make([]byte, 1200)
	signature := ed25519.Sign(private, message)
	k := withTable(b, public)
	b.Run("crypto/ed25519", func(b *testing.B) {
		for b.Loop() {
			if !ed25519.Verify(public, message, signature) {
				b.Fatal("refused")
			}
		}
	})
	b.Run("table", func(b *testing.B) {
		for b.Loop() {
			if !k.Verify(message, signature) {
				b.Fatal("refused")
			}
		}
	})
	b.Run("table, 100 at once", func(b *testing.B) { // the time of each
		var all [100]Begun
		var which []*Begun
		for i := range all {
			which = append(which, &all[i])
		}
		for b.Loop() {
			for i := range all {
				all[i] = k.Begin(message, signature)
			}
			Compare(which...)
			for i := range all {
				if !all[i].Holds() {
					b.Fatal("refused")
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/signature")
	})
	b.Run("make the table", func(b *testing.B) {
		for b.Loop() {
			hold(k)
		}
	})
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func generate(t testing.TB) (ed25519.PublicKey, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return public, private
}

func newKey(t testing.TB, public []byte) *Key {
	t.Helper()
	k, err := NewKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func withTable(t testing.TB, public []byte) *Key {
	t.Helper()
	k := newKey(t, public)
	hold(k)
	return k
}

// lowOrder returns the eight points whose order divides 8.
func lowOrder(t *testing.T) []*edwards25519.Point {
	t.Helper()
	eighth, err := new(edwards25519.Point).SetBytes(unhex(t, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))
	if err != nil {
		t.Fatal(err)
	}
	points := []*edwards25519.Point{edwards25519.NewIdentityPoint()}
	for range 7 {
		points = append(points, new(edwards25519.Point).Add(points[len(points)-1], eighth))
	}
	return points
}

func challenge(t *testing.T, r, public, message []byte) *edwards25519.Scalar {
	t.Helper()
	hash := sha512.Sum512(bytes.Join([][]byte{r, public, message}, nil))
	k, err := new(edwards25519.Scalar).SetUniformBytes(hash[:])
	if err != nil {
		t.Fatal(err)
	}
	return k
}
