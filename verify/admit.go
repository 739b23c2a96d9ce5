package verify

import (
	"fmt"
	"slices"
	"time"
)

const (
	madeAhead  = 5 * time.Minute     // made is at most this long after logged
	madeBehind = 30 * 24 * time.Hour // and at most this long before
)

// Admit says what stands against entering e after all that g and r know: every
// fault there is. r is the record of the code that e is about, and the zero
// Record where e is about none or begins one. What only an index can tell, that
// an id or a number is taken, is for the store to add.
//
// Where there is no fault, the first result is the record that follows r.
func (g *Governance) Admit(r Record, e Entry) (Record, Faults) {
	var faults Faults
	if !g.Begun() {
		return g.admitFirst(e)
	}
	if e.Origin != g.Origin {
		faults.add("origin", WrongOrigin, g.Origin)
	}
	inTime(e, &faults)
	k, p := g.keys[e.Key], g.parties[e.By]
	k.inForce(e, &faults)
	switch {
	case k.party != e.By:
		faults.add("by", WrongParty, string(k.party))
	case e.Made.Before(p.From):
		faults.add("made", KeyNotYet, p.From.Format(time.RFC3339))
	}
	faults = append(faults, May(p, e.Statement, r)...)
	if last := g.lastMade(r, e); e.Made.Before(last) {
		faults.add("made", MadeBefore, last.Format(time.RFC3339))
	}
	if !e.Kind.AboutCode() {
		return Record{}, append(faults, g.mayFollow(e)...)
	}
	next, more := r.Apply(e)
	return next, append(faults, more...)
}

// admitFirst takes nothing but registry.created, signed with a key it names.
func (g *Governance) admitFirst(e Entry) (Record, Faults) {
	var faults Faults
	b, ok := e.Body.(*Created)
	if !ok || e.Index != 0 {
		faults.add("kind", NotBegun, string(RegistryCreated))
		return Record{}, faults
	}
	inTime(e, &faults)
	if !slices.ContainsFunc(b.Party.Keys, func(k JWK) bool { return k.Thumbprint() == e.Key }) {
		faults.add("party.keys", KeyUnknown, "")
	}
	return Record{}, faults
}

// inTime notes a statement that is said to be made too long before or after it
// is logged.
func inTime(e Entry, faults *Faults) {
	if e.Made.After(e.Logged.Add(madeAhead)) {
		faults.add("made", MadeAhead, e.Logged.UTC().Format(time.RFC3339))
	}
	if e.Made.Before(e.Logged.Add(-madeBehind)) {
		faults.add("made", MadeLate, e.Logged.UTC().Format(time.RFC3339))
	}
}

// lastMade is when the party of e last said something about the same code, or
// about no code.
func (g *Governance) lastMade(r Record, e Entry) (last time.Time) {
	if e.Kind.AboutCode() {
		return r.lastMade(e.By)
	}
	for _, earlier := range g.said {
		if earlier.By == e.By && g.Trusted(earlier) {
			last = latest(last, earlier.Made)
		}
	}
	return last
}

// May says why party p may not say s about the record r: nobody writes in
// another's place.
func May(p Party, s Statement, r Record) (faults Faults) {
	if !slices.Contains(kinds[s.Kind].roles, p.Role) {
		faults.add("by", WrongRole, list(kinds[s.Kind].roles))
	}
	switch b := s.Body.(type) {
	case *AddedKey:
		p.mayManage(b.Party, &faults)
	case *RetiredKey:
		p.mayManage(b.Party, &faults)
	case *Taken:
		if b.Territory != "" && b.Territory.Country() != p.Jurisdiction {
			faults.add("territory", NotTerritory, list(territoriesOf(p.Jurisdiction)))
		}
	case *Withheld, *Restored:
		// MoC 3(3): "discontent with the decision of the other Participant".
		if r.Begun() && r.Scheme.Home() == p.Jurisdiction {
			faults.add("by", WrongSide, string(other(p.Jurisdiction)))
		}
	case *Issued, *Extended, *Amended, *StatusSaid, *Practised, *Published, *SupportExtended, *LinkAmended, *Withdrawn:
		if r.Begun() && r.By != p.ID {
			faults.add("by", NotOwner, string(r.By))
		}
	}
	return faults
}

// mayManage notes a party that manages the keys of another. The operator may,
// to help a party that has lost its own.
func (p Party) mayManage(other PartyID, faults *Faults) {
	if p.ID != other && p.Role != Operator {
		faults.add("party", NotOwner, string(other))
	}
}

func territoriesOf(c Country) []Territory {
	if c == JP {
		return []Territory{TerritoryJP}
	}
	return []Territory{TerritoryGB, TerritoryGBNIR, TerritoryUK}
}

func other(c Country) Country {
	if c == JP {
		return GB
	}
	return JP
}

func indexed(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
