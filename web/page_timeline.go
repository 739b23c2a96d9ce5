package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tegata/verify"
	"tegata/web/i18n"
)

// A timelineView is the days of a product on one line: the label or declaration,
// the security updates, the arrangement between the two countries, and the day
// that is asked about. The sentences say all that the drawing shows.
type timelineView struct {
	Rows     []spanView
	Ticks    []tickView // the first of January of some years
	Asked    tickView   // the day asked about
	AskedDay string
	Height   int // of the drawing, in pixels
	Base     int // where the years stand
	Years    int // down to where the lines of the years are drawn
	Alt      string
}

// A spanView is one row of it. Positions are parts of the whole width, such as
// 12.5%.
type spanView struct {
	Kind        string // label, support or accord: how it is drawn
	Name        string
	Sentence    string
	X, Width    string
	Text, Bar   int  // where name and bar stand, in pixels from above
	Open, Ended bool // Ended also where it is not in force, or nobody can say
}

// A tickView is one day, with the side of its text that has room.
type tickView struct {
	X, Anchor, Text string
}

// Sizes of the drawing in pixels.
const (
	rowHeight  = 46
	rowText    = 14
	rowBar     = 21
	tickHeight = 22
)

// A span is some days, both ends included; a zero day is open.
type span struct {
	kind        string
	first, last verify.Date
	zone        *time.Location
}

// newTimelineView draws the days of a verdict; nil where fewer than two rows
// have any.
func newTimelineView(b basePage, v *verify.Verdict, g *verify.Governance) *timelineView {
	zone := zoneOf(v.Question.In)
	asked := verify.DateOf(v.Question.At, zone)
	spans := spansOf(v, g)
	if len(spans) < 2 {
		return nil
	}
	from, to := asked, asked
	for _, s := range spans {
		for _, d := range []verify.Date{s.first, s.last} {
			if !d.IsZero() && d.Before(from) {
				from = d
			}
			if !d.IsZero() && to.Before(d) {
				to = d
			}
		}
	}
	scale := newScale(from, to)
	view := &timelineView{Base: len(spans)*rowHeight + tickHeight - 6, Height: len(spans)*rowHeight + tickHeight, Years: len(spans) * rowHeight}
	var said []string
	for i, s := range spans {
		row := spanView{
			Kind: s.kind,
			Name: b.Lang.T("timeline." + s.kind),
			Text: i*rowHeight + rowText,
			Bar:  i*rowHeight + rowBar,
			Open: s.last.IsZero(),
		}
		row.Ended = !row.Open && !v.Question.At.Before(s.last.End(s.zone))
		left, right := 0.0, 1.0
		if !s.first.IsZero() {
			left = scale.at(s.first)
		}
		if !row.Open {
			right = scale.at(s.last.AddDays(1))
		}
		row.X, row.Width = percent(left), percent(max(right-left, .005))
		row.Sentence = spanSentence(b.Lang, s)
		if status := v.Validity.Status; i == 0 && slices.Contains(doubtful, status) {
			row.Ended = true
			row.Sentence += " · " + b.Lang.T("status."+string(status))
		}
		said = append(said, row.Name+": "+row.Sentence)
		view.Rows = append(view.Rows, row)
	}
	view.Asked, view.AskedDay = scale.tick(asked, b.Lang.T("timeline.asked")), b.Lang.Day(asked)
	said = append(said, view.Asked.Text+": "+view.AskedDay)
	view.Ticks = scale.years()
	view.Alt = strings.Join(said, b.Lang.T("timeline.stop")+" ")
	return view
}

// ended are the states from which a label does not return.
var ended = []verify.Status{verify.StatusRevoked, verify.StatusWithdrawn, verify.StatusLapsed}

// doubtful are the states in which the days of a label say less than they seem to.
var doubtful = []verify.Status{verify.StatusSuspended, verify.StatusGrace, verify.StatusUntrusted}

// spansOf lists the rows there is something to say of.
func spansOf(v *verify.Verdict, g *verify.Governance) (spans []span) {
	home := v.Scheme.Home().Zone()
	switch {
	case v.Label != nil:
		last := v.Label.Expires
		if s := v.Validity; slices.Contains(ended, s.Status) && !s.Since.IsZero() && s.Since.Before(last) {
			last = s.Since.AddDays(-1) // it ended before
		}
		spans = append(spans, span{"label", v.Label.Issued, last, home})
	case v.Declaration != nil:
		spans = append(spans, span{"declaration", v.Declaration.Issued, v.Declaration.Retention, home})
	}
	if s := v.Support; s != nil && !s.End.IsZero() {
		spans = append(spans, span{"support", v.FirstDay(), s.End, home})
	}
	if v.Recognition.Layers.Accord != nil && !g.Accord.Commences.IsZero() {
		s := span{"accord", g.Accord.Commences, verify.Date{}, zoneOf(v.Question.In)}
		if !v.AccordEnds.IsZero() {
			s.last = v.AccordEnds.AddDays(-1)
		}
		spans = append(spans, s)
	}
	return spans
}

func spanSentence(l i18n.Language, s span) string {
	switch {
	case s.last.IsZero():
		return l.T("timeline.from", s.first)
	case s.kind == "support":
		return l.T("timeline.until", s.last)
	}
	return l.T("timeline.span", s.first, s.last)
}

// A scale puts days on the width of a drawing, with some room on both sides.
type scale struct {
	from verify.Date
	days float64
}

func newScale(from, to verify.Date) scale {
	days := float64(daysBetween(from, to) + 1)
	room := max(20, days/25)
	return scale{from.AddDays(-int(room)), days + 2*room}
}

func daysBetween(a, b verify.Date) int {
	return int(b.Start(time.UTC).Sub(a.Start(time.UTC)).Hours() / 24)
}

// at is the place of a day's first instant, from 0 to 1.
func (s scale) at(d verify.Date) float64 { return float64(daysBetween(s.from, d)) / s.days }

func (s scale) tick(d verify.Date, text string) tickView {
	x := s.at(d)
	t := tickView{X: percent(x), Anchor: "middle", Text: text}
	if x < .12 {
		t.Anchor = "start"
	} else if x > .88 {
		t.Anchor = "end"
	}
	return t
}

// yearsMost is how many years are marked.
const yearsMost = 4

// years marks the first of January of every year, or of every second, third …
// where there are many.
func (s scale) years() (ticks []tickView) {
	first, last := s.from.Year+1, s.from.AddDays(int(s.days)).Year
	step := 1 + (last-first)/yearsMost
	for year := first; year <= last; year += step {
		ticks = append(ticks, s.tick(verify.Date{Year: year, Month: time.January, Day: 1}, strconv.Itoa(year)))
	}
	return ticks
}

func percent(part float64) string { return fmt.Sprintf("%.2f%%", 100*part) }
