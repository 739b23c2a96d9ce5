package registry

import (
	"sync"
	"sync/atomic"

	"tegata/verify"
)

// Limits of what is kept folded: codes, and statements about all of them.
const (
	foldedMost  = 2048
	foldedSaid  = 16 << 10
	generations = 2
)

// folded keeps the facts of codes asked about lately, checked and folded, until
// the log says something that they rest on: what is worked out per record is not
// worked out per request. They were checked against the head they were read at,
// which later heads contain.
type folded struct {
	mu   sync.Mutex
	kept [generations]map[verify.Code]grounded // those asked about last come first
	said int                                   // statements in the first

	hits, misses atomic.Int64
}

// Kept is how often facts were kept when a code was asked about, and how often they
// were read.
func (r *Registry) Kept() (hits, misses int64) {
	return r.folded.hits.Load(), r.folded.misses.Load()
}

// grounded are facts and what they rest on.
type grounded struct {
	facts  verify.Facts
	ground Ground
}

// kept returns the facts about a code at a head, if they are kept.
func (r *Registry) kept(s *state, code verify.Code) (g grounded, ok bool) {
	g, ok = r.folded.of(code)
	if !ok || g.ground.size > s.head.Size || !r.Holds(g.ground) {
		r.folded.misses.Add(1)
		return grounded{}, false
	}
	r.folded.hits.Add(1)
	g.facts.Governance, g.facts.Log = s.governance, r.headOf(s)
	return g, true
}

func (k *folded) of(code verify.Code) (g grounded, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if g, ok = k.kept[0][code]; ok {
		return g, true
	}
	if g, ok = k.kept[1][code]; ok {
		k.put(code, g) // it is asked about again
	}
	return g, ok
}

func (k *folded) keep(g grounded) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if had, ok := k.kept[0][g.facts.Code]; ok {
		if had.ground.size > g.ground.size {
			return
		}
		k.said -= had.facts.Statements()
	}
	k.put(g.facts.Code, g)
}

// put keeps facts as those asked about last. Where there are too many, those that
// were not asked about since the time before go.
func (k *folded) put(code verify.Code, g grounded) {
	if said := g.facts.Statements(); k.kept[0] == nil || len(k.kept[0]) >= foldedMost/generations || k.said+said > foldedSaid/generations {
		k.kept[0], k.kept[1], k.said = map[verify.Code]grounded{}, k.kept[0], 0
	}
	k.kept[0][code] = g
	k.said += g.facts.Statements()
}
