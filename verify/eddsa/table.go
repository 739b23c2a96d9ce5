package eddsa

import (
	"sync"

	"filippo.io/edwards25519"
)

// A scalar, of at most 253 bits, is read as its 32 bytes. With digits of fewer bits there
// are more points to add, with more the table is large and slow to make.
const (
	digits = 32
	half   = 1 << 7
)

// A table holds multiples of one point P, some 490 KB: t[i][j] is (j+1)·256^i·P. It
// is not changed once it is made.
type table [digits][half]affine

func newTable(p *edwards25519.Point) *table {
	t, step := new(table), new(edwards25519.Point).Set(p) // step is 256^i·P
	var row [half]edwards25519.Point
	for i := range t {
		row[0].Set(step)
		for j := 1; j < half; j++ {
			row[j].Add(&row[j-1], step)
		}
		setAll(t[i][:], row[:])
		step.Double(&row[half-1])
	}
	return t
}

// addTo adds s·P to sum. The multiples are fetched first, all at once: they lie far apart,
// and to wait for each by itself takes half as long as adding it.
func (t *table) addTo(sum *sum, s *edwards25519.Scalar) {
	d := split(s)
	var of [digits]affine
	for i, d := range d {
		switch {
		case d > 0:
			of[i] = t[i][d-1]
		case d < 0:
			of[i] = t[i][-d-1]
		}
	}
	for i, d := range d {
		if d != 0 {
			sum.add(&of[i], d < 0)
		}
	}
}

// split returns the digits of s, the least first: s is the sum of d[i]·256^i, and each
// d[i] is above -128 and at most 128.
func split(s *edwards25519.Scalar) (d [digits]int) {
	carry := 0
	for i, b := range s.Bytes() {
		d[i] = int(b) + carry
		carry = 0
		if d[i] > half {
			d[i] -= 2 * half
			carry = 1
		}
	}
	return d
}

// base returns the table of the base point.
var base = sync.OnceValue(func() *table { return newTable(edwards25519.NewGeneratorPoint()) })

// A key has a table once it has verified so many without: to make one takes as long
// as to verify some thirty. So many tables are kept, some 16 MB: those made last.
const (
	worth = 128
	most  = 32
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
