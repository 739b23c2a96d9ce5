package web

import (
	"tegata/verify"
	"tegata/web/headline"
	"tegata/web/whatif"
)

// A whatIfPage is where an issuer or maker sees how things would go on.
type whatIfPage struct {
	basePage
	Code     verify.Code
	Number   string
	Faults   []faultBody
	Label    bool // or a declaration
	Statuses []artworkChoice
	Extend   string // as it was asked for
	From     string
	Made     string
	ZoneName string
	Imagined headline.Headline // what is said; no sentence: there is a fault
	Extended []string
	Places   []whatIfPlace
	Record   string // address of what the registry says
	API      string
}

// A whatIfPlace is one place, or several of which the same is told. Then is empty
// where nothing is imagined, and where it changes nothing.
type whatIfPlace struct {
	ID        verify.Jurisdiction // of the first
	Name      string
	Now, Then []whatIfLine
	Same      bool
}

type whatIfLine struct {
	Sentence string
	Because  []conditionView
}

// newWhatIfPage makes the page of an answer; nil where what is asked is at fault.
func newWhatIfPage(b basePage, r *verify.Record, a *whatif.Answer) whatIfPage {
	l := b.Lang
	p := whatIfPage{
		basePage: b, Code: r.Code, Label: r.Scheme == verify.JCSTAR,
		Extend: b.Query.Get(paramExtend), From: b.Query.Get(paramFirst), Made: b.Query.Get(paramMade),
		ZoneName: l.T("zone." + r.Zone().String()),
		Record:   b.Link("/v/" + string(r.Code)),
		API:      "/api/v1" + b.with(paramLang, ""),
	}
	p.Title = l.T("whatif.title", r.Code.Printed())
	chosen := b.Query.Get(paramStatus)
	p.Statuses = []artworkChoice{{"", l.T("whatif.form.none"), chosen == ""}}
	for _, s := range standingsOf(r.Scheme) {
		p.Statuses = append(p.Statuses, artworkChoice{string(s), l.T("status." + string(s)), chosen == string(s)})
	}
	if a == nil {
		return p
	}
	p.Number = a.Number
	p.Imagined = headline.Headline{Tone: headline.None, Word: l.T("whatif.imagined"), Sentence: a.Said(l)}
	p.Extended = a.Extend(l)
	for _, t := range a.Tell(l) {
		p.Places = append(p.Places, whatIfPlace{ID: t.In[0], Name: t.Places(l), Now: whatIfLines(b, t.Now), Then: whatIfLines(b, t.Then), Same: t.Same})
	}
	return p
}

func whatIfLines(b basePage, lines []whatif.Line) (views []whatIfLine) {
	for _, line := range lines {
		view := whatIfLine{Sentence: line.Sentence}
		for _, c := range line.Because {
			view.Because = append(view.Because, conditionView{
				Met: c.Met, Word: b.Lang.T("met." + string(c.Met)), Sentence: c.Sentence, Cite: c.Cite,
				Law: b.Link("/law") + "#" + string(c.Rule),
			})
		}
		views = append(views, view)
	}
	return views
}
