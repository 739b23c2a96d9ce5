package web

import (
	"cmp"
	"net/url"
	"strconv"

	"tegata/verify"
	"tegata/web/headline"
	"tegata/web/stock"
)

// A checkedPage shows the answers to a list, some rows at a time.
type checkedPage struct {
	basePage
	Heading, Asked string
	Save, Name     string // address of the list with its answers, and the name to save it under
	Report         string // address of the signed report; empty: there is none
	ReportName     string
	Kept           string // minutes
	Marks          []shownMark
	Shown          string
	Rows           []checkedRow
	Before, After  string // addresses of the pages around this one
}

// A shownMark leads to the rows with a mark.
type shownMark struct {
	markView
	URL    string
	Rows   int
	Chosen bool
}

// A checkedRow is one row with its answer.
type checkedRow struct {
	Number   int
	What     []cellView
	Headline headline.Headline
	Notes    []string
	Until    verify.Date
	URL      string // of the whole answer
}

// A cellView is what the shop's list says of the product.
type cellView struct{ Kind, Text string }

func newCheckedPage(b basePage, a *answered, digest string, shown answeredPage) checkedPage {
	l := b.Lang
	all := shown.counts[""]
	p := checkedPage{basePage: b, Kept: strconv.Itoa(keptMinutes), Save: "/check/" + digest + ".csv", Name: a.file(), ReportName: a.stem() + "-report.jwt"}
	p.Heading = l.T("stock.results.heading", l.Count(int64(all)))
	p.Title = p.Heading
	place, when := l.T("stock.results.place.other"), l.T("stock.results.today")
	if a.in != "" {
		place = l.T("place." + string(a.in))
	}
	if day, err := verify.ParseDate(a.at); err == nil {
		when = l.T("stock.results.day", l.Day(day))
	}
	p.Asked = l.T("stock.results.asked", place, when)
	if a.reported {
		p.Report = "/api/v1/reports/" + digest + ".jwt"
	}
	name := l.T("stock.mark.all")
	p.Marks = append(p.Marks, shownMark{markView{"all", name, ""}, b.with(paramShow, "", paramPage, ""), all, shown.mark == ""})
	for _, m := range marks {
		label := l.T("stock.mark." + string(m))
		p.Marks = append(p.Marks, shownMark{markView{string(m), label, toneOfMark[m]}, b.with(paramShow, string(m), paramPage, ""), shown.counts[m], shown.mark == m})
		if m == shown.mark {
			name = label
		}
	}
	p.Shown = name + ": " + l.T("stock.shown.none")
	rows := shown.counts[shown.mark]
	if n := len(shown.rows); n > 0 {
		p.Shown = l.T("stock.rows", l.Count(int64(shown.first+1)), l.Count(int64(shown.first+n)), l.Count(int64(rows)), name)
	}
	words := map[string]rowWord{}
	for _, w := range rowWords(l) {
		words[w.Key] = w
	}
	for i := range shown.rows {
		p.Rows = append(p.Rows, a.view(b, &shown.rows[i], words))
	}
	page := shown.first/pageRows + 1
	if page > 1 {
		p.Before = b.with(paramPage, strconv.Itoa(page-1))
	}
	if shown.first+pageRows < rows {
		p.After = b.with(paramPage, strconv.Itoa(page+1))
	}
	return p
}

// view is a row as it is shown.
func (a *answered) view(b basePage, r *answeredRow, words map[string]rowWord) checkedRow {
	w := words[rowKey(r.answer)]
	v := checkedRow{Number: r.number, Headline: headline.Headline{Tone: w.Tone, Word: w.Text}, Notes: rowNotes(b.Lang, r.answer)}
	if r.answer.Status == verify.StatusValid {
		v.Until = r.answer.Until
	}
	for _, text := range r.own {
		v.What = append(v.What, cellView{"own", cutShort(text)})
	}
	for _, c := range stock.Columns {
		if text, there := r.asked[c]; there {
			v.What = append(v.What, cellView{string(c), cutShort(text)})
		}
	}
	if r.answer.Code == "" {
		return v
	}
	q := url.Values{paramIn: {string(r.answer.In)}}
	add := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	add(paramAt, cmp.Or(r.cells[stock.At], a.at))
	add(paramLang, b.Query.Get(paramLang))
	if r.answer.ModelCovered != "" {
		add(paramModel, r.cells[stock.Model])
	}
	if r.answer.GTINCovered != "" {
		add(paramGTIN, r.cells[stock.GTIN])
	}
	v.URL = "/v/" + string(r.answer.Code) + "?" + q.Encode()
	return v
}
