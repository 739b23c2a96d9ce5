package verify

import (
	"slices"
	"time"
)

// A Reach is how far a statement about no code reaches into what was said before
// it: whose answers it may change.
type Reach struct {
	All  bool                // every answer: the Memorandum's dates are others
	Keys map[KeyID]time.Time // what these keys signed, logged at the instant or later, may count otherwise
}

// Reach returns how far the statement about no code reaches that the log has at
// the index. What governs with it is compared with what governs without it, so
// that what follows is found too: a compromised key may have brought in others,
// or have said of others that they are compromised.
func (g *Governance) Reach(index int64) (r Reach) {
	said, doubted := g.upTo(index)
	if said == nil || index == 0 { // before entry 0 nothing was said
		return Reach{}
	}
	if !doubted { // then a statement only adds to those before it
		return Reach{All: said.Kind == AccordNoticed}
	}
	before, after := g.AsOf(Known{Size: index}), g.AsOf(Known{Size: index + 1})
	r = Reach{Keys: map[KeyID]time.Time{}}
	r.All = before.Accord.AccordTerms != after.Accord.AccordTerms || !slices.Equal(before.Accord.notices, after.Accord.notices)
	for id := range before.keys {
		r.key(id, before, after)
	}
	for id := range after.keys {
		if _, both := before.keys[id]; !both && before.heardOf(id) {
			r.key(id, before, after)
		}
	}
	return r
}

// Adds reports whether the statement about no code that the log has at the index
// only adds to what was said before it, and so reaches nothing. It is quicker than
// [Governance.Reach], and says false also where only that can tell: after a key was
// said to be compromised.
func (g *Governance) Adds(index int64) bool {
	said, doubted := g.upTo(index)
	return said != nil && !doubted && said.Kind != AccordNoticed
}

// upTo returns the entry of that index, and whether it or one before it says
// that a key is compromised.
func (g *Governance) upTo(index int64) (said *Entry, doubted bool) {
	for i := range g.said {
		e := &g.said[i]
		if e.Index > index {
			break
		}
		b, ok := e.Body.(*RetiredKey)
		doubted = doubted || ok && b.Compromised
		if e.Index == index {
			said = e
		}
	}
	return said, doubted
}

// key notes a key whose statements may count otherwise.
func (r *Reach) key(id KeyID, before, after *Governance) {
	a, in := before.keys[id]
	b, still := after.keys[id]
	p, q := before.parties[a.party], after.parties[b.party]
	switch {
	case in != still, a.party != b.party, p.Role != q.Role, p.Jurisdiction != q.Jurisdiction:
		r.Keys[id] = time.Time{}
	case !a.compromised.Equal(b.compromised):
		r.Keys[id] = a.compromised
		if a.compromised.IsZero() || !b.compromised.IsZero() && b.compromised.Before(a.compromised) {
			r.Keys[id] = b.compromised
		}
	}
}

// heardOf reports whether a statement handed out the key, though it is not in
// force: only then can it have signed what is in the log.
func (g *Governance) heardOf(id KeyID) bool {
	for _, e := range g.said {
		var keys []JWK
		switch b := e.Body.(type) {
		case *Created:
			keys = b.Party.Keys
		case *Enrolled:
			keys = b.Party.Keys
		case *AddedKey:
			keys = []JWK{b.Key}
		}
		for _, k := range keys {
			if k.Thumbprint() == id {
				return true
			}
		}
	}
	return false
}
