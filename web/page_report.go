package web

import (
	"net/url"
	"strconv"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/yearly"
	"tegata/web/headline"
)

// A reportPage is the yearly report for people.
type reportPage struct {
	basePage
	From, To verify.Date
	Days     string
	Head     string
	JSON     string // addresses of the same
	Table    string
	Signed   string
	Check    string
	Parts    []reportPart
	Known    string // the state of the log, where one was asked for
}

// A reportPart is what a report says of one thing, as tables.
type reportPart struct {
	ID, Heading string
	Note        string
	Tables      []reportTable
}

// A reportTable has a row for each thing that was counted.
type reportTable struct {
	ID, Caption string
	Columns     []string // of the numbers
	Rows        []reportRow
	Empty       string // said where no row has anything
}

type reportRow struct {
	Name   string
	URL    string // of the rule
	Counts []string
}

func newReportPage(b basePage, y bundle.Yearly) reportPage {
	l := b.Lang
	q := url.Values{paramFromDay: {y.From.String()}, paramToDay: {y.To.String()}, paramKnown: {strconv.FormatInt(y.Known, 10)}}
	p := reportPage{
		basePage: b, From: y.From, To: y.To,
		Days:   l.T("report.days", y.From, y.To),
		Head:   l.T("report.head", l.Count(y.Known), y.Log.Origin, l.Instant(y.Log.Time, time.UTC)),
		JSON:   "/api/v1/report?" + q.Encode(),
		Table:  "/api/v1/report.csv?" + q.Encode(),
		Signed: "/api/v1/report.jwt?" + q.Encode(),
		Check:  b.Link("/log"),
		Known:  b.Query.Get(paramKnown),
	}
	p.Title = l.T("report.title")
	w := reportWriter{b, y.Report}
	for _, s := range []verify.Scheme{verify.JCSTAR, verify.PSTI} {
		about := yearly.Labels
		if s == verify.PSTI {
			about = yearly.Declarations
		}
		part := reportPart{ID: string(about), Heading: l.T("report." + string(about)), Note: l.T("report.zone." + string(about))}
		part.Tables = append(part.Tables,
			w.table(about, "period", "", false, yearly.Issued, yearly.Extended, yearly.Ended, yearly.Seen),
			w.table(about, "standing", "", false, yearly.Standing))
		for _, in := range yearly.Places(s) {
			part.Tables = append(part.Tables,
				w.table(about, "accord", in, false, yearly.ByAccord),
				w.conditions(about, "accord_reasons", in, yearly.AccordNo, yearly.AccordUnknown))
			if s == verify.JCSTAR {
				part.Tables = append(part.Tables,
					w.table(about, "statute", in, false, yearly.ByStatute),
					w.conditions(about, "statute_reasons", in, yearly.StatuteNo, yearly.StatuteUnknown))
			}
		}
		p.Parts = append(p.Parts, part)
	}
	p.Parts = append(p.Parts,
		reportPart{ID: "measures", Heading: l.T("report.measures"), Note: l.T("report.zone.measures"), Tables: []reportTable{
			w.table(yearly.Measures, "measures", "", true, yearly.Taken, yearly.Lifted),
		}},
		reportPart{ID: "accord", Heading: l.T("report.accord"), Note: l.T("report.zone.accord"), Tables: []reportTable{
			w.table(yearly.Accord, "notices", "", false, yearly.Noticed),
			w.table(yearly.Corrections, "corrections", "", false, yearly.Standing, yearly.Noticed),
		}},
	)
	return p
}

// A reportWriter makes tables from the rows of a report.
type reportWriter struct {
	basePage
	yearly.Report
}

// table has a row for each of some kinds, in their order; where some is set, only
// those of which there were any.
func (w reportWriter) table(about yearly.About, key string, in verify.Jurisdiction, some bool, kinds ...yearly.What) reportTable {
	t := w.empty(about, key, in)
	t.Columns = []string{w.Lang.T("report.count")}
	for _, what := range kinds {
		for _, c := range w.Counts {
			if c.About != about || c.What != what || in != "" && c.In != string(in) || some && c.Count == 0 {
				continue
			}
			name := headline.OfRow(w.Lang, c.Row)
			if key == "standing" || key == "accord" || key == "statute" {
				name = headline.OfBy(w.Lang, c.Row) // the caption says the rest
			}
			t.Rows = append(t.Rows, reportRow{Name: name, Counts: []string{w.Lang.Count(c.Count)}})
		}
	}
	return t
}

// conditions has a row for each rule that some record did not meet or of which
// nobody knows.
func (w reportWriter) conditions(about yearly.About, key string, in verify.Jurisdiction, no, unknown yearly.What) reportTable {
	t := w.empty(about, key, in)
	t.Columns = []string{w.Lang.T("met.no"), w.Lang.T("met.unknown")}
	for _, c := range w.Counts {
		if c.About != about || c.What != no || c.In != string(in) {
			continue
		}
		other := w.Of(yearly.Row{About: about, What: unknown, In: c.In, By: c.By})
		if c.Count == 0 && other == 0 {
			continue
		}
		t.Rows = append(t.Rows, reportRow{
			Name: headline.OfBy(w.Lang, c.Row), URL: w.Link("/law") + "#" + c.By,
			Counts: []string{w.Lang.Count(c.Count), w.Lang.Count(other)},
		})
	}
	return t
}

// empty is a table without rows.
func (w reportWriter) empty(about yearly.About, key string, in verify.Jurisdiction) reportTable {
	t := reportTable{ID: string(about) + "-" + key, Empty: w.Lang.T("report.none")}
	if in == "" {
		t.Caption = w.Lang.T("report.table." + key)
		return t
	}
	t.ID += "-" + string(in)
	t.Caption = w.Lang.T("report.table."+key, w.Lang.T("place."+string(in)))
	return t
}
