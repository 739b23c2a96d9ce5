package registry_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/yearly"
)

// TestSurvey: a survey has the facts about every code as they were at its head,
// whatever is entered meanwhile.
func TestSurvey(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	const labels = 150 // more than are read at once
	want := map[verify.Code][]verify.Entry{}
	for n := range int64(labels) {
		code := registrytest.Code(7919 * (n + 1))
		k.Append(t, k.Say(t, verify.LabelIssued, code, nil))
		f, err := k.Registry.Lookup(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		want[code] = f.Entries
	}
	s := k.Registry.Survey()
	head := s.Log()
	got, last := map[verify.Code][]verify.Entry{}, verify.Code("")
	err := s.Each(t.Context(), func(f verify.Facts) {
		if len(got) == 70 {
			k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(1<<54), nil))
			k.Append(t, k.Say(t, verify.LabelStatus, registrytest.Code(7919), nil))
		}
		if f.Code <= last || f.Log.Size != head.Size || f.Governance != s.Governance() {
			t.Errorf("got %s after %s, of a log of %d, want %d", f.Code, last, f.Log.Size, head.Size)
		}
		got[f.Code], last = f.Entries, f.Code
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-looked up +surveyed):\n%s", d)
	}
	if now := k.Registry.Head().Size; now != head.Size+2 {
		t.Errorf("got a head of %d, want %d", now, head.Size+2)
	}
}

// TestSurveyCounts: a registry and who replays its log count the same, of any
// days and of any state of it; also where keys were stolen.
func TestSurveyCounts(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	for n := range uint64(3) {
		k := registrytest.New(t)
		k.Begin(t)
		first := verify.DateOf(k.Clock.Now(), verify.Tokyo)
		h := registrytest.NewHistory(k, seed+n)
		for range 100 {
			// What may not be entered is not.
			k.Registry.Append(t.Context(), h.Next(t))
		}
		replay := verify.NewReplay()
		head := k.Registry.Head()
		for i := range head.Size {
			e, _ := replayed(t, k.Registry, i)
			if faults := replay.Enter(e); len(faults) > 0 {
				t.Fatalf("seed %d: entry %d: %v", seed+n, i, faults)
			}
		}
		for _, known := range []int64{head.Size, head.Size / 2, head.Size - 9} {
			days := verify.Period{From: first.AddDays(20), Until: first.AddDays(300)}
			s := k.Registry.Survey()
			surveyed, again := yearly.New(days, known, s.Governance()), yearly.New(days, known, replay.Governance())
			if err := s.Each(t.Context(), surveyed.Add); err != nil {
				t.Fatal(err)
			}
			for _, code := range replay.Codes() {
				again.Add(replay.Facts(code, head))
			}
			if d := cmp.Diff(again.Report(), surveyed.Report()); d != "" {
				t.Fatalf("seed %d: the first %d of %d entries (-replayed +surveyed):\n%s", seed+n, known, head.Size, d)
			}
		}
	}
}

// TestSurveyEnds: a survey ends with its context, with the registry, and at what
// is damaged.
func TestSurveyEnds(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	for n := range int64(70) {
		k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(n), nil))
	}
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	if err := k.Registry.Survey().Each(ctx, func(verify.Facts) { seen++; cancel() }); err != context.Canceled || seen >= 70 {
		t.Errorf("got %v after %d, want that it is cancelled", err, seen)
	}
	s := k.Registry.Survey()
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Each(t.Context(), func(verify.Facts) { t.Error("got facts") }); err != registry.ErrClosed {
		t.Errorf("got %v, want %v", err, registry.ErrClosed)
	}
}
