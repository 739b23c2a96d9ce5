package verify

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// The run of days of a status, the interval of an outcome, and the next change.
func TestJudgeIntervals(t *testing.T) {
	extended := func(made string) func(*diary) {
		return func(d *diary) { d.say("ipa", made, aoba, &Extended{day(t, "2030-03-31")}) }
	}
	measures := func(d *diary) {
		d.say("opss", "2026-09-01T00:00:00Z", aoba, &Taken{Measure: "M-1", Territory: TerritoryGB, Ground: HealthOrSafety, Notice: StopNotice, Effect: Bars, From: day(t, "2026-10-01")})
		d.say("opss", "2026-09-02T00:00:00Z", aoba, &Lifted{"M-1", day(t, "2026-12-01")})
	}
	for _, c := range []struct {
		name               string
		then               func(*diary)
		in                 Jurisdiction
		at                 string
		status             Status
		first, last        string
		outcome            Outcome
		since, until, next string
	}{
		{"valid", nil, "", "2026-11-01T00:00:00Z", StatusValid, "2026-04-01", "2028-03-31", TreatedAsCompliant, "2026-03-31T15:00:00Z", "2028-03-31T15:00:00Z", "2028-03-31T15:00:00Z"},
		{"at its first instant", nil, "", "2026-03-31T15:00:00Z", StatusValid, "2026-04-01", "2028-03-31", TreatedAsCompliant, "2026-03-31T15:00:00Z", "2028-03-31T15:00:00Z", "2028-03-31T15:00:00Z"},
		{"at its last instant", nil, "", "2028-03-31T14:59:59.999999999Z", StatusValid, "2026-04-01", "2028-03-31", TreatedAsCompliant, "2026-03-31T15:00:00Z", "2028-03-31T15:00:00Z", "2028-03-31T15:00:00Z"},
		{"not yet", nil, "", "2026-03-01T00:00:00Z", StatusNotYet, "", "2026-03-31", NotRecognised, "", "2026-03-31T15:00:00Z", "2026-03-31T15:00:00Z"},
		{"expired for good", nil, "", "2029-01-01T00:00:00Z", StatusExpired, "2028-04-01", "", NotRecognised, "2028-03-31T15:00:00Z", "", ""},
		{"extended in time: one run", extended("2028-02-01T00:00:00Z"), "", "2026-11-01T00:00:00Z", StatusValid, "2026-04-01", "2030-03-31", TreatedAsCompliant, "2026-03-31T15:00:00Z", "2030-03-31T15:00:00Z", "2028-02-01T00:00:00Z"},
		{"extended late: expired in between", extended("2028-06-01T09:00:00Z"), "", "2028-05-01T00:00:00Z", StatusExpired, "2028-04-01", "2028-06-01", NotRecognised, "2028-03-31T15:00:00Z", "2028-06-01T09:00:00Z", "2028-06-01T09:00:00Z"},
		{"extended late: valid again", extended("2028-06-01T09:00:00Z"), "", "2028-06-01T09:00:00Z", StatusValid, "2028-06-01", "2030-03-31", TreatedAsCompliant, "2028-06-01T09:00:00Z", "2030-03-31T15:00:00Z", "2030-03-31T15:00:00Z"},
		{"between status and measure", measures, "", "2026-11-01T00:00:00Z", StatusValid, "2026-04-01", "2028-03-31", NotRecognised, "2026-09-30T23:00:00Z", "2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"},
		{"a measure elsewhere changes what is shown, not the outcome", measures, InGBNIR, "2026-09-10T00:00:00Z", StatusValid, "2026-04-01", "2028-03-31", Undetermined, "2026-03-31T15:00:00Z", "2028-03-31T15:00:00Z", "2026-09-30T23:00:00Z"},
		{"withheld for a time", func(d *diary) {
			d.say("dsit", "2026-09-01T00:00:00Z", aoba, &Withheld{day(t, "2026-10-01"), "f67e040bbd3da8a8d7dd9b4bceda19b74ad99340b8472e538aa8aefe3c3a959d"})
			d.say("dsit", "2026-09-02T00:00:00Z", aoba, &Restored{day(t, "2026-12-01")})
		}, "", "2026-11-01T00:00:00Z", StatusValid, "2026-04-01", "2028-03-31", LayersDiffer, "2026-09-30T23:00:00Z", "2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"},
		{"another outcome of one layer, the headline the same", func(d *diary) {
			d.say("dsit", "2026-09-01T00:00:00Z", aoba, &Withheld{day(t, "2026-10-01"), "f67e040bbd3da8a8d7dd9b4bceda19b74ad99340b8472e538aa8aefe3c3a959d"})
			d.say("dsit", "2026-09-02T00:00:00Z", "", &Noticed{NoticeOn: day(t, "2026-06-01"), EndsOn: day(t, "2027-01-01")})
		}, "", "2026-11-01T00:00:00Z", StatusValid, "2026-04-01", "2028-03-31", LayersDiffer, "2026-09-30T23:00:00Z", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"at home: when the status changes", nil, InJP, "2026-11-01T00:00:00Z", StatusValid, "2026-04-01", "2028-03-31", AtHome, "", "", "2028-03-31T15:00:00Z"},
		{"the same in another layer is another answer", func(d *diary) {
			d.say("meti", "2026-06-01T00:00:00Z", "", &Noticed{NoticeOn: day(t, "2026-06-01"), EndsOn: day(t, "2027-01-01")})
		}, "", "2027-02-01T00:00:00Z", StatusValid, "2026-04-01", "2028-03-31", LayersDiffer, "2027-01-01T00:00:00Z", "2028-03-31T15:00:00Z", "2028-03-31T15:00:00Z"},
	} {
		d := open(t)
		d.issue(nil)
		if c.then != nil {
			c.then(d)
		}
		v := Judge(d.facts(aoba, "2030-01-01T00:00:00Z"), Question{In: c.in, At: instant(t, c.at)})
		if v.Validity.Status != c.status || v.Recognition.Outcome != c.outcome {
			t.Errorf("%s: got %s, %s, want %s, %s", c.name, v.Validity.Status, v.Recognition.Outcome, c.status, c.outcome)
		}
		if v.Validity.Since.String() != c.first || v.Validity.Until.String() != c.last {
			t.Errorf("%s: days: got %q to %q, want %q to %q", c.name, v.Validity.Since, v.Validity.Until, c.first, c.last)
		}
		for _, moment := range []struct {
			name string
			got  time.Time
			want string
		}{{"since", v.Recognition.Since, c.since}, {"until", v.Recognition.Until, c.until}, {"next change", v.NextChange, c.next}} {
			if got := printed(moment.got); got != moment.want {
				t.Errorf("%s: %s: got %q, want %q", c.name, moment.name, got, moment.want)
			}
		}
	}
}

func printed(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// Two clocks: what is said later about an earlier day changes the answer for
// that day, never the answer that was known then.
func TestJudgeTwoClocks(t *testing.T) {
	d := open(t)
	d.issue(nil)
	size := int64(len(d.entries))
	id := d.status("2026-10-01T00:00:00Z", StandsRevoked, "2026-06-01")
	d.say("ipa", "2026-12-01T00:00:00Z", aoba, &StatusSaid{Status: StandsSuspended, From: day(t, "2026-07-01"), Corrects: id})
	f := d.facts(aoba, "2027-01-01T00:00:00Z")
	for _, c := range []struct {
		name, at string
		known    Known
		want     Status
	}{
		{"now, of a day before", "2026-05-31T14:59:59Z", Known{}, StatusValid},
		{"now, of a day that was corrected", "2026-06-15T00:00:00Z", Known{}, StatusValid},
		{"now, of a day after", "2026-08-01T00:00:00Z", Known{}, StatusSuspended},
		{"known before the revocation, by time", "2026-08-01T00:00:00Z", Known{Time: instant(t, "2026-09-30T23:59:59Z")}, StatusValid},
		{"known before the revocation, by size", "2026-08-01T00:00:00Z", Known{Size: size}, StatusValid},
		{"known when it was revoked, by time", "2026-08-01T00:00:00Z", Known{Time: instant(t, "2026-10-01T00:00:00Z")}, StatusRevoked},
		{"known when it was revoked, by size", "2026-08-01T00:00:00Z", Known{Size: size + 1}, StatusRevoked},
		{"known when it was revoked, of an earlier day", "2026-05-31T14:59:59Z", Known{Size: size + 1}, StatusValid},
		{"the smaller of size and time", "2026-08-01T00:00:00Z", Known{Size: size + 1, Time: instant(t, "2026-09-01T00:00:00Z")}, StatusValid},
		{"not yet known", "2026-08-01T00:00:00Z", Known{Time: instant(t, "2026-03-31T23:59:59Z")}, StatusUnknown},
		{"not yet known, by size", "2026-08-01T00:00:00Z", Known{Size: size - 1}, StatusUnknown},
	} {
		q := Question{At: instant(t, c.at), Known: c.known}
		if got := Judge(f, q).Validity.Status; got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if got := Judge(f.Fold(), q).Validity.Status; got != c.want {
			t.Errorf("%s, folded: got %s, want %s", c.name, got, c.want)
		}
	}
}

// A compromise that becomes known later changes nothing that was known before.
func TestJudgeBeforeCompromiseWasKnown(t *testing.T) {
	d := open(t)
	d.issue(nil)
	compromised(d, "2026-10-01T00:00:00Z", d.keys["ipa"], "2026-03-01T00:00:00Z")
	f := d.facts(aoba, "2027-01-01T00:00:00Z")
	at := instant(t, "2026-08-01T00:00:00Z")
	for known, want := range map[string]Status{"2026-09-30T23:59:59Z": StatusValid, "2026-10-01T00:00:00Z": StatusUntrusted} {
		if got := Judge(f, Question{At: at, Known: Known{Time: instant(t, known)}}).Validity.Status; got != want {
			t.Errorf("known at %s: got %s, want %s", known, got, want)
		}
	}
}

// The latest status logged governs from its first day on, whichever first day
// the ones before it have.
func TestLatestLoggedStatusGoverns(t *testing.T) {
	d := open(t)
	d.issue(nil)
	d.status("2026-06-01T00:00:00Z", StandsSuspended, "2026-08-01")
	d.status("2026-06-02T00:00:00Z", StandsGrace, "2026-07-01")
	r := d.record(aoba)
	for at, want := range map[string]Status{"2026-06-30T14:59:59Z": StatusValid, "2026-06-30T15:00:00Z": StatusGrace, "2026-08-01T00:00:00Z": StatusGrace} {
		if got := r.Status(instant(t, at)); got != want {
			t.Errorf("%s: got %s, want %s", at, got, want)
		}
	}
}

// Of several final states, the first in the order of Statuses is the answer.
func TestFinalStatesInOrder(t *testing.T) {
	d := open(t)
	d.issue(nil)
	lapsed := d.status("2026-06-01T00:00:00Z", StandsLapsed, "2026-09-01")
	d.status("2026-06-02T00:00:00Z", StandsWithdrawn, "2026-08-01")
	d.status("2026-06-03T00:00:00Z", StandsRevoked, "2026-07-01")
	r := d.record(aoba)
	if got := r.Status(instant(t, "2026-10-01T00:00:00Z")); got != StatusRevoked {
		t.Errorf("got %s, want revoked", got)
	}
	d.say("ipa", "2026-06-04T00:00:00Z", aoba, &StatusSaid{Status: StandsGrace, From: day(t, "2026-06-10"), Corrects: lapsed})
	r = d.record(aoba)
	for at, want := range map[string]Status{"2026-06-20T00:00:00Z": StatusGrace, "2026-10-01T00:00:00Z": StatusRevoked} {
		if got := r.Status(instant(t, at)); got != want {
			t.Errorf("one corrected, at %s: got %s, want %s", at, got, want)
		}
	}
	if got, want := counting(r), []Counting{Counted, Struck, Counted, Counted, Counted}; !slices.Equal(got, want) {
		t.Errorf("one corrected: got %v, want %v", got, want)
	}
}

// A period that ends on the last day there is has no end that could be written,
// and its verdict can be.
func TestJudgeLastDayThereIs(t *testing.T) {
	d := open(t)
	d.publish(func(d *Declaration) { d.Support.End = day(t, "9999-12-31") })
	d.observe("2026-10-20T00:00:00Z", SeenOpen)
	for _, in := range Jurisdictions {
		v := Judge(d.facts(thames, "2026-11-01T00:00:00Z"), Question{In: in})
		if _, err := json.Marshal(v); err != nil {
			t.Errorf("in %s: %v", in, err)
		}
		if !v.Validity.Until.IsZero() {
			t.Errorf("in %s: valid until %s, want open", in, v.Validity.Until)
		}
	}
}
