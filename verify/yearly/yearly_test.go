package yearly_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tegata/verify"
	"tegata/verify/yearly"
)

// count counts a replayed log.
func count(p verify.Period, known int64, log *verify.Replay, head verify.Log) yearly.Report {
	c := yearly.New(p, known, log.Governance())
	for _, code := range log.Codes() {
		c.Add(log.Facts(code, head))
	}
	return c.Report()
}

// TestCounts: of any history, every count is what counting by hand gives.
func TestCounts(t *testing.T) {
	told := story(t)
	rapid.Check(t, func(r *rapid.T) {
		h := newHistory(r, told)
		h.goOn(120, append(slices.Clone(kindsSaid), kindsWithheld...)...)
		got := count(days, int64(len(h.entries)), h.replay, h.log())
		want := byHand(h)
		if diff := cmp.Diff(want, rowsOf(got)); diff != "" {
			r.Fatalf("(-by hand +counted):\n%s", diff)
		}
	})
}

// TestWithheld: two logs that differ only in what is withheld and restored have
// the same report but for the size of the log (MoC 6).
func TestWithheld(t *testing.T) {
	told := story(t)
	rapid.Check(t, func(r *rapid.T) {
		h := newHistory(r, told)
		open := verify.NewReplay()
		for _, e := range h.entries {
			open.Enter(e)
		}
		size, withheld := int64(len(h.entries)), 0
		for range rapid.IntRange(1, 120).Draw(r, "statements") {
			kinds := kindsSaid
			if draw(h, "withhold", false, false, true) {
				kinds = kindsWithheld
			}
			e, ok := h.next(draw(h, "kind", kinds...))
			if !ok {
				continue
			}
			if e.Kind == verify.RecognitionWithheld || e.Kind == verify.RecognitionRestored {
				withheld++
				continue
			}
			e.Index = size
			if faults := open.Enter(e); len(faults) > 0 {
				r.Fatalf("%s: %v: it rests on what is withheld", e.Kind, faults)
			}
			size++
		}
		got, want := count(days, int64(len(h.entries)), h.replay, h.log()), count(days, size, open, h.log())
		if got.Known-want.Known != int64(withheld) {
			r.Fatalf("got %d and %d entries, %d of them withhold", got.Known, want.Known, withheld)
		}
		got.Known = want.Known
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("%d withheld (-without +with):\n%s", withheld, diff)
		}
	})
}

// TestKnown: a report of a state of the log is the same whatever was entered
// later, and the order of the codes does not matter.
func TestKnown(t *testing.T) {
	told := story(t)
	rapid.Check(t, func(r *rapid.T) {
		h := newHistory(r, told)
		h.goOn(40, kindsSaid...)
		known := int64(len(h.entries))
		want := count(days, known, h.replay, h.log())
		h.goOn(40, kindsSaid...)
		c := yearly.New(days, known, h.replay.Governance())
		for _, code := range slices.Backward(h.replay.Codes()) {
			c.Add(h.replay.Facts(code, h.log()).Fold())
		}
		if diff := cmp.Diff(want, c.Report()); diff != "" {
			r.Fatalf("(-then +now):\n%s", diff)
		}
	})
}

// TestEdges: a day counts in the zone of what is counted, both edges included.
func TestEdges(t *testing.T) {
	days := verify.Period{From: verify.Date{Year: 2026, Month: 10, Day: 1}, Until: verify.Date{Year: 2027, Month: 9, Day: 30}}
	for _, c := range []struct {
		name string
		kind verify.Kind
		made string
		row  yearly.Row
		want int64
	}{
		{"the last second before the first day in Tokyo", verify.LabelExtended, "2026-09-30T14:59:59Z", yearly.Row{About: yearly.Labels, What: yearly.Extended}, 0},
		{"the first second of the first day in Tokyo", verify.LabelExtended, "2026-09-30T15:00:00Z", yearly.Row{About: yearly.Labels, What: yearly.Extended}, 1},
		{"the last second of the last day in Tokyo", verify.LabelExtended, "2027-09-30T14:59:59Z", yearly.Row{About: yearly.Labels, What: yearly.Extended}, 1},
		{"the first second after it", verify.LabelExtended, "2027-09-30T15:00:00Z", yearly.Row{About: yearly.Labels, What: yearly.Extended}, 0},
		{"the first second of the first day in London, in summer", verify.DeclarationExtended, "2026-09-30T23:00:00Z", yearly.Row{About: yearly.Declarations, What: yearly.Extended}, 1},
		{"the second before it", verify.DeclarationExtended, "2026-09-30T22:59:59Z", yearly.Row{About: yearly.Declarations, What: yearly.Extended}, 0},
	} {
		log := verify.NewReplay()
		keys := map[verify.PartyID]verify.KeyID{}
		for _, s := range story(t) {
			switch b := s.Body.(type) {
			case *verify.Created:
				keys[b.Party.ID] = b.Party.Keys[0].Thumbprint()
			case *verify.Enrolled:
				keys[b.Party.ID] = b.Party.Keys[0].Thumbprint()
			case *verify.Issued, *verify.Published:
			default:
				if s.Kind != c.kind {
					continue
				}
				made, err := verify.ParseInstant(c.made)
				if err != nil {
					t.Fatal(err)
				}
				s.Made = made
			}
			e := verify.Entry{Index: int64(len(log.Governance().Entries()) + entriesAbout(log)), Logged: s.Made, Key: keys[s.By], Statement: s}
			if faults := log.Enter(e); len(faults) > 0 {
				t.Fatalf("%s: %s: %v", c.name, s.Kind, faults)
			}
		}
		head := verify.Log{Size: 100, Time: time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)}
		if got := rowsOf(count(days, 100, log, head))[c.row]; got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func entriesAbout(log *verify.Replay) (n int) {
	for _, code := range log.Codes() {
		entries, _ := log.About(code)
		n += len(entries)
	}
	return n
}

// TestRows: each row is there once, and none is of what is withheld.
func TestRows(t *testing.T) {
	seen := map[yearly.Row]bool{}
	for _, row := range yearly.Rows() {
		if seen[row] {
			t.Errorf("%+v: got it twice", row)
		}
		seen[row] = true
		if row.By == string(verify.Unavailable) || row.By == "label-accord-available" || row.By == "declaration-accord-available" {
			t.Errorf("%+v: got a row that counts what is withheld", row)
		}
	}
	if len(seen) < 150 {
		t.Errorf("got %d rows", len(seen))
	}
}
