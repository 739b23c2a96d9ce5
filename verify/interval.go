package verify

import (
	"slices"
	"time"
)

// intervals fills in since when and until when the answer is the same. Nothing
// but the instants of turns can change it, so only those are looked at, from t
// outwards, until one differs.
func (in *inquiry) intervals(v *Verdict, t time.Time, now *answer) {
	points := in.points()
	after, exact := slices.BinarySearchFunc(points, t, time.Time.Compare)
	if exact {
		after++ // points[after-1] is t itself: what begins at t counts at t
	}
	zone := in.record.Zone()

	sameStatus := func(a *answer) bool { return a.status == now.status }
	if from := in.back(points[:after], sameStatus); !from.IsZero() {
		v.Validity.Since = DateOf(from, zone)
	}
	if to := in.ahead(points[after:], sameStatus); !to.IsZero() {
		v.Validity.Until = DateOf(to.Add(-1), zone)
	}
	if now.headline == AtHome {
		v.NextChange = in.change(points[after:], t, now)
		return
	}
	sameOutcome := func(a *answer) bool {
		return a.headline == now.headline && a.accord == now.accord && a.statute == now.statute
	}
	v.Recognition.Since = in.back(points[:after], sameOutcome)
	v.Recognition.Until = in.ahead(points[after:], sameOutcome)
	v.NextChange = in.change(points[after:], t, now)
}

// back returns the earliest instant from which on the answer has been the same
// without a break; zero where it always was.
func (in *inquiry) back(points []time.Time, same func(*answer) bool) time.Time {
	for i := len(points) - 1; i >= 0; i-- {
		if a := in.answer(points[i].Add(-1), in.head); !same(&a) {
			return points[i]
		}
	}
	return time.Time{}
}

// ahead returns the first instant at which the answer is another; zero where it
// never is.
func (in *inquiry) ahead(points []time.Time, same func(*answer) bool) time.Time {
	for _, p := range points {
		if a := in.answer(p, in.head); !same(&a) {
			return p
		}
	}
	return time.Time{}
}

// change returns the first instant after t at which anything in the answer is
// another, for somebody who asks again then. The head moves on with the clock,
// and an observation that is fresh now grows old.
func (in *inquiry) change(points []time.Time, t time.Time, now *answer) time.Time {
	begun := in.begun(t)
	for _, p := range points {
		head := in.head
		if head.Before(p) {
			head = p
		}
		a := in.answer(p, head)
		if a != *now || in.begun(p) != begun {
			return p
		}
	}
	return time.Time{}
}

// begun counts the turns up to t that change what is shown beside the outcome:
// amendments, last days, practice, observations, measures.
func (in *inquiry) begun(t time.Time) (n int) {
	count := func(at time.Time) {
		if !at.IsZero() && !at.After(t) {
			n++
		}
	}
	for _, r := range in.shown() {
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
	}
	return n
}

// shown lists the records of which something is shown or looked at.
func (in *inquiry) shown() []*Record {
	records := []*Record{&in.record}
	if in.basis.Begun() {
		records = append(records, &in.basis)
	}
	for i := range in.related {
		records = append(records, &in.related[i])
	}
	return records
}

// points lists, in order and once each, every instant at which an answer about
// the record can change.
func (in *inquiry) points() []time.Time {
	points := make([]time.Time, 0, 32)
	add := func(t time.Time) {
		if !t.IsZero() && t.Year() <= 9999 { // no later instant can be written (RFC 3339)
			points = append(points, t)
		}
	}
	for _, r := range in.shown() {
		r.turns(add)
	}
	zone := in.in.Country().Zone()
	add(in.governance.Accord.Commences.Start(zone))
	if n, ends := in.governance.Accord.Ending(); ends {
		add(n.EndsOn.Start(zone))
	}
	add(statuteInForce.Start(London))
	add(vehiclesExcepted.Start(London))
	slices.SortFunc(points, time.Time.Compare)
	return slices.CompactFunc(points, time.Time.Equal)
}
