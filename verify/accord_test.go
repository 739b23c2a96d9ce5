package verify

import (
	"testing"
	"time"
)

func TestAccordInForce(t *testing.T) {
	notice := func(id, on, ends, corrects string) func(*Accord) {
		return func(a *Accord) {
			b := &Noticed{day(t, on), day(t, ends), corrects}
			if faults := a.follow(Head{ID: id, By: PartyID(id[:4])}, b); len(faults) > 0 {
				t.Fatal(faults)
			}
		}
	}
	both := func(changes ...func(*Accord)) func(*Accord) {
		return func(a *Accord) {
			for _, change := range changes {
				change(a)
			}
		}
	}
	never := func(*Accord) {}
	for _, c := range []struct {
		name   string
		change func(*Accord)
		at     string
		zone   *time.Location
		want   bool
	}{
		{"the last second before it commences, in London", never, "2025-12-31T23:59:59Z", London, false},
		{"the first second, in London", never, "2026-01-01T00:00:00Z", London, true},
		{"the last second before it commences, in Tokyo", never, "2025-12-31T14:59:59Z", Tokyo, false},
		{"the first second, in Tokyo", never, "2025-12-31T15:00:00Z", Tokyo, true},
		{"renewed", never, "2029-01-01T00:00:00Z", London, true},
		{"renewed many times", never, "2099-01-01T00:00:00Z", London, true},
		{"the last second before it ends, in London, in summer", notice("meti1", "2030-01-10", "2030-07-10", ""), "2030-07-09T22:59:59Z", London, true},
		{"ended, in London", notice("meti1", "2030-01-10", "2030-07-10", ""), "2030-07-09T23:00:00Z", London, false},
		{"the last second before it ends, in Tokyo", notice("meti1", "2030-01-10", "2030-07-10", ""), "2030-07-09T14:59:59Z", Tokyo, true},
		{"ended, in Tokyo", notice("meti1", "2030-01-10", "2030-07-10", ""), "2030-07-09T15:00:00Z", Tokyo, false},
		{"of two notices, the earlier end", both(notice("meti1", "2030-01-10", "2030-12-10", ""), notice("dsit1", "2030-02-10", "2030-08-10", "")), "2030-08-10T00:00:00Z", London, false},
		{"whichever is given first", both(notice("dsit1", "2030-02-10", "2030-08-10", ""), notice("meti1", "2030-01-10", "2030-12-10", "")), "2030-08-10T00:00:00Z", London, false},
		{"corrected to later", both(notice("meti1", "2030-01-10", "2030-07-10", ""), notice("meti2", "2030-02-10", "2031-07-10", "meti1")), "2030-08-01T00:00:00Z", London, true},
		{"and then ended", both(notice("meti1", "2030-01-10", "2030-07-10", ""), notice("meti2", "2030-02-10", "2031-07-10", "meti1")), "2031-08-01T00:00:00Z", London, false},
		{"corrected twice", both(notice("meti1", "2030-01-10", "2030-07-10", ""), notice("meti2", "2030-02-10", "2031-07-10", "meti1"), notice("meti3", "2030-03-10", "2032-07-10", "meti2")), "2031-08-01T00:00:00Z", London, true},
	} {
		a := Accord{AccordTerms: AccordTerms{day(t, "2026-01-01"), 3, 6}}
		c.change(&a)
		if got := a.span(c.zone).contains(instant(t, c.at)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if (Accord{}).span(London).contains(instant(t, "2026-06-01T00:00:00Z")) {
		t.Error("no memorandum is in force")
	}
}

// Six months' notice "should" be given; less is accepted, and said.
func TestAccordShort(t *testing.T) {
	a := Accord{AccordTerms: AccordTerms{day(t, "2026-01-01"), 3, 6}}
	for ends, want := range map[string]bool{"2030-07-09": true, "2030-07-10": false, "2031-01-10": false, "2030-01-11": true} {
		if got := a.Short(Noticed{NoticeOn: day(t, "2030-01-10"), EndsOn: day(t, ends)}); got != want {
			t.Errorf("ends %s: got %v, want %v", ends, got, want)
		}
	}
}

// A notice is corrected once, by who gave it.
func TestAccordCorrects(t *testing.T) {
	d := open(t)
	first := d.say("meti", "2030-01-10T00:00:00Z", "", &Noticed{NoticeOn: day(t, "2030-01-10"), EndsOn: day(t, "2030-07-10")})
	again := &Noticed{day(t, "2030-01-10"), day(t, "2030-08-10"), first}
	if got, want := lines(d.clone().try("dsit", "2030-01-11T00:00:00Z", "", again), false), "corrects: nothing_to_correct"; got != want {
		t.Errorf("by the other side: got %q, want %q", got, want)
	}
	before := d.governance
	d.say("meti", "2030-01-11T00:00:00Z", "", again)
	if n, _ := before.Accord.Ending(); n.EndsOn.String() != "2030-07-10" {
		t.Errorf("before it is corrected: got the end %s, want 2030-07-10", n.EndsOn)
	}
	if n, _ := d.governance.Accord.Ending(); n.EndsOn.String() != "2030-08-10" {
		t.Errorf("corrected: got the end %s, want 2030-08-10", n.EndsOn)
	}
	if got, want := lines(d.try("meti", "2030-01-12T00:00:00Z", "", again), false), "corrects: nothing_to_correct"; got != want {
		t.Errorf("corrected again: got %q, want %q", got, want)
	}
}
