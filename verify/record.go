package verify

import (
	"slices"
	"time"
)

// A Record is what the statements about one code amount to, with their history.
// The zero Record is that of a code nothing was said about.
//
// It answers for any instant, since everything in it keeps the instant from
// which it counts; what was known earlier is asked of a record folded from the
// entries that were there then.
type Record struct {
	Code        Code
	Scheme      Scheme
	By          PartyID      // who said the first statement: the issuer or the maker
	Label       *Label       // as issued, of a JC-STAR label
	Declaration *Declaration // as published, of a statement of compliance
	Untrusted   bool         // no first statement is signed by a key that can be trusted
	NotKnown    bool         // something was said in a kind this program does not know
	History     []Said       // every statement, in log order

	issuedAt     time.Time // first instant of the first day
	ends         []end
	amendments   []amendment
	statuses     []status
	practices    []from[Practised]
	observations []Observation
	measures     []Measure
	withholdings []withholding
}

// Said is a statement of a record's history, and how it counts.
type Said struct {
	Entry
	Counts Counting
}

// A Counting says whether a statement counts in its record.
type Counting string

const (
	Counted      Counting = "counted"
	LeftOut      Counting = "left_out"       // signed with a compromised key
	Struck       Counting = "struck"         // corrected by a later one
	KindNotKnown Counting = "kind_not_known" // of a kind this program does not know
	CannotFollow Counting = "cannot_follow"  // what it rests on was left out, or whoever said it may not
)

type from[T any] struct {
	at   time.Time
	what *T
}

// end is a last day that counts from an instant on.
type end struct {
	at      time.Time
	day     Date
	past    time.Time // first instant after day; zero where there is no day
	support *Support  // for declarations
}

type amendment struct {
	at    time.Time
	label *Amended
	link  *LinkAmended
}

type status struct {
	id     string
	at     time.Time
	struck bool
	*StatusSaid
}

type withholding struct {
	by           PartyID
	at, restored time.Time // restored: zero while it stands
}

// A Measure is a measure and the time it applies.
type Measure struct {
	Taken
	By     PartyID
	Starts time.Time // first instant of From in the territory's zone
	Lifted time.Time // first instant it no longer applies; zero: none
}

// In reports whether the measure applies at t.
func (m Measure) In(t time.Time) bool {
	return !t.Before(m.Starts) && (m.Lifted.IsZero() || t.Before(m.Lifted))
}

// An Observation is what a watcher found, and when.
type Observation struct {
	Observed
	At time.Time
}

// Begun reports whether there is a first statement, trusted or not.
func (r *Record) Begun() bool { return r.Scheme != "" }

// FoldRecord returns the record that the entries of one code amount to, in log
// order. What a compromised key signed is left out; where it is the first
// statement, the record is untrusted.
func FoldRecord(entries []Entry, g *Governance) Record {
	var r Record
	for _, e := range entries {
		if !g.Trusted(e) {
			r.leaveOut(e)
		} else if !g.may(e, r) || len(r.follow(e)) > 0 {
			r.History = append(r.History, Said{e, CannotFollow})
		}
	}
	return r
}

// Apply returns the record that follows r once e is said, or says why e may not
// follow. It is the only place where the meaning of a statement about a code is
// written down: the registry, the auditor and the offline verifier all fold
// with it. Apply does not change r.
func (r Record) Apply(e Entry) (Record, Faults) {
	next := r
	next.History = slices.Clip(r.History)
	next.ends = slices.Clip(r.ends)
	next.amendments = slices.Clip(r.amendments)
	next.statuses = slices.Clone(r.statuses)
	next.practices = slices.Clip(r.practices)
	next.observations = slices.Clip(r.observations)
	next.measures = slices.Clone(r.measures)
	next.withholdings = slices.Clone(r.withholdings)
	if faults := next.follow(e); len(faults) > 0 {
		return r, faults
	}
	return next, nil
}

// leaveOut notes a statement that a compromised key signed.
func (r *Record) leaveOut(e Entry) {
	if e.Kind.First() && !r.Begun() {
		r.begin(e)
		r.Untrusted = true
	}
	r.History = append(r.History, Said{e, LeftOut})
}

func (r *Record) begin(e Entry) {
	r.Code, r.By = e.Code, e.By
	switch b := e.Body.(type) {
	case *Issued:
		r.Scheme, r.Label = JCSTAR, &b.Label
		r.addEnd(time.Time{}, b.Label.Expires, nil)
	case *Published:
		r.Scheme, r.Declaration = PSTI, &b.Declaration
		r.addEnd(time.Time{}, b.Declaration.Support.End, &b.Declaration.Support)
	}
	r.issuedAt = r.Issued().Start(r.Zone())
	r.Untrusted = false
}

// addEnd enters a last day that counts from at on.
func (r *Record) addEnd(at time.Time, day Date, support *Support) {
	e := end{at: at, day: day, support: support}
	if !day.IsZero() {
		e.past = day.End(r.Zone())
	}
	r.ends = append(r.ends, e)
}

// follow enters e where it may follow, and leaves r as it is where it may not.
func (r *Record) follow(e Entry) Faults {
	faults := r.mayFollow(e)
	if len(faults) > 0 {
		return faults
	}
	counts := Counted
	switch b := e.Body.(type) {
	case *Issued, *Published:
		if r.Untrusted {
			r.ends = slices.DeleteFunc(slices.Clone(r.ends), func(x end) bool { return x.at.IsZero() })
		}
		r.begin(e)
		slices.SortStableFunc(r.ends, func(a, b end) int { return a.at.Compare(b.at) })
	case *Extended:
		r.addEnd(e.Made, b.Expires, nil)
	case *SupportExtended:
		r.addEnd(e.Made, b.Support.End, &b.Support)
	case *Amended:
		r.amendments = append(r.amendments, amendment{at: e.Made, label: b})
	case *LinkAmended:
		r.amendments = append(r.amendments, amendment{at: e.Made, link: b})
	case *StatusSaid:
		r.strike(b.Corrects)
		r.statuses = append(r.statuses, status{e.ID, b.From.Start(Tokyo), false, b})
	case *Withdrawn:
		r.statuses = append(r.statuses, status{e.ID, b.From.Start(London), false, &StatusSaid{Status: StandsWithdrawn, From: b.From, Reason: b.Reason}})
	case *Practised:
		r.practices = append(r.practices, from[Practised]{b.From.Start(Tokyo), b})
	case *Observed:
		r.observations = append(r.observations, Observation{*b, e.Made})
	case *Taken:
		r.measures = append(r.measures, Measure{Taken: *b, By: e.By, Starts: b.From.Start(b.Territory.Country().Zone())})
	case *Lifted:
		m := &r.measures[r.measure(e.By, b.Measure)]
		m.Lifted = b.From.Start(m.Territory.Country().Zone())
	case *Withheld:
		r.withholdings = append(r.withholdings, withholding{by: e.By, at: b.From.Start(r.abroadZone())})
	case *Restored:
		r.withholdings[r.withholding(e.By)].restored = b.From.Start(r.abroadZone())
	default:
		r.NotKnown, counts = true, KindNotKnown
	}
	r.History = append(r.History, Said{e, counts})
	return nil
}

// abroadZone is the zone of the other side's participant.
func (r *Record) abroadZone() *time.Location { return other(r.Scheme.Home()).Zone() }

func (r *Record) strike(id string) {
	for i := range r.statuses {
		if r.statuses[i].id == id && id != "" {
			r.statuses[i].struck = true
		}
	}
	for i := range r.History {
		if r.History[i].ID == id && id != "" {
			r.History = slices.Clone(r.History)
			r.History[i].Counts = Struck
		}
	}
}

// measure returns the place of a measure of by that is not lifted, or -1.
func (r *Record) measure(by PartyID, number string) int {
	return slices.IndexFunc(r.measures, func(m Measure) bool {
		return m.By == by && m.Measure == number && m.Lifted.IsZero()
	})
}

// withholding returns the place of a withholding of by that stands, or -1.
func (r *Record) withholding(by PartyID) int {
	return slices.IndexFunc(r.withholdings, func(w withholding) bool { return w.by == by && w.restored.IsZero() })
}

// lastMade is when the party last said something about the code; what a
// compromised key said in its name does not bind it.
func (r *Record) lastMade(by PartyID) (last time.Time) {
	for _, s := range r.History {
		if s.By == by && s.Counts != LeftOut {
			last = latest(last, s.Made)
		}
	}
	return last
}
