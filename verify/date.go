package verify

import (
	"fmt"
	"strings"
	"time"
)

// A Date is a day of the calendar, from 1900-01-01 to 9999-12-31, without a
// zone: whose midnight is meant is said by whoever turns it into an instant.
// The zero Date is no day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads YYYY-MM-DD and nothing else. Other orders of day and month
// are not guessed.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || len(s) != len(time.DateOnly) || t.Year() < 1900 {
		// Of a copy, so that a text made for this call alone takes no memory.
		return Date{}, fmt.Errorf("%q is not a day written YYYY-MM-DD", strings.Clone(s))
	}
	return DateOf(t, time.UTC), nil
}

// DateOf returns the day of t in zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// Start returns the first instant of the day in zone.
func (d Date) Start(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone).UTC()
}

// End returns the first instant after the day in zone.
func (d Date) End(zone *time.Location) time.Time { return d.AddDays(1).Start(zone) }

// AddDays returns the day n days later, or earlier where n is negative.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC), time.UTC)
}

// AddYears returns the same day n years later; 29 February becomes 1 March in
// a year that has none.
func (d Date) AddYears(n int) Date {
	return DateOf(time.Date(d.Year+n, d.Month, d.Day, 0, 0, 0, 0, time.UTC), time.UTC)
}

// AddMonths returns the corresponding day n months later, or the last day of
// that month where it has no such day.
func (d Date) AddMonths(n int) Date {
	last := DateOf(time.Date(d.Year, d.Month+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC), time.UTC)
	last.Day = min(d.Day, last.Day)
	return last
}

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

// IsZero reports whether d is no day. JSON leaves such a member out.
func (d Date) IsZero() bool { return d == Date{} }

// String returns YYYY-MM-DD, or nothing for no day.
func (d Date) String() string {
	b, _ := d.MarshalText()
	return string(b)
}

func (d Date) MarshalText() ([]byte, error) {
	b := make([]byte, 0, len(time.DateOnly))
	if d.IsZero() {
		return b, nil
	}
	two := func(n int) { b = append(b, '0'+byte(n/10), '0'+byte(n%10)) }
	two(d.Year / 100)
	two(d.Year % 100)
	b = append(b, '-')
	two(int(d.Month))
	b = append(b, '-')
	two(d.Day)
	return b, nil
}

func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}

// A Period is a run of whole days. Both ends are included, as they are printed
// on a label. A zero Until leaves it open.
type Period struct {
	From  Date
	Until Date
}

// ParseInstant reads an RFC 3339 instant in UTC to the second, the only form
// that is signed: 2026-04-01T00:00:00Z.
func ParseInstant(s string) (time.Time, error) {
	t, err := time.Parse("2006-01-02T15:04:05Z", s)
	if err != nil || t.Year() < 1900 || len(s) != len("2006-01-02T15:04:05Z") {
		return time.Time{}, fmt.Errorf("%q is not an instant written YYYY-MM-DDThh:mm:ssZ", strings.Clone(s))
	}
	return t, nil
}
