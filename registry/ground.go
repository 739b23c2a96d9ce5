package registry

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"

	"tegata/verify"
	"tegata/verify/match"
)

// A Ground is what an answer rests on: how large the log was when it was worked
// out, and where an entry leaves its mark that may change it. The zero Ground
// never holds.
type Ground struct {
	size   int64
	places []uint32
}

// GroundOf returns what an answer about all that fits a query rests on, as of a log
// of that size: on which records fit, and on each of them, of which the facts may be
// later. The query names a number, model or GTIN, or nothing.
func (r *Registry) GroundOf(size int64, q Query, all ...verify.Facts) Ground {
	g := Ground{size: size}
	on := func(name string) { g.places = append(g.places, r.marks.place(name)) }
	for _, name := range []string{match.Number(q.Number), match.Model(q.Model), string(q.GTIN)} {
		if name != "" {
			on(name)
		}
	}
	for _, f := range all {
		on(string(f.Code))
		for _, e := range f.Entries {
			if b, ok := e.Body.(*verify.Issued); ok && b.Label.Basis.Declaration != "" {
				on(string(b.Label.Basis.Declaration))
			}
			for _, item := range verify.TradeItems(e.Statement) {
				on(string(item))
			}
		}
		for _, entries := range f.Related {
			on(string(entries[0].Code))
		}
	}
	slices.Sort(g.places)
	g.places = slices.Compact(g.places)
	return g
}

// HoldsOf reports whether an answer on the ground is that of a log of so many
// entries, which the registry's is or was: by then nothing was said that it depends
// on.
func (r *Registry) HoldsOf(g Ground, size int64) bool {
	return g.size > 0 && g.size == size || g.size < size && r.Holds(g)
}

// Holds reports whether the log has said nothing since that an answer on the
// ground depends on. Once an entry is acknowledged, no ground that it changes
// holds any more. That the clock goes on does not count here.
func (r *Registry) Holds(g Ground) bool {
	if r.marks.all.Load() > g.size {
		return false
	}
	for _, p := range g.places {
		if r.marks.of[p].Load() > g.size {
			return false
		}
	}
	return g.size > 0
}

// placesMost is how many places there are for marks. What shares a place with
// something else is worked out anew a few times too often, and never too late.
const placesMost = 1 << 18

// marks are what entries leave behind so that it can be told, without reading
// the log, which answers they may change: how large the log was with the batch of the
// last one that was about a code or named a trade item, number or model, and of the last
// one that reaches all. They are as many however many codes there are.
type marks struct {
	seed maphash.Seed
	all  atomic.Int64
	of   [placesMost]atomic.Int64
}

func newMarks() *marks { return &marks{seed: maphash.MakeSeed()} }

// place is where a code, a trade item, a number or a model has its mark.
func (m *marks) place(name string) uint32 {
	return uint32(maphash.String(m.seed, name) % placesMost)
}

// placesOf appends where an entry leaves its marks, of which these are the rows.
func (m *marks) placesOf(places []uint32, e logged, rows []row) []uint32 {
	if e.Code == "" {
		return places
	}
	places = append(places, m.place(string(e.Code)))
	for _, r := range rows {
		switch {
		case bytes.Equal(r.bucket, gtinBucket), bytes.Equal(r.bucket, modelBucket):
			places = append(places, m.place(r.key[:len(r.key)-len("\x00")-len(e.Code)]))
		case bytes.Equal(r.bucket, numberBucket): // as it is written it is looked up, see [match.Number]
			places = append(places, m.place(r.key[strings.IndexByte(r.key, 0)+1:]))
		}
	}
	return places
}

// entered leaves the marks of what a transaction entered. The writer does so before it
// shows the head with it.
func (m *marks) entered(b *writing) {
	size := b.next.head.Size
	for _, p := range b.marked {
		m.of[p].Store(size)
	}
	for _, index := range b.governing {
		if !b.next.governance.Adds(index) {
			m.all.Store(size)
		}
	}
}
