package eddsa

import (
	"sync"

	"filippo.io/edwards25519"
)

// A scalar is read as digits of so many bits; 43 of them hold its 253. With fewer
// there are more points to add, with more the table is large and slow to make.
const (
	width  = 6
	half   = 1 << (width - 1)
	digits = 43
)

// A table holds multiples of one point P, some 220 KB: t[i][j] is (j+1)·64^i·P. It
// is not changed once it is made.
type table [digits][half]edwards25519.Point

func newTable(p *edwards25519.Point) *table {
	t, step := new(table), new(edwards25519.Point).Set(p) // step is 64^i·P
	for i := range t {
		t[i][0].Set(step)
		for j := 1; j < half; j++ {
			t[i][j].Add(&t[i][j-1], step)
		}
		step.Double(&t[i][half-1])
	}
	return t
}

// addTo adds s·P to sum.
func (t *table) addTo(sum *edwards25519.Point, s *edwards25519.Scalar) {
	for i, d := range split(s) {
		switch {
		case d > 0:
			sum.Add(sum, &t[i][d-1])
		case d < 0:
			sum.Subtract(sum, &t[i][-d-1])
		}
	}
}

// split returns the digits of s, the least first: s is the sum of d[i]·64^i, and each
// d[i] is above -32 and at most 32.
func split(s *edwards25519.Scalar) (d [digits]int) {
	var b [33]byte // the least first
	copy(b[:], s.Bytes())
	carry := 0
	for i := range d {
		at := i * width
		d[i] = (int(b[at/8])|int(b[at/8+1])<<8)>>(at%8)&(1<<width-1) + carry
		carry = 0
		if d[i] > half {
			d[i] -= 1 << width
			carry = 1
		}
	}
	return d
}

// base returns the table of the base point.
var base = sync.OnceValue(func() *table { return newTable(edwards25519.NewGeneratorPoint()) })

// A key has a table once it has verified so many without: to make one takes as long
// as to verify some ten. So many tables are kept, some 14 MB: those made last.
const (
	worth = 64
	most  = 64
)

// held are the keys that have a table.
var held struct {
	sync.Mutex
	keys [most]*Key
	next int
}

// hold makes the table of k, and lets go of the one that came first; its key counts
// anew.
func hold(k *Key) {
	a, err := new(edwards25519.Point).SetBytes(k.public)
	if err != nil {
		return // NewKey has read it
	}
	made := newTable(a.Negate(a))
	held.Lock()
	defer held.Unlock()
	if first := held.keys[held.next]; first != nil {
		first.table.Store(nil)
		first.used.Store(0)
	}
	held.keys[held.next] = k
	held.next = (held.next + 1) % most
	k.table.Store(made)
}
