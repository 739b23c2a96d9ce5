package web

import (
	"strconv"

	"tegata/verify"
	"tegata/web/headline"
)

// A searchPage is a form, and what was found by what was put into it.
type searchPage struct {
	basePage
	Asked, Category, Holder                    string
	Schemes, Statuses, Outcomes, Places, Lapse []optionView
	Narrow                                     bool // more than words is asked for
	Faults                                     []faultBody
	Heading                                    string
	Counted                                    string // how many there are in all
	Note                                       string // how the results are ordered
	Behind                                     string // what cannot be searched yet
	Looked                                     string // how far this page has looked
	Results                                    []resultView
	Nothing                                    bool // neither here nor further on
	Next                                       string
	First                                      string // address of the first page, where this is another
}

// An optionView is one choice of several.
type optionView struct {
	Value, Text string
	Chosen      bool
}

// A resultView is one record of a list.
type resultView struct {
	foundView
	Holders []phrase
	Models  string
	Until   verify.Date
}

// options are the choices of one field, with the one that leaves all in first.
func options[T ~string](all string, of []T, chosen T, text func(T) string) []optionView {
	views := []optionView{{"", all, chosen == ""}}
	for _, o := range of {
		views = append(views, optionView{string(o), text(o), o == chosen})
	}
	return views
}

// newSearchPage makes the page of what was found, or of a form alone where
// nothing was looked for.
func newSearchPage(b basePage, w wanted, found *recordsBody) searchPage {
	l := b.Lang
	p := searchPage{basePage: b, Asked: w.Text, Category: w.Category, Holder: w.Holder}
	p.Title = l.T("search.title")
	p.Narrow = w.Category != "" || w.Holder != "" || w.Scheme != "" || w.in != "" || w.judged()
	all := l.T("search.any")
	p.Schemes = options(all, schemes, w.Scheme, func(s verify.Scheme) string { return l.T("scheme." + string(s)) })
	p.Statuses = options(all, statuses, w.status, func(s verify.Status) string { return l.T("status." + string(s)) })
	p.Outcomes = options(all, outcomes, w.outcome, func(o verify.Outcome) string { return l.T("outcome." + string(o)) })
	p.Places = options(l.T("search.place.other"), verify.Jurisdictions, w.in, func(in verify.Jurisdiction) string { return l.T("place." + string(in)) })
	p.Lapse = []optionView{{"", all, w.lapsing == 0}}
	for _, n := range lapsingDays {
		p.Lapse = append(p.Lapse, optionView{strconv.Itoa(n), l.T("search.lapsing.within", n), n == w.lapsing})
	}
	if found == nil {
		return p
	}
	p.show(w, found)
	return p
}

// searchFields are the words that fields of the form stand under.
var searchFields = map[string]string{
	paramAsk: "search.field", paramHolder: "search.holder", paramCategory: "search.category", paramScheme: "search.scheme",
	paramStatus: "search.status", paramOutcome: "search.outcome", paramIn: "search.place", paramLapsing: "search.lapsing",
}

// refuse adds what is wrong with what was put into the form.
func (p *searchPage) refuse(faults []faultBody) {
	p.Title = p.Lang.T("problem." + string(problemParameter) + ".title")
	for _, f := range faults {
		if key, ok := searchFields[f.Field]; ok {
			p.Narrow = p.Narrow || f.Field != paramAsk
			f.Field = p.Lang.T(key)
		}
		p.Faults = append(p.Faults, f)
	}
}

// show adds what was found.
func (p *searchPage) show(w wanted, found *recordsBody) {
	l := p.Lang
	p.Heading, p.Note = l.T("search.all"), l.T("search.order.newest")
	if w.Text != "" {
		p.Heading, p.Note = l.T("search.found", w.Text), l.T("search.order.words")
		p.Title = p.Heading
	}
	if found.Total != nil {
		p.Counted = l.T("search.counted", l.Count(*found.Total))
	}
	if found.Searched < found.Log.Size {
		p.Behind = l.T("search.behind", l.Count(found.Searched), l.Count(found.Log.Size))
	}
	for i := range found.verdicts {
		p.Results = append(p.Results, newResultView(p.basePage, &found.verdicts[i], &found.Items[i]))
	}
	if w.After != "" {
		p.First = p.with(paramAfter, "")
	}
	if found.Next != "" {
		p.Next = p.with(paramAfter, found.Next)
		if len(found.Items) < w.Limit {
			p.Looked = l.T("search.looked", l.Count(int64(found.Looked)))
		}
	}
	p.Nothing = len(found.Items) == 0 && found.Next == "" && w.After == ""
}

func newResultView(b basePage, v *verify.Verdict, item *listedBody) resultView {
	l := b.Lang
	r := resultView{
		foundView: newFoundView(b, v),
		Models:    l.T("search.models", l.Count(int64(item.Models))),
	}
	if v.Validity.Status == verify.StatusValid {
		r.Until = v.Validity.Until
	}
	for _, h := range item.Holders {
		if name := b.phrase(h); name.Text != r.Brand {
			r.Holders = append(r.Holders, name)
		}
	}
	return r
}

// newFoundView is what a list shows of a record.
func newFoundView(b basePage, v *verify.Verdict) foundView {
	l := b.Lang
	f := foundView{
		URL:      b.Link("/v/" + string(v.Code)),
		Code:     v.Code.Printed(),
		Scheme:   l.T("scheme." + string(v.Scheme)),
		Number:   v.Number,
		Headline: headline.Of(l, v),
	}
	if v.Product != nil {
		f.Name, f.Brand = b.phrase(v.Product.Name), v.Product.Brand
	}
	return f
}
