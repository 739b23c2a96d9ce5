package verify

import "time"

// AccordTerms are the Memorandum's own dates: it commences on 2026-01-01 for
// three years, renews itself, and is discontinued by six months' notice
// (MoC 11(2), 11(3)).
type AccordTerms struct {
	Commences    Date `json:"commences"`
	TermYears    int  `json:"term_years"`
	NoticeMonths int  `json:"notice_months"`
}

// Memorandum are the dates of the Memorandum of Cooperation: it "will commence on
// 01 01 2026 and will continue for an initial period of three (3) years …
// automatically renewed for successive periods of three (3) years"; notice is given
// "six (6) months in advance" (MoC 11(2), 11(3)).
var Memorandum = AccordTerms{
	Commences:    Date{Year: 2026, Month: time.January, Day: 1},
	TermYears:    3,
	NoticeMonths: 6,
}

// Noticed is accord.noticed: a Participant discontinues the Memorandum.
type Noticed struct {
	NoticeOn Date   `json:"notice_on"`
	EndsOn   Date   `json:"ends_on"`            // the first day it no longer applies
	Corrects string `json:"corrects,omitempty"` // id of an earlier one, which is struck out
}

func (b *Noticed) check(_ *Head, c checker) {
	c.need("notice_on", !b.NoticeOn.IsZero())
	c.need("ends_on", !b.EndsOn.IsZero())
	if !b.EndsOn.IsZero() && !b.NoticeOn.Before(b.EndsOn) {
		c.also("ends_on", NotLater, b.NoticeOn.String())
	}
	c.like("corrects", b.Corrects, aUUID, NotUUID, "")
}

// Accord is how the Memorandum stands.
type Accord struct {
	AccordTerms
	notices []notice
}

type notice struct {
	id string
	GivenNotice
}

// A GivenNotice is a notice as a Participant gave it.
type GivenNotice struct {
	Noticed
	By     PartyID
	Made   time.Time
	Struck bool // a later one corrects it
}

// Given lists the notices in log order.
func (a Accord) Given() (list []GivenNotice) {
	for _, n := range a.notices {
		list = append(list, n.GivenNotice)
	}
	return list
}

// An accordSpan is when the Memorandum applies: from its first instant until the
// first one it no longer does. It renews itself at the end of every term (MoC
// 11(2)), so it ends only on the day a notice names (MoC 11(3)), at that day's
// first instant in the zone of the country asked about. Zero instants: it never
// began; it has no end.
type accordSpan struct{ from, until time.Time }

func (a Accord) span(zone *time.Location) (s accordSpan) {
	if !a.Commences.IsZero() {
		s.from = a.Commences.Start(zone)
	}
	if n, ends := a.Ending(); ends {
		s.until = n.EndsOn.Start(zone)
	}
	return s
}

func (s accordSpan) contains(t time.Time) bool {
	return !s.from.IsZero() && !t.Before(s.from) && (s.until.IsZero() || t.Before(s.until))
}

// Ending returns the notice that ends the Memorandum, if there is one: of two,
// the one that ends it earlier.
func (a Accord) Ending() (Noticed, bool) {
	var first Noticed
	for _, n := range a.notices {
		if !n.Struck && (first.EndsOn.IsZero() || n.EndsOn.Before(first.EndsOn)) {
			first = n.Noticed
		}
	}
	return first, !first.EndsOn.IsZero()
}

// Short reports whether a notice is given less than six months ahead, which
// MoC 11(3) says should not, but does not say cannot, be.
func (a Accord) Short(n Noticed) bool {
	return n.EndsOn.Before(n.NoticeOn.AddMonths(a.NoticeMonths))
}

// follow enters a notice that may follow, or says why it may not.
func (a *Accord) follow(h Head, b *Noticed) (faults Faults) {
	if b.Corrects == "" {
		a.notices = append(a.notices, notice{h.ID, GivenNotice{Noticed: *b, By: h.By, Made: h.Made}})
		return nil
	}
	for i := range a.notices {
		if n := &a.notices[i]; n.id == b.Corrects && n.By == h.By && !n.Struck {
			n.Struck = true
			a.notices = append(a.notices, notice{h.ID, GivenNotice{Noticed: *b, By: h.By, Made: h.Made}})
			return nil
		}
	}
	faults.add("corrects", NothingSaid, b.Corrects)
	return faults
}
