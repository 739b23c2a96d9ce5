package verify

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The course of an answer is the answer at every instant: between two of its
// verdicts nothing that matters is another, and each is another than the one
// before.
func TestCourse(t *testing.T) {
	base := open(t)
	rapid.Check(t, func(r *rapid.T) {
		d := randomHistory(t, r, base)
		head := d.entries[len(d.entries)-1].Logged.Add(time.Duration(rapid.IntRange(0, 90*24*3600).Draw(r, "head")) * time.Second)
		f := d.facts(rapid.SampledFrom([]Code{aoba, thames}).Draw(r, "code"), head.Format(time.RFC3339))
		in := rapid.SampledFrom(Jurisdictions).Draw(r, "in")
		course := f.Course(in, f.Log.Time)
		if at := course[0].Question.At; !at.Equal(f.Log.Time) {
			r.Fatalf("got a first verdict at %v, want %v", at, f.Log.Time)
		}
		for i := 1; i < len(course); i++ {
			if !course[i].Question.At.After(course[i-1].Question.At) {
				r.Fatalf("verdict %d: got %v after %v", i, course[i].Question.At, course[i-1].Question.At)
			}
			if likeness(course[i]) == likeness(course[i-1]) {
				r.Fatalf("verdict %d: got the same again", i)
			}
		}
		for range 20 {
			at := f.Log.Time.Add(time.Duration(rapid.Int64Range(0, int64(20*365*24*time.Hour)).Draw(r, "after")))
			i := 0
			for i+1 < len(course) && !course[i+1].Question.At.After(at) {
				i++
			}
			if got, want := likeness(course[i]), likeness(Judge(f, Question{In: in, At: at})); got != want {
				r.Fatalf("at %v: got %s, want %s", at, got, want)
			}
		}
	})
}

// likeness is what of a verdict a course tells apart.
func likeness(v Verdict) string {
	s := string(v.Validity.Status) + " " + string(v.Recognition.Outcome)
	for _, l := range []*LayerAnswer{v.Recognition.Layers.Accord, v.Recognition.Layers.Statute} {
		if l != nil {
			s += " " + string(l.Outcome)
			for _, r := range l.Reasons {
				s += " " + string(r.Met)
			}
		}
	}
	return s
}

// What is imagined changes nothing of what is, also where that was folded once
// for everybody; and an extension is possible from the first day that is told to
// the last, and on no other.
func TestImagine(t *testing.T) {
	base := open(t)
	extended := 0
	rapid.Check(t, func(r *rapid.T) {
		d := randomHistory(t, r, base)
		code := rapid.SampledFrom([]Code{aoba, thames}).Draw(r, "code")
		now := d.entries[len(d.entries)-1].Logged.Add(time.Second)
		f := d.facts(code, now.Format(time.RFC3339)).Fold()
		record := f.Record(Known{})
		if !record.Begun() {
			return
		}
		extend := func(to Date) Faults {
			s := d.statement(record.By, now.Format(time.RFC3339), code, &Extended{to})
			if record.Scheme == PSTI {
				s = d.statement(record.By, now.Format(time.RFC3339), code, &SupportExtended{Support{Text: Text{EN: "Longer"}, End: to}})
			}
			before := likeness(Judge(f, Question{}))
			then, faults := f.Imagine(s)
			if got := likeness(Judge(f, Question{})); got != before || len(f.Entries) != len(d.about(code)) {
				r.Fatalf("what is became %s, want %s", got, before)
			}
			// The diary signs with one key; that the party has none in force at all is
			// the key's fault, whichever that is.
			want := d.clone().enter(d.entry(s))
			key := func(f Fault) bool { return f.Field == "kid" }
			if slices.ContainsFunc(faults, key) && !slices.ContainsFunc(want, key) {
				r.Fatalf("got %v, want %v", faults, want)
			}
			locked := slices.ContainsFunc(faults, key)
			faults, want = slices.DeleteFunc(faults, key), slices.DeleteFunc(want, key)
			if !slices.Equal(faults, want) {
				r.Fatalf("got %v, want %v", faults, want)
			}
			if locked {
				return faults
			}
			if end := then.Record(Known{}).Ends(now); len(faults) == 0 && end != to {
				r.Fatalf("got a last day %v, want %v", end, to)
			}
			return faults
		}
		first, last := record.Extension()
		if first.IsZero() {
			return
		}
		days := map[Date]bool{first: true, first.AddDays(-1): false}
		if !last.IsZero() {
			days[last], days[last.AddDays(1)] = true, false
		}
		for day, may := range days {
			if faults := extend(day); (len(faults) == 0) != may {
				r.Fatalf("%v of %v to %v: got %v", day, first, last, faults)
			}
		}
		extended++
	})
	if extended < 20 {
		t.Errorf("got %d records that can be extended, want more", extended)
	}
}
