package verify

import (
	"testing"
	"time"
)

// instant reads an RFC 3339 instant, fractions of a second included.
func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// day reads a day.
func day(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDayInItsZone(t *testing.T) {
	for _, c := range []struct {
		name       string
		day        string
		zone       *time.Location
		start, end string
	}{
		{"Tokyo", "2028-03-31", Tokyo, "2028-03-30T15:00:00Z", "2028-03-31T15:00:00Z"},
		{"Tokyo, leap day", "2028-02-29", Tokyo, "2028-02-28T15:00:00Z", "2028-02-29T15:00:00Z"},
		{"London, winter", "2026-01-01", London, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
		{"London, summer", "2026-07-01", London, "2026-06-30T23:00:00Z", "2026-07-01T23:00:00Z"},
		{"London, a day of 23 hours", "2026-03-29", London, "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"},
		{"London, a day of 25 hours", "2026-10-25", London, "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"},
		{"London, year without end in its data", "2060-07-01", London, "2060-06-30T23:00:00Z", "2060-07-01T23:00:00Z"},
		{"the last day there is", "9999-12-31", Tokyo, "9999-12-30T15:00:00Z", "9999-12-31T15:00:00Z"},
	} {
		d := day(t, c.day)
		start, end := instant(t, c.start), instant(t, c.end)
		if got := d.Start(c.zone); !got.Equal(start) {
			t.Errorf("%s: starts: got %v, want %v", c.name, got, start)
		}
		if got := d.End(c.zone); !got.Equal(end) {
			t.Errorf("%s: ends: got %v, want %v", c.name, got, end)
		}
		for at, want := range map[time.Time]bool{
			start.Add(-1): false, start: true, end.Add(-time.Second): true, end.Add(-1): true, end: false,
		} {
			if got := DateOf(at, c.zone) == d; got != want {
				t.Errorf("%s: %v is that day: got %v, want %v", c.name, at, got, want)
			}
		}
	}
}

func TestZoneNames(t *testing.T) {
	for zone, want := range map[*time.Location]string{Tokyo: "Asia/Tokyo", London: "Europe/London", JP.Zone(): "Asia/Tokyo", GB.Zone(): "Europe/London"} {
		if got := zone.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"a year after a leap day", day(t, "2028-02-29").AddYears(1).String(), "2029-03-01"},
		{"four years after a leap day", day(t, "2028-02-29").AddYears(4).String(), "2032-02-29"},
		{"two years", day(t, "2026-04-01").AddYears(2).String(), "2028-04-01"},
		{"a leap year", day(t, "2028-02-28").AddDays(1).String(), "2028-02-29"},
		{"no leap year", day(t, "2027-02-28").AddDays(1).String(), "2027-03-01"},
		{"a century that is no leap year", day(t, "2100-02-28").AddDays(1).String(), "2100-03-01"},
		{"a day back over a year", day(t, "2027-01-01").AddDays(-1).String(), "2026-12-31"},
		{"six months", day(t, "2030-01-10").AddMonths(6).String(), "2030-07-10"},
		{"six months into a short month", day(t, "2030-08-31").AddMonths(6).String(), "2031-02-28"},
		{"no day", Date{}.String(), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, c.got, c.want)
		}
	}
}

func TestDateBefore(t *testing.T) {
	days := []string{"1900-01-01", "2026-03-31", "2026-04-01", "2026-04-02", "2026-05-01", "2027-01-01"}
	for i, a := range days {
		for j, b := range days {
			if got, want := day(t, a).Before(day(t, b)), i < j; got != want {
				t.Errorf("%s before %s: got %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{
		"", "2026-4-1", "01/04/2026", "2026-02-29", "2026-13-01", "2026-04-31", "1899-12-31", "0000-00-00",
		"2026-04-01 ", "+2026-04-01", "10000-01-01", "2026-04-01T00:00:00Z", "２０２６-04-01",
	} {
		if got, err := ParseDate(s); err == nil {
			t.Errorf("ParseDate(%q): got %v, want an error", s, got)
		}
	}
	for _, s := range []string{
		"", "2026-04-01", "2026-04-01T00:00:00", "2026-04-01T00:00:00+00:00", "2026-04-01T09:00:00+09:00",
		"2026-04-01T00:00:00.5Z", "2026-04-01T0:00:00.5Z", "2026-04-01T00:00:00,5Z", "2026-04-01t00:00:00z",
		"2026-04-01T24:00:00Z", "2026-12-31T23:59:60Z", "2026-02-29T00:00:00Z", "1899-12-31T23:59:59Z",
	} {
		if got, err := ParseInstant(s); err == nil {
			t.Errorf("ParseInstant(%q): got %v, want an error", s, got)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-04-01", "2028-02-29", "1900-01-01", "9999-12-31", "2026-02-30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err != nil {
			if !d.IsZero() {
				t.Fatalf("ParseDate(%q): got %v with %v", s, d, err)
			}
			return
		}
		if d.String() != s {
			t.Fatalf("ParseDate(%q): got %v", s, d)
		}
		for _, zone := range []*time.Location{Tokyo, London} {
			if got := DateOf(d.Start(zone), zone); got != d {
				t.Fatalf("first instant of %s in %v: got %v", s, zone, got)
			}
			if got := DateOf(d.End(zone).Add(-1), zone); got != d {
				t.Fatalf("last instant of %s in %v: got %v", s, zone, got)
			}
		}
	})
}

func FuzzParseInstant(f *testing.F) {
	for _, s := range []string{"2026-04-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-04-01T00:00:00.0Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := ParseInstant(s)
		if err != nil {
			return
		}
		if got := at.Format(time.RFC3339Nano); got != s || at.Location() != time.UTC {
			t.Fatalf("ParseInstant(%q): got %s", s, got)
		}
	})
}
