package web

import (
	"net/url"

	"tegata/verify"
)

// A lawPage lists every rule with its sentence.
type lawPage struct {
	basePage
	Tables []ruleTable
}

// A ruleTable is the rules of one layer for one scheme, in the order in which
// the verdict shows them.
type ruleTable struct {
	ID       string
	Heading  string
	Question string // what the rules together decide
	Rules    []ruleView
}

// A ruleView is one rule.
type ruleView struct {
	ID       string
	Sentence string
	Cite     string
	Quote    string // in English, as it was made
	Applies  string
	Fails    string
	Examples []exampleView
}

// An exampleView leads to a record that shows what the rule says.
type exampleView struct {
	Text string
	URL  string
	Code string
}

func newLawPage(b basePage, rules []ruleBody) lawPage {
	l := b.Lang
	p := lawPage{basePage: b}
	p.Title = l.T("law.title")
	for _, r := range rules {
		id := string(r.Scheme) + "-" + string(r.Layer)
		if n := len(p.Tables); n == 0 || p.Tables[n-1].ID != id {
			p.Tables = append(p.Tables, ruleTable{ID: id, Heading: l.T("law.table." + id), Question: l.T("law.question." + id)})
		}
		v := ruleView{
			ID: string(r.ID), Sentence: l.T("rule." + string(r.ID)),
			Cite:  l.T("cite."+string(r.Cite.Source), r.Cite.Ref),
			Quote: r.Quote, Applies: l.T("law.from", r.From), Fails: l.T("outcome." + string(r.Fails)),
		}
		if !r.Until.IsZero() {
			v.Applies = l.T("law.from_until", r.From, r.Until)
		}
		for _, met := range []verify.Met{verify.Yes, verify.No, verify.NotKnown} {
			if e, ok := r.Examples[met]; ok {
				v.Examples = append(v.Examples, exampleView{
					Text: l.T("met." + string(met)),
					URL:  b.Link("/v/"+string(e.Code)) + sep(b) + url.Values{paramIn: {string(e.In)}}.Encode(),
					Code: e.Code.Printed(),
				})
			}
		}
		t := &p.Tables[len(p.Tables)-1]
		t.Rules = append(t.Rules, v)
	}
	return p
}

// sep is what stands between the address of a link and one more parameter.
func sep(b basePage) string {
	if b.Query.Get(paramLang) != "" {
		return "&"
	}
	return "?"
}
