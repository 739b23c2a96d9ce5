package verify

import (
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

// Imagine returns the facts as they would be if s were entered when it says it
// is made, or at the head where that is later: what is judged of them is what
// would be answered then. Where it could not be entered it says why, with every
// fault. Nobody has signed it: it is taken for granted that its party would, with
// a key that is in force then. The head stays the one there is.
//
// The record is folded, and whether s may follow is decided, as on admission.
func (f Facts) Imagine(s Statement) (Facts, Faults) {
	w := *f.asOf(Known{})
	e := Entry{Index: f.Log.Size, Logged: latest(s.Made, f.Log.Time), Statement: s}
	e.Key = w.governance.signing(e)
	record, faults := w.governance.Admit(w.record, e)
	if len(faults) > 0 {
		return f, faults
	}
	w.record = record
	f.Entries = append(slices.Clip(f.Entries), e)
	w.lines = new([3]atomic.Pointer[timeline]) // those of the record as it is stay with it
	f.folded = &w
	return f, nil
}

// signing returns a key that e's party could sign it with; where none is in
// force, one that it has; none where it has none.
func (g *Governance) signing(e Entry) (found KeyID) {
	for _, id := range slices.Sorted(maps.Keys(g.keys)) {
		k := g.keys[id]
		if k.party != e.By {
			continue
		}
		var faults Faults
		if k.inForce(e, &faults); len(faults) == 0 {
			return id
		}
		found = id
	}
	return found
}

// Extension returns the first and last day that an extension of the record may
// name now as its last day; no last day where only the first is set. There are
// none where nothing can be extended, or only past the year 9999, which cannot be
// written.
func (r *Record) Extension() (first, last Date) {
	end := r.lastEnd().day
	var final Faults
	first = end.AddDays(1)
	if r.notFinal(time.Time{}, &final); len(final) > 0 || end.IsZero() || first.Year > 9999 {
		return Date{}, Date{}
	}
	if r.Scheme == JCSTAR {
		last = lastLabelDay(end)
		if last.Year > 9999 {
			last = Date{9999, time.December, 31}
		}
	}
	return first, last
}

// Course returns how the answer about a record goes on, in one place, from an
// instant: the verdict then, and one for each later instant at which the status,
// an outcome or a condition is another, if nothing more is said. What was last
// observed is taken to stay so.
func (f Facts) Course(in Jurisdiction, from time.Time) []Verdict {
	all := []Verdict{Judge(f, Question{In: in, At: from})}
	w := f.asOf(Known{})
	if !w.record.Begun() {
		return all
	}
	l := w.timeline(in, f.Log.Time)
	for i, p := range l.points {
		if p.After(from) && l.answers[i+1] != l.answers[i] {
			all = append(all, Judge(f, Question{In: in, At: p}))
		}
	}
	return all
}
