package verify

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// outcomes are what an answer is compared by over time.
func outcomes(v Verdict) [3]Outcome {
	all := [3]Outcome{v.Recognition.Outcome}
	for i, l := range []*LayerAnswer{v.Recognition.Layers.Accord, v.Recognition.Layers.Statute} {
		if l != nil {
			all[i+1] = l.Outcome
		}
	}
	return all
}

// Whatever was said, a question has one answer, which its own reasons explain,
// which holds as long as it says, and which does not depend on how the facts
// were come by.
func TestJudgeAnyHistory(t *testing.T) {
	base := open(t)
	rapid.Check(t, func(r *rapid.T) {
		d := randomHistory(t, r, base)
		code := rapid.SampledFrom([]Code{aoba, thames, third}).Draw(r, "asked")
		last := d.entries[len(d.entries)-1].Logged
		head := last.Add(time.Duration(rapid.IntRange(0, 400*24*3600).Draw(r, "head")) * time.Second)
		f := d.facts(code, head.Format(time.RFC3339))
		if code != thames {
			f.Related = [][]Entry{d.about(thames)}
		}
		q := Question{
			In: rapid.SampledFrom([]Jurisdiction{"", InGB, InGBNIR, InJP}).Draw(r, "in"),
			At: instant(t, "2025-11-01T00:00:00Z").Add(time.Duration(rapid.Int64Range(0, 9*365*24*3600).Draw(r, "at")) * time.Second),
		}
		v := Judge(f, q)
		explained(r, v)
		lasting(r, f, q, v)
		standing(r, f, q, v)
		unchanging(r, f, q, v)
		if diff := cmp.Diff(v, Judge(f.Fold(), q)); diff != "" {
			r.Fatalf("folded (-want +got):\n%s", diff)
		}
		replayed(r, d, f, q)
	})
}

// explained: the outcome of each layer is the first by severity of what its
// reasons fail with, and the headline is what the layers agree on.
func explained(r *rapid.T, v Verdict) {
	good := TreatedAsCompliant
	if v.Scheme == PSTI {
		good = EligibleForSimplified
	}
	layer := func(l *LayerAnswer) Outcome {
		failed := map[Outcome]bool{}
		for _, reason := range l.Reasons {
			i := slices.IndexFunc(Rules, func(rule Rule) bool { return rule.ID == reason.Rule })
			switch reason.Met {
			case No:
				failed[Rules[i].Fails] = true
			case NotKnown:
				failed[Undetermined] = true
			}
		}
		for _, o := range []Outcome{NotApplicable, NotRecognised, Unavailable, Undetermined} {
			if failed[o] {
				return o
			}
		}
		return good
	}
	layers := v.Recognition.Layers
	want := AtHome
	switch {
	case v.Validity.Status == StatusUnknown:
		want = UnknownHere
	case layers.Accord == nil:
	case layers.Statute == nil:
		want = layers.Accord.Outcome
	case layers.Accord.Outcome == layers.Statute.Outcome:
		want = layers.Accord.Outcome
	default:
		want = LayersDiffer
	}
	if v.Recognition.Outcome != want || !slices.Contains(Outcomes, want) {
		r.Fatalf("headline: got %s, want %s of %v", v.Recognition.Outcome, want, outcomes(v))
	}
	for _, l := range []*LayerAnswer{layers.Accord, layers.Statute} {
		if l != nil && l.Outcome != layer(l) {
			r.Fatalf("layer: got %s, want %s from %+v", l.Outcome, layer(l), l.Reasons)
		}
	}
	if !slices.Contains(Statuses, v.Validity.Status) {
		r.Fatalf("status: got %q", v.Validity.Status)
	}
}

// between draws an instant of [from, to).
func between(r *rapid.T, from, to time.Time) time.Time {
	return from.Add(time.Duration(rapid.Int64Range(0, int64(to.Sub(from))-1).Draw(r, "between")))
}

// lasting: the outcome is the same in [since, until), another just before and
// at the end.
func lasting(r *rapid.T, f Facts, q Question, v Verdict) {
	if v.Recognition.Outcome == AtHome || v.Recognition.Outcome == UnknownHere {
		return
	}
	at := func(t time.Time) [3]Outcome { return outcomes(Judge(f, Question{In: q.In, At: t, Known: q.Known})) }
	since, until := v.Recognition.Since, v.Recognition.Until
	if !since.IsZero() && (since.After(q.At) || at(since.Add(-1)) == outcomes(v)) {
		r.Fatalf("at %v since %v: it was so before", q.At, since)
	}
	if !until.IsZero() && (!until.After(q.At) || at(until) == outcomes(v)) {
		r.Fatalf("at %v until %v: it is so then", q.At, until)
	}
	if since.IsZero() {
		since = q.At.AddDate(-3, 0, 0)
	}
	if until.IsZero() {
		until = q.At.AddDate(10, 0, 0)
	}
	for _, t := range []time.Time{since, until.Add(-1), between(r, since, until), between(r, since, until)} {
		if got := at(t); got != outcomes(v) {
			r.Fatalf("at %v: got %v, want %v as at %v, since %v until %v", t, got, outcomes(v), q.At, v.Recognition.Since, v.Recognition.Until)
		}
	}
}

// standing: the status is the same on every whole day between its first and its
// last, and holds on both.
func standing(r *rapid.T, f Facts, q Question, v Verdict) {
	if v.Validity.Status == StatusUnknown {
		return
	}
	zone := v.Scheme.Home().Zone()
	first, last := v.Validity.Since, v.Validity.Until
	today := DateOf(q.At, zone)
	if first.IsZero() {
		first = today.AddYears(-3)
	}
	if last.IsZero() {
		last = today.AddYears(10)
	}
	if today.Before(first) || last.Before(today) {
		r.Fatalf("on %v: %s from %v to %v", today, v.Validity.Status, first, last)
	}
	inner := Period{first.AddDays(1), last.AddDays(-1)}
	if inner.Until.Before(inner.From) {
		return
	}
	for range 3 {
		t := between(r, inner.From.Start(zone), inner.Until.End(zone))
		if got := f.Record(q.Known).Status(t); got != v.Validity.Status {
			r.Fatalf("at %v: got %s, want %s as at %v, from %v to %v", t, got, v.Validity.Status, q.At, first, last)
		}
	}
}

// unchangingAhead: an answer about a day to come is the same for somebody who
// asks about that day again before the next change, with the head come nearer.
func unchangingAhead(r *rapid.T, f Facts, q Question, v Verdict, next time.Time) {
	if !next.After(f.Log.Time) {
		r.Fatalf("next change %v, not after the head %v", next, f.Log.Time)
	}
	for _, t := range []time.Time{next.Add(-1), between(r, f.Log.Time, next)} {
		later := f
		later.Log.Time = t
		got := Judge(later, q)
		got.NextChange, got.Log = v.NextChange, v.Log
		if diff := cmp.Diff(v, got); diff != "" {
			r.Fatalf("asked about %v again at %v, before the next change %v (-first +again):\n%s", q.At, t, next, diff)
		}
	}
}

// unchanging: nothing at all changes before the next change, for somebody who
// asks again then, and the next change is not later than the end of the status
// or of the outcome.
func unchanging(r *rapid.T, f Facts, q Question, v Verdict) {
	next := v.NextChange
	if until := v.Recognition.Until; !until.IsZero() && (next.IsZero() || next.After(until)) {
		r.Fatalf("next change %v, after the outcome's end %v", next, until)
	}
	if until := v.Validity.Until; !until.IsZero() && (next.IsZero() || next.After(until.End(v.Scheme.Home().Zone()))) {
		r.Fatalf("next change %v, after the status's last day %v", next, until)
	}
	if next.IsZero() {
		next = q.At.AddDate(10, 0, 0)
	}
	if q.At.After(f.Log.Time) {
		unchangingAhead(r, f, q, v, next)
		return
	}
	if !next.After(q.At) {
		r.Fatalf("next change %v, not after %v", next, q.At)
	}
	for _, t := range []time.Time{next.Add(-1), between(r, q.At, next)} {
		later := f
		if f.Log.Time.Before(t) {
			later.Log.Time = t
		}
		got := Judge(later, Question{In: q.In, At: t, Known: q.Known})
		got.Question, got.Log = v.Question, v.Log
		if diff := cmp.Diff(v, got); diff != "" {
			r.Fatalf("asked at %v, next change %v, asked again at %v (-before +after):\n%s", q.At, v.NextChange, t, diff)
		}
	}
}

// replayed: what the log knew at a size is what a log of that size knows.
func replayed(r *rapid.T, d *diary, f Facts, q Question) {
	n := rapid.IntRange(1, len(d.entries)).Draw(r, "size")
	q.Known = Known{Size: int64(n)}
	then := d.clone()
	then.entries = d.entries[:n]
	var said []Entry
	for _, e := range then.entries {
		if !e.Kind.AboutCode() && e.Kind.Known() {
			said = append(said, e)
		}
	}
	then.governance = FoldGovernance(said)
	g := then.facts(f.Code, f.Log.Time.Format(time.RFC3339))
	if f.Related != nil {
		g.Related = [][]Entry{then.about(thames)}
	}
	got, want := Judge(f, q), Judge(g, q)
	explained(r, got)
	got.Log = want.Log
	if diff := cmp.Diff(want, got); diff != "" {
		r.Fatalf("known %d (-replayed +asked):\n%s", n, diff)
	}
	if diff := cmp.Diff(got, func() Verdict { v := Judge(f.Fold(), q); v.Log = want.Log; return v }()); diff != "" {
		r.Fatalf("known %d (-asked +folded):\n%s", n, diff)
	}
}
