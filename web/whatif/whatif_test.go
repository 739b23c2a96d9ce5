package whatif_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/web/whatif"
)

// What is imagined of any record is what a registry answers once it is really
// entered: in every place and at any instant; and what could not be entered is
// refused for the same reasons.
func TestImaginedIsEntered(t *testing.T) {
	entered, refused := 0, 0
	for seed := range uint64(25) {
		rng := rand.New(rand.NewPCG(seed, 1))
		k := registrytest.New(t)
		k.Begin(t)
		h := registrytest.NewHistory(k, seed)
		for range 20 {
			token := h.Next(t)
			var no *registry.Refusal
			_, err := k.Registry.Append(t.Context(), token)
			if err != nil && !errors.As(err, &no) && !errors.Is(err, envelope.ErrKey) {
				t.Fatal(err)
			}
		}
		for _, code := range append(h.Labels(), h.Declarations()...) {
			f, err := k.Registry.Lookup(t.Context(), code)
			if err != nil {
				t.Fatal(err)
			}
			if !f.Record(verify.Known{}).Begun() {
				continue
			}
			q := imagined(rng, f)
			a, faults := whatif.Ask(f, q)
			name := fmt.Sprintf("seed %d, %s, %+v", seed, code, q)
			if enter(t, k, f, q, faults, name) {
				entered++
				same(t, k, rng, a, name)
			} else {
				refused++
			}
		}
	}
	if entered < 25 || refused < 10 {
		t.Errorf("got %d entered and %d refused, want more of both", entered, refused)
	}
}

// imagined makes up what is said of a record. Of a declaration it is said now:
// how old an observation is then nobody can know.
func imagined(rng *rand.Rand, f verify.Facts) (q whatif.Question) {
	now := f.Log.Time
	day := func(most int) verify.Date {
		return verify.DateOf(now.AddDate(0, 0, rng.IntN(most)-most/4), verify.Tokyo)
	}
	label := f.Record(verify.Known{}).Scheme == verify.JCSTAR
	switch {
	case rng.IntN(2) == 0:
		q.Extend = day(1200)
		if !label {
			q.Extend = day(12000)
		}
	case label:
		q.Status, q.From = verify.Standings[rng.IntN(len(verify.Standings))], day(200)
	default:
		q.Status, q.From = verify.StandsWithdrawn, day(200)
	}
	if label && rng.IntN(2) == 0 {
		q.Made = now.Add(time.Duration(rng.IntN(1000*24*3600)) * time.Second)
	}
	return q
}

// enter says what was imagined, and reports whether it was entered. Where it was
// not, the faults are those that were told.
func enter(t *testing.T, k *registrytest.Kit, f verify.Facts, q whatif.Question, told verify.Faults, name string) bool {
	t.Helper()
	r := f.Record(verify.Known{})
	made := q.Made
	if made.IsZero() {
		made = f.Log.Time
	}
	k.Clock.Set(made)
	m := map[string]any{"id": registrytest.ID(), "origin": registrytest.Origin, "by": r.By, "made": made.Format(time.RFC3339), "code": r.Code}
	switch {
	case !q.Extend.IsZero() && r.Label != nil:
		m["kind"], m["expires"] = verify.LabelExtended, q.Extend
	case !q.Extend.IsZero():
		m["kind"], m["support"] = verify.DeclarationExtended, map[string]any{"text": map[string]any{"en": "Longer"}, "end": q.Extend}
	case r.Label != nil:
		m["kind"], m["status"], m["from"] = verify.LabelStatus, q.Status, q.From
	default:
		m["kind"], m["from"] = verify.DeclarationWithdrawn, q.From
	}
	payload, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var no *registry.Refusal
	_, err = k.Registry.Append(t.Context(), k.Seal(t, r.By, payload))
	if err != nil && !errors.As(err, &no) {
		t.Fatal(err)
	}
	var faults verify.Faults
	if no != nil {
		faults = no.Faults
	}
	if !slices.Equal(told, faults) {
		t.Errorf("%s: got told %v, want %v", name, told, faults)
	}
	return err == nil && len(told) == 0
}

// same compares what was told with what the registry answers now.
func same(t *testing.T, k *registrytest.Kit, rng *rand.Rand, a whatif.Answer, name string) {
	t.Helper()
	f, err := k.Registry.Lookup(t.Context(), a.Code)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range a.Places {
		from := p.Then[0].From
		instants := []time.Time{from}
		for _, s := range p.Then[1:] {
			instants = append(instants, s.From.Add(-time.Nanosecond), s.From)
		}
		for range 20 {
			instants = append(instants, from.Add(time.Duration(rng.Int64N(int64(20*365*24*time.Hour)))))
		}
		for _, at := range instants {
			i, exact := slices.BinarySearchFunc(p.Then, at, func(s whatif.Span, at time.Time) int { return s.From.Compare(at) })
			if !exact {
				i--
			}
			v := verify.Judge(f, verify.Question{In: p.In, At: at})
			want := whatif.Span{Status: v.Validity.Status, Outcome: v.Recognition.Outcome}
			if l := v.Recognition.Layers.Accord; l != nil {
				want.Accord = l.Outcome
			}
			if l := v.Recognition.Layers.Statute; l != nil {
				want.Statute = l.Outcome
			}
			got := p.Then[i]
			if got.Status != want.Status || got.Outcome != want.Outcome || got.Accord != want.Accord || got.Statute != want.Statute {
				t.Errorf("%s: in %s at %v: got %+v, want %+v", name, p.In, at, got, want)
			}
		}
	}
}

// The days on which something turns: a label that lapses, one extended in time,
// at the last second, and too late.
func TestAsk(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC))
	const code = "7K3MQ2ZT9XWE"
	f, err := k.Registry.Lookup(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	day := func(s string) verify.Date {
		d, err := verify.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	at := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	lapses := "2028-03-31T15:00:00Z"
	for _, c := range []struct {
		name string
		q    whatif.Question
		want string // in Great Britain, after the first span
		gap  string
	}{
		{"in time", whatif.Question{Extend: day("2030-03-31")}, "2030-03-31T15:00:00Z expired not_recognised label-accord-valid", ""},
		{"in the last second", whatif.Question{Extend: day("2030-03-31"), Made: at("2028-03-31T14:59:59Z")}, "2030-03-31T15:00:00Z expired not_recognised label-accord-valid", ""},
		{"in the first one after it", whatif.Question{Extend: day("2030-03-31"), Made: at("2028-03-31T15:00:01Z")},
			lapses + " expired not_recognised label-accord-valid; 2028-03-31T15:00:01Z valid treated_as_compliant label-accord-valid; 2030-03-31T15:00:00Z expired not_recognised label-accord-valid",
			lapses + " 2028-03-31T15:00:01Z"},
		{"after its own last day", whatif.Question{Extend: day("2029-03-31"), Made: at("2029-06-01T00:00:00Z")}, lapses + " expired not_recognised label-accord-valid", ""},
		{"revoked", whatif.Question{Status: verify.StandsRevoked, From: day("2027-01-01")}, "2026-12-31T15:00:00Z revoked not_recognised label-accord-valid", ""},
		{"not known", whatif.Question{Status: verify.StandsGrace, From: day("2027-01-01")},
			"2026-12-31T15:00:00Z grace undetermined label-accord-valid; " + lapses + " expired not_recognised label-accord-valid", ""},
		{"nothing", whatif.Question{}, "", ""},
	} {
		a, faults := whatif.Ask(f, c.q)
		if len(faults) > 0 {
			t.Errorf("%s: got %v", c.name, faults)
			continue
		}
		got := ""
		for _, s := range slices.Concat(a.Places[0].Then, []whatif.Span{{}})[min(1, len(a.Places[0].Then)):] {
			if !s.From.IsZero() {
				got += fmt.Sprintf("; %s %s %s %s", s.From.Format(time.RFC3339), s.Status, s.Outcome, s.Because[0].Rule)
			}
		}
		if got != "" {
			got = got[2:]
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		gap := ""
		if a.Extension.Gap != nil {
			gap = a.Extension.Gap.From.Format(time.RFC3339) + " " + a.Extension.Gap.Until.Format(time.RFC3339)
		}
		if gap != c.gap {
			t.Errorf("%s: got gap %q, want %q", c.name, gap, c.gap)
		}
		if x := a.Extension; x.Present != day("2028-03-31") || x.First != day("2028-04-01") || x.Last != day("2030-03-31") || !x.Before.Equal(at(lapses)) || x.Late {
			t.Errorf("%s: got extension %+v", c.name, x)
		}
		if now := a.Places[0].Now; len(now) != 2 || !now[1].From.Equal(at(lapses)) {
			t.Errorf("%s: as things stand, got %+v", c.name, now)
		}
	}
	for _, d := range []string{"2028-03-31", "2030-04-01"} {
		if _, faults := whatif.Ask(f, whatif.Question{Extend: day(d)}); len(faults) != 1 || faults[0].Field != "expires" {
			t.Errorf("%s: got %v, want it refused", d, faults)
		}
	}
	for _, d := range []string{"2028-04-01", "2030-03-31"} {
		if _, faults := whatif.Ask(f, whatif.Question{Extend: day(d)}); len(faults) != 0 {
			t.Errorf("%s: got %v", d, faults)
		}
	}
	again, err := k.Registry.Lookup(t.Context(), code)
	if err != nil || again.Log.Size != f.Log.Size || verify.Judge(again, verify.Question{In: verify.InGB}).Validity.Until != day("2028-03-31") {
		t.Errorf("what was imagined changed what is: %v", err)
	}
}

// Past the year 9999 nothing can be written: there is an answer all the same.
func TestAskFarAhead(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	for end, want := range map[string]string{"9999-12-31": "", "9999-12-30": "9999-12-31"} {
		code := registrytest.Code(700 + int64(end[9]))
		k.Append(t, k.Say(t, verify.DeclarationPublished, code, func(m map[string]any) {
			m["declaration"].(map[string]any)["support_at_first_supply"].(map[string]any)["end"] = end
		}))
		f, err := k.Registry.Lookup(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		a, faults := whatif.Ask(f, whatif.Question{Status: verify.StandsWithdrawn, From: verify.Date{Year: 9999, Month: 12, Day: 31}})
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		if _, err := json.Marshal(a); err != nil {
			t.Errorf("%s: %v", end, err)
		}
		got := ""
		if a.Extension != nil {
			got = a.Extension.First.String()
		}
		if got != want {
			t.Errorf("%s: got a first day %q, want %q", end, got, want)
		}
	}
}
