package eddsa

import (
	"crypto/ed25519"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// order is that of the base point: 2^252 + 27742317777372353535851937790883648493.
var order, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

func TestSplit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		s := randomScalar(random)
		sum := new(big.Int)
		for i, d := range split(s) {
			if d <= -half || d > half {
				t.Fatalf("digit %d of %x: got %d", i, s.Bytes(), d)
			}
			sum.Add(sum, new(big.Int).Lsh(big.NewInt(int64(d)), uint(i*8)))
		}
		if want := number(s.Bytes()); sum.Cmp(want) != 0 {
			t.Fatalf("got %v, want %v", sum, want)
		}
	}
}

// Multiples by the table are those of the library, of the largest and smallest too, and
// of points that come to nothing after a few.
func TestAddTo(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	one := scalar(big.NewInt(1))
	scalars := []*edwards25519.Scalar{edwards25519.NewScalar(), one, new(edwards25519.Scalar).Negate(one), scalar(big.NewInt(half)), scalar(big.NewInt(half + 1))}
	for range 200 {
		scalars = append(scalars, randomScalar(random))
	}
	for _, p := range append(lowOrder(t), new(edwards25519.Point).ScalarBaseMult(randomScalar(random))) {
		t1 := newTable(p)
		for _, s := range scalars {
			got := newSum()
			t1.addTo(&got, one)
			t1.addTo(&got, s)
			inverse := new(field.Element).Invert(&got.z)
			want := new(edwards25519.Point).ScalarMult(s, p)
			if want.Add(want, p); got.bytes(inverse) != [32]byte(want.Bytes()) {
				t.Errorf("%x of %x: got %x, want %x", s.Bytes(), p.Bytes(), got.bytes(inverse), want.Bytes())
			}
		}
	}
}

// However many keys verify, so many tables are held at most, and who lost its table
// verifies as before and comes to one again.
func TestTablesAreBounded(t *testing.T) {
	message := []byte("said")
	type pair struct {
		*Key
		signature []byte
	}
	var all []pair
	use := func(p pair) {
		for range worth {
			if !p.Verify(message, p.signature) || p.Verify(nil, p.signature) {
				t.Fatal("wrong")
			}
		}
	}
	for range most + 3 {
		public, private := generate(t)
		p := pair{newKey(t, public), ed25519.Sign(private, message)}
		all = append(all, p)
		use(p)
	}
	have := func() (n int) {
		for _, p := range all {
			if p.table.Load() != nil {
				n++
			}
		}
		return n
	}
	if all[2].table.Load() != nil || all[3].table.Load() == nil || have() != most {
		t.Errorf("%d of %d keys have a table, want the last %d", have(), len(all), most)
	}
	if use(all[0]); all[0].table.Load() == nil || have() != most {
		t.Errorf("after the first was used again %d have one", have())
	}
}

func randomScalar(random *rand.Rand) *edwards25519.Scalar {
	n := new(big.Int)
	for range 8 {
		n.Or(n.Lsh(n, 64), new(big.Int).SetUint64(random.Uint64()))
	}
	return scalar(n.Mod(n, order))
}

func scalar(n *big.Int) *edwards25519.Scalar {
	s, err := new(edwards25519.Scalar).SetCanonicalBytes(little(n))
	if err != nil {
		panic(err)
	}
	return s
}

// number reads bytes, the least first, and little writes 32 of them.
func number(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

func little(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

// plusOrder writes the scalar in b with the order added to it, which is the same
// number and must not be taken for it.
func plusOrder(b []byte) []byte { return little(new(big.Int).Add(number(b), order)) }
