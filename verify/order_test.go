package verify

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The order in which unrelated things are entered does not matter: what one
// party says of one code stays in its order, and everything else may come in
// between, before or after. All of it is said within a fortnight, and logged
// when that is over.
func TestOrderOfTheUnrelated(t *testing.T) {
	base := open(t)
	asked, moved := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		told := fortnight(randomHistory(t, r, base), len(base.entries))
		first := base.clone()
		told = slices.DeleteFunc(told, func(e Entry) bool { return len(relog(first, e)) > 0 })
		second := base.clone()
		for _, e := range shuffled(r, told) {
			if faults := relog(second, e); len(faults) > 0 {
				r.Fatalf("%s by %s, in another order: %v", e.Kind, e.By, faults)
			}
		}
		asked++
		if order(first) != order(second) {
			moved++
		}
		for _, code := range []Code{aoba, thames} {
			q := Question{
				In: rapid.SampledFrom([]Jurisdiction{"", InGB, InGBNIR, InJP}).Draw(r, "in"),
				At: instant(t, "2025-11-01T00:00:00Z").Add(time.Duration(rapid.Int64Range(0, 9*365*24*3600).Draw(r, "at")) * time.Second),
			}
			if diff := gocmp.Diff(answered(first, code, q), answered(second, code, q)); diff != "" {
				r.Fatalf("%s, the one order\n%s\nand the other\n%s\n(-one +other):\n%s", code, order(first), order(second), diff)
			}
		}
	})
	if moved < asked/2 {
		t.Errorf("got another order %d times of %d", moved, asked)
	}
}

// logTime is when the fortnight is over.
var logTime = time.Date(2026, 4, 15, 0, 0, 0, 0, time.UTC)

// fortnight is what was entered after the first n, said in the same order
// within a fortnight before it is logged. What was said of keys is left out:
// it does bear on what follows.
func fortnight(d *diary, n int) (told []Entry) {
	begin := logTime.AddDate(0, 0, -14)
	for _, e := range d.entries[n:] {
		if e.Kind == KeyAdded || e.Kind == KeyRetiredKind {
			continue
		}
		e.Made = begin.Add(e.Made.Sub(begin) / 250).Truncate(time.Second)
		e.Logged = logTime
		told = append(told, e)
	}
	return told
}

// relog enters e in its new place, or says why not. What no program would admit
// but may find in a log is entered unasked.
func relog(d *diary, e Entry) Faults {
	e.Index = int64(len(d.entries))
	if !e.Kind.Known() {
		d.append(e)
		return nil
	}
	return d.enter(e)
}

// shuffled draws another order, in which each party's words about each code
// follow one another as they did. A record begins before anything is said of it.
func shuffled(r *rapid.T, told []Entry) (all []Entry) {
	type line struct {
		code Code
		by   PartyID
	}
	lines := map[line][]Entry{}
	var names []line
	var begun []Entry
	for _, e := range told {
		if e.Kind.First() {
			begun = append(begun, e)
			continue
		}
		name := line{e.Code, e.By}
		if lines[name] == nil {
			names = append(names, name)
		}
		lines[name] = append(lines[name], e)
	}
	if len(begun) > 1 && rapid.Bool().Draw(r, "the other first") {
		slices.Reverse(begun)
	}
	for len(names) > 0 {
		i := rapid.IntRange(0, len(names)-1).Draw(r, "next")
		name := names[i]
		all = append(all, lines[name][0])
		if lines[name] = lines[name][1:]; len(lines[name]) == 0 {
			names = slices.Delete(names, i, i+1)
		}
	}
	return append(begun, all...)
}

// answered is the verdict, its measures sorted: they are listed in the order in
// which they were taken.
func answered(d *diary, code Code, q Question) Verdict {
	v := Judge(d.facts(code, "2027-01-01T00:00:00Z"), q)
	v.Measures = slices.SortedFunc(slices.Values(v.Measures), func(a, b MeasureInForce) int {
		return cmp.Or(cmp.Compare(a.By, b.By), cmp.Compare(a.Measure, b.Measure))
	})
	return v
}

// order writes a log, one statement a line.
func order(d *diary) (all string) {
	for _, e := range d.entries {
		if e.Logged.Equal(logTime) {
			all += fmt.Sprintf("%s by %s of %s, %s\n", e.Kind, e.By, e.Code, e.ID)
		}
	}
	return all
}

// An answer changes where it is said to change, and nowhere else: at any instant
// at all, the rules say what they said at the turn before it.
func TestAnswerTurnsOnlyAtTurns(t *testing.T) {
	base := open(t)
	rapid.Check(t, func(r *rapid.T) {
		d := randomHistory(t, r, base)
		code := rapid.SampledFrom([]Code{aoba, thames}).Draw(r, "asked")
		f := d.facts(code, "2027-01-01T00:00:00Z")
		for _, in := range Jurisdictions {
			l := f.asOf(Known{}).timeline(in, f.Log.Time)
			for range 20 {
				at := instant(t, "2024-06-01T00:00:00Z").Add(time.Duration(rapid.Int64Range(0, 10*365*24*3600).Draw(r, "at")) * time.Second)
				i, _ := slices.BinarySearchFunc(l.points, at.Add(1), time.Time.Compare)
				if got, want := l.answers[i], l.answer(at, f.Log.Time); got != want {
					r.Fatalf("%s in %s at %v: got %+v, want %+v", code, in, at, got, want)
				}
			}
		}
	})
}
