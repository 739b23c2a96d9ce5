package verify

import (
	"maps"
	"slices"
	"time"
)

// An Entry is a statement as the log holds it.
type Entry struct {
	Index  int64     // its place in the log, from 0
	Logged time.Time // when the registry entered it, whole milliseconds; never before the entry before it
	Key    KeyID     // the key that signed it
	Statement
}

// Governance is what statements about no code amount to: the log's name, who
// may speak with which keys, and how the Memorandum stands.
type Governance struct {
	Origin  string
	Accord  Accord
	parties map[PartyID]Party
	keys    map[KeyID]partyKey
	said    []Entry
}

// A partyKey is a key and the time it counts for.
type partyKey struct {
	party       PartyID
	jwk         JWK
	from        time.Time // what it signs must not be made earlier
	counts      time.Time // what it signs must not be logged earlier
	retired     time.Time // what it signs must be logged earlier; zero: not retired
	compromised time.Time // what was logged at or after it is not trusted; zero: never
}

// recoveryDelay is how long a key that the operator adds to a party waits, so
// that the party can object before it counts.
const recoveryDelay = 7 * 24 * time.Hour

// foldRounds bounds the search of [FoldGovernance]. Two compromised keys that
// accuse each other cannot both have been in force, so it settles in a round for
// each link of a chain of compromises.
const foldRounds = 16

// FoldGovernance returns what the entries amount to, in log order. Entries that
// a compromised key signed, logged at or after the compromise, are left out,
// and so is whatever rests on them: also what such a key said of other keys.
func FoldGovernance(entries []Entry) *Governance {
	var g *Governance
	left := map[int64]bool{}
	for range foldRounds {
		g = &Governance{parties: map[PartyID]Party{}, keys: map[KeyID]partyKey{}, said: entries}
		for _, e := range entries {
			if !left[e.Index] && g.may(e, Record{}) && len(g.mayFollow(e)) == 0 {
				g.apply(e)
			}
		}
		untrusted := map[int64]bool{}
		for _, e := range entries {
			if e.Index != 0 && !g.Trusted(e) && !retiresItself(e) {
				untrusted[e.Index] = true
			}
		}
		if maps.Equal(left, untrusted) {
			break
		}
		left = untrusted
	}
	return g
}

// retiresItself reports whether a key says of itself that it is retired. A thief
// who says so harms nobody but himself, since it cannot say so of the past.
func retiresItself(e Entry) bool {
	b, ok := e.Body.(*RetiredKey)
	return ok && b.KeyID == e.Key
}

// Follow returns what g and e amount to. Whether e may follow is for
// [Governance.Admit] to say; g is not changed.
func (g *Governance) Follow(e Entry) *Governance {
	if b, ok := e.Body.(*RetiredKey); ok && b.Compromised {
		return FoldGovernance(append(slices.Clip(g.said), e))
	}
	next := &Governance{
		Origin: g.Origin, Accord: g.Accord,
		parties: maps.Clone(g.parties), keys: maps.Clone(g.keys),
		said: append(slices.Clip(g.said), e),
	}
	next.Accord.notices = slices.Clone(g.Accord.notices)
	if next.may(e, Record{}) && len(next.mayFollow(e)) == 0 {
		next.apply(e)
	}
	return next
}

// AsOf returns g as it was when the log was what k says.
func (g *Governance) AsOf(k Known) *Governance {
	if g == nil {
		return FoldGovernance(nil)
	}
	n := len(g.said)
	for n > 0 && !k.Includes(g.said[n-1]) {
		n--
	}
	if n == len(g.said) {
		return g
	}
	return FoldGovernance(g.said[:n])
}

// Entries returns the statements g was folded from, in log order.
func (g *Governance) Entries() []Entry { return g.said }

// Begun reports whether entry 0 is there.
func (g *Governance) Begun() bool { return g != nil && g.Origin != "" }

// Party returns the party of that id.
func (g *Governance) Party(id PartyID) (Party, bool) {
	p, ok := g.parties[id]
	return p, ok
}

// KeyOf returns the key of that id, in force or not, and whose it is.
func (g *Governance) KeyOf(id KeyID) (JWK, PartyID, bool) {
	k, ok := g.keys[id]
	return k.jwk, k.party, ok
}

// Trusted reports whether what e says counts: its key belongs to a party that
// was rightly enrolled, and e was not logged at or after the key's compromise.
func (g *Governance) Trusted(e Entry) bool {
	k, ok := g.keys[e.Key]
	return ok && (k.compromised.IsZero() || e.Logged.Before(k.compromised))
}

// may reports whether who signed e is who says it, in a role that may. Entry 0
// names its own key, and a kind that is not known has no roles here.
func (g *Governance) may(e Entry, r Record) bool {
	if e.Index == 0 || !e.Kind.Known() {
		return true
	}
	return g.keys[e.Key].party == e.By && len(May(g.parties[e.By], e.Statement, r)) == 0
}

// inForce notes why the key may not sign what is logged at e.Logged.
func (k partyKey) inForce(e Entry, faults *Faults) {
	if from := latest(k.from, k.counts); e.Made.Before(k.from) || e.Logged.Before(k.counts) {
		faults.add("kid", KeyNotYet, from.Format(time.RFC3339))
	}
	if !k.retired.IsZero() && !e.Logged.Before(k.retired) {
		faults.add("kid", KeyRetired, k.retired.Format(time.RFC3339))
	}
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// mayFollow says why a statement about no code may not follow what g knows.
func (g *Governance) mayFollow(e Entry) (faults Faults) {
	switch b := e.Body.(type) {
	case *Created:
		if g.Begun() {
			faults.add("kind", AlreadyBegun, "")
		}
	case *Enrolled:
		if _, used := g.parties[b.Party.ID]; used {
			faults.add("party.id", PartyInUse, string(b.Party.ID))
		}
		for i, k := range b.Party.Keys {
			g.unused(k, indexed("party.keys", i), &faults)
		}
	case *AddedKey:
		if _, ok := g.parties[b.Party]; !ok {
			faults.add("party", UnknownParty, string(b.Party))
		}
		g.unused(b.Key, "key", &faults)
	case *RetiredKey:
		if _, ok := g.parties[b.Party]; !ok {
			faults.add("party", UnknownParty, string(b.Party))
		} else if k, ok := g.keys[b.KeyID]; !ok || k.party != b.Party {
			faults.add("kid", KeyUnknown, "")
		} else if b.Compromised && retiresItself(e) && b.From.Before(e.Made) {
			// Or a thief could undo with the key all that was ever signed with it.
			faults.add("from", NotEarlier, e.Made.Format(time.RFC3339))
		} else if !k.retired.IsZero() && !k.retired.After(b.From) && (!b.Compromised || !k.compromised.IsZero() && !k.compromised.After(b.From)) {
			faults.add("kid", KeyRetired, k.retired.Format(time.RFC3339))
		}
	case *Noticed:
		trial := Accord{AccordTerms: g.Accord.AccordTerms, notices: slices.Clone(g.Accord.notices)}
		faults = trial.follow(e.Head, b)
	}
	return faults
}

func (g *Governance) unused(k JWK, field string, faults *Faults) {
	if _, used := g.keys[k.Thumbprint()]; used {
		faults.add(field, KeyInUse, string(k.Thumbprint()))
	}
}

// apply enters what may follow.
func (g *Governance) apply(e Entry) {
	switch b := e.Body.(type) {
	case *Created:
		g.Origin = e.Origin
		g.Accord = Accord{AccordTerms: b.Accord}
		g.enrol(b.Party)
	case *Enrolled:
		g.enrol(b.Party)
	case *AddedKey:
		k := partyKey{party: b.Party, jwk: b.Key, from: b.From}
		if e.By != b.Party {
			k.counts = e.Logged.Add(recoveryDelay)
		}
		g.keys[b.Key.Thumbprint()] = k
	case *RetiredKey:
		k := g.keys[b.KeyID]
		k.retired = earliest(k.retired, b.From)
		if b.Compromised {
			k.compromised = earliest(k.compromised, b.From)
		}
		g.keys[b.KeyID] = k
	case *Noticed:
		g.Accord.follow(e.Head, b)
	}
}

func (g *Governance) enrol(p Party) {
	g.parties[p.ID] = p
	for _, k := range p.Keys {
		g.keys[k.Thumbprint()] = partyKey{party: p.ID, jwk: k, from: p.From}
	}
}

// earliest returns the earlier of two instants, of which the zero one is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
