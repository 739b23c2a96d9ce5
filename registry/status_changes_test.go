package registry_test

import (
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/status"
)

// What a stolen key said is told, and what it hid: its labels and those of a key
// it brought in are for the registry to explain, as is a last day that it made
// later, once the true one has passed; its revocations do not count.
func TestStatusListOfCompromise(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	place := map[int64][]int64{}
	issue := func(by verify.PartyID, n int64) {
		t.Helper()
		receipt := k.Append(t, k.Seal(t, by, k.Make(t, verify.LabelIssued, registrytest.Code(n), func(m map[string]any) {
			m["label"].(map[string]any)["expires"] = "2027-06-30"
		})))
		place[n] = append(place[n], receipt.Status)
	}
	say := func(by verify.PartyID, kind verify.Kind, n int64, change func(m map[string]any)) {
		t.Helper()
		k.Append(t, k.Seal(t, by, k.Make(t, kind, registrytest.Code(n), change)))
	}
	revoke := func(m map[string]any) { m["status"], m["from"] = "revoked", "2026-06-01" }
	extend := func(m map[string]any) { m["expires"] = "2029-06-30" }
	check := func(what string, at time.Time, want ...status.Status) {
		t.Helper()
		l := statusList(t, k.Registry, 0, at)
		for i, want := range want {
			for _, p := range place[int64(i+1)] {
				if got := l.At(p); got != want {
					t.Errorf("%s: label %d at place %d: got %d, want %d", what, i+1, p, got, want)
				}
			}
		}
	}
	later := func() { k.Clock.Set(k.Clock.Now().Add(time.Minute)) } // all of it on one day

	k.Append(t, k.Seal(t, "ipa", k.Make(t, verify.KeyAdded, "", func(m map[string]any) { m["from"] = m["made"] })))
	issue("ipa+", 1)
	issue("ipa", 2)
	issue("ipa", 3)
	later()
	stolen := k.Clock.Now()
	issue("ipa+", 4)
	say("ipa+", verify.LabelExtended, 2, extend)
	say("ipa+", verify.LabelStatus, 3, revoke)
	k.Append(t, k.Seal(t, "ipa+", k.Make(t, verify.KeyAdded, "", func(m map[string]any) {
		m["from"], m["key"] = m["made"], k.Signer(t, "thief").Key().JWK()
	})))
	issue("thief", 5)
	later()
	before := k.Clock.Now()
	check("before it is known", before, status.Valid, status.Valid, status.Invalid, status.Valid, status.Valid)
	later()
	k.Append(t, k.Say(t, verify.KeyRetiredKind, "", func(m map[string]any) { m["from"] = stolen.Format(time.RFC3339) }))
	check("once it is known", k.Clock.Now(), status.Valid, status.Valid, status.Valid, status.AskOnline, status.AskOnline)
	k.Reopen(t) // nothing is kept
	check("as it was known before", before, status.Valid, status.Valid, status.Invalid, status.Valid, status.Valid)

	later()
	issue("ipa", 4)
	check("sealed again", k.Clock.Now(), status.Valid, status.Valid, status.Valid, status.Valid, status.AskOnline)
	if len(place[4]) != 2 {
		t.Fatalf("got %d places of a label sealed twice", len(place[4]))
	}
	later()
	say("ipa", verify.LabelStatus, 4, revoke)
	check("and revoked", k.Clock.Now(), status.Valid, status.Valid, status.Valid, status.Invalid, status.AskOnline)

	// Label 2 may be in print until 2029, label 1 until 2027 and not longer.
	k.Clock.Set(time.Date(2027, 6, 30, 14, 59, 59, 0, time.UTC))
	check("the last second", k.Clock.Now(), status.Valid, status.Valid, status.Valid, status.Invalid, status.AskOnline)
	k.Clock.Set(time.Date(2027, 6, 30, 15, 0, 0, 0, time.UTC))
	check("the first after it", k.Clock.Now(), status.Valid, status.AskOnline, status.Valid, status.Invalid, status.AskOnline)
	k.CheckLog(t)
}

// A revocation shows at the second it is logged in, and one that was announced
// from the first second of its day on, though nothing is logged then.
func TestStatusListInTime(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	at := func(s string) time.Time {
		t.Helper()
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	code := registrytest.Code(7)
	place := k.Append(t, k.Say(t, verify.LabelIssued, code, nil)).Status
	check := func(when time.Time, want status.Status) {
		t.Helper()
		if got := statusList(t, k.Registry, 0, when).At(place); got != want {
			t.Errorf("at %s: got %d, want %d", when, got, want)
		}
	}
	check(k.Clock.Now(), status.Valid)

	k.Clock.Set(at("2026-06-10T09:00:00Z"))
	check(k.Clock.Now(), status.Valid)
	k.Append(t, k.Say(t, verify.LabelStatus, code, func(m map[string]any) { m["status"], m["from"] = "revoked", "2026-06-12" }))
	check(k.Clock.Now(), status.Valid)

	// Another is said on the same day, and corrected.
	other := registrytest.Code(8)
	otherPlace := k.Append(t, k.Say(t, verify.LabelIssued, other, nil)).Status
	for i, want := range []status.Status{status.Suspended, status.AskOnline, status.Suspended} {
		k.Clock.Set(k.Clock.Now().Add(time.Second))
		k.Append(t, k.Say(t, verify.LabelStatus, other, func(m map[string]any) {
			m["status"], m["from"] = []string{"suspended", "grace", "suspended"}[i], "2026-06-10"
		}))
		if got := statusList(t, k.Registry, 0, k.Clock.Now()).At(otherPlace); got != want {
			t.Errorf("step %d: got %d, want %d", i, got, want)
		}
		check(k.Clock.Now(), status.Valid)
	}
	for _, next := range []struct {
		when string
		want status.Status
	}{
		{"2026-06-11T14:59:59Z", status.Valid},
		{"2026-06-11T15:00:00Z", status.Invalid},
		{"2026-06-11T15:00:01Z", status.Invalid},
		{"2026-08-01T00:00:00Z", status.Invalid},
	} {
		k.Clock.Set(at(next.when))
		check(at(next.when), next.want)
	}
	// What was known on the day before is asked again.
	check(at("2026-06-11T14:59:59Z"), status.Valid)
	check(at("2026-06-11T15:00:00Z"), status.Invalid)
	check(at("2026-06-10T08:59:59Z"), status.Valid)
}

// An extension made a little ahead counts from when it was made, whatever is kept:
// of a suspended label that had expired, the token in print is good no more, and
// with the extension the suspension is told again.
func TestStatusListMadeAhead(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	code := registrytest.Code(7)
	place := k.Append(t, k.Say(t, verify.LabelIssued, code, func(m map[string]any) { m["label"].(map[string]any)["expires"] = "2026-06-10" })).Status
	k.Append(t, k.Say(t, verify.LabelStatus, code, func(m map[string]any) { m["status"], m["from"] = "suspended", "2026-06-01" }))
	now := time.Date(2026, 6, 11, 0, 0, 0, 0, time.UTC)
	made := now.Add(4 * time.Minute)
	k.Clock.Set(now)
	k.Append(t, k.Say(t, verify.LabelExtended, code, func(m map[string]any) {
		m["made"], m["expires"] = made.Format(time.RFC3339), "2027-06-10"
	}))
	for _, step := range []struct {
		at   time.Time
		want status.Status
	}{{now, status.Valid}, {made.Add(-time.Second), status.Valid}, {made, status.Suspended}, {made.Add(time.Second), status.Suspended}} {
		k.Clock.Set(step.at)
		if got := statusList(t, k.Registry, 0, step.at).At(place); got != step.want {
			t.Errorf("at %s: got %d, want %d", step.at, got, step.want)
		}
	}
}
