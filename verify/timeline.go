package verify

import (
	"slices"
	"sync/atomic"
	"time"
)

// A timeline is the answer about one record, asked in one place, at every
// instant: it changes at its points and nowhere else.
type timeline struct {
	inquiry
	points   []time.Time                // in order, once each
	answers  []answer                   // answers[i] holds before points[i], and from points[i-1] on
	verdicts []atomic.Pointer[Verdict]  // made when first asked for
	wordings [2]atomic.Pointer[Wording] // plain, and escaped for HTML: of the verdict that each was asked of last
}

// timeline works out when the answer changes. It is kept with the facts folded
// at their head, so that it is worked out once for all questions.
func (w *world) timeline(in Jurisdiction, head time.Time) *timeline {
	kept := w.kept(in)
	if kept != nil {
		if l := kept.Load(); l != nil && (l.head.Equal(head) || w.record.Scheme == JCSTAR) { // of a label nothing is observed
			return l
		}
	}
	l := &timeline{inquiry: inquiry{w, w.governance.Accord.span(in.Country().Zone()), in, head}}
	l.points = l.turns()
	l.answers = make([]answer, len(l.points)+1)
	l.verdicts = make([]atomic.Pointer[Verdict], len(l.answers))
	for i := range l.answers {
		l.answers[i] = l.answer(l.within(i), head)
	}
	if kept != nil {
		kept.Store(l)
	}
	return l
}

// within returns an instant at which answers[i] holds.
func (l *timeline) within(i int) time.Time {
	if i == 0 {
		return l.points[0].Add(-1)
	}
	return l.points[i-1]
}

// at returns the verdict at t, without what is the question's own.
func (l *timeline) at(t time.Time) *Verdict {
	i, exact := slices.BinarySearchFunc(l.points, t, time.Time.Compare)
	if exact {
		i++ // what begins at t counts at t
	}
	if v := l.verdicts[i].Load(); v != nil {
		return v
	}
	v, now := &Verdict{Code: l.record.Code, Measures: []MeasureInForce{}, Flags: []Flag{}}, &l.answers[i]
	t = l.within(i)
	l.describe(v, t)
	l.recognise(v, t, now)
	l.validity(v, i, now)
	if !l.home() {
		same := func(a *answer) bool {
			return a.headline == now.headline && a.accord == now.accord && a.statute == now.statute
		}
		v.Recognition.Since, v.Recognition.Until = l.around(i, same)
	}
	v.NextChange = l.change(i)
	l.verdicts[i].Store(v)
	return v
}

// validity fills in the status with its first and last day.
func (l *timeline) validity(v *Verdict, i int, now *answer) {
	v.Validity.Status = now.status
	from, to := l.around(i, func(a *answer) bool { return a.status == now.status })
	if !from.IsZero() {
		v.Validity.Since = DateOf(from, l.record.Zone())
	}
	if !to.IsZero() {
		v.Validity.Until = DateOf(to.Add(-1), l.record.Zone())
	}
}

// around returns the interval around answers[i] in which the answer is the same:
// its first instant and the first after it; zero where there is none.
func (l *timeline) around(i int, same func(*answer) bool) (from, to time.Time) {
	for n := i; n > 0; n-- {
		if !same(&l.answers[n-1]) {
			from = l.points[n-1]
			break
		}
	}
	for n := i; n < len(l.points); n++ {
		if !same(&l.answers[n+1]) {
			to = l.points[n]
			break
		}
	}
	return from, to
}

// change returns the first instant after answers[i] at which anything that is
// shown is another, for somebody who asks again then. The head moves on with
// the clock, and an observation that is fresh now grows old.
func (l *timeline) change(i int) time.Time {
	t := l.within(i)
	for _, p := range l.points[:i] {
		if l.record.Scheme == PSTI && l.head.Before(p) && l.answer(t, p) != l.answers[i] {
			return p // asked ahead of the head, which comes to p before it comes to t
		}
	}
	begun := l.begun(t)
	for n := i; n < len(l.points); n++ {
		p, a := l.points[n], &l.answers[n+1]
		if l.record.Scheme == PSTI && l.head.Before(p) {
			moved := l.answer(p, p)
			a = &moved
		}
		if *a != l.answers[i] || l.begun(p) != begun {
			return p
		}
	}
	return time.Time{}
}

// begun counts the turns up to t that change what is shown beside the outcome:
// amendments, last days, practice, observations, measures, reasons.
func (in *inquiry) begun(t time.Time) (n int) {
	count := func(at time.Time) {
		if !at.IsZero() && !at.After(t) {
			n++
		}
	}
	in.shown(func(r *Record) {
		for _, e := range r.ends {
			count(e.at)
		}
		for _, a := range r.amendments {
			count(a.at)
		}
		for _, p := range r.practices {
			count(p.at)
		}
		for _, o := range r.observations {
			count(o.At)
		}
		for _, m := range r.measures {
			count(m.Starts)
			count(m.Lifted)
		}
		for _, s := range r.statuses {
			count(s.at)
		}
	})
	return n
}

// shown calls see with every record of which something is shown or looked at.
func (w *world) shown(see func(*Record)) {
	see(&w.record)
	if w.basis.Begun() {
		see(&w.basis)
	}
	for i := range w.related {
		see(&w.related[i])
	}
}

// turns lists, in order and once each, every instant at which an answer about
// the record can change.
func (in *inquiry) turns() []time.Time {
	points := make([]time.Time, 0, 24)
	add := func(t time.Time) {
		if !t.IsZero() && t.Year() <= 9999 { // no later instant can be written (RFC 3339)
			points = append(points, t)
		}
	}
	in.shown(func(r *Record) { r.turns(add) })
	add(in.accord.from)
	add(in.accord.until)
	add(statuteInForceAt)
	add(vehiclesExceptedAt)
	slices.SortFunc(points, time.Time.Compare)
	return slices.CompactFunc(points, time.Time.Equal)
}
