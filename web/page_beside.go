package web

import (
	"tegata/verify"
)

// A besideView compares the label of a page with a declaration of the same
// product, or the other way about.
type besideView struct {
	ID      string // of its heading
	Heading string
	URL     string // of the other record
	Because []string
	Rows    []discrepancyView
}

// A discrepancyView is one thing that the two say differently. The one that does
// not say it has no lines.
type discrepancyView struct {
	Name               string
	Label, Declaration []phrase
	LabelAt, DeclareAt link // where it is said
	Cite               string
}

func newBesideView(b basePage, code verify.Code, body besideBody) besideView {
	l, other, heading := b.Lang, body.beside(code), "beside.declaration"
	if other == body.Label {
		heading = "beside.label"
	}
	view := besideView{ID: "beside-" + string(other), Heading: l.T(heading, other.Printed()), URL: b.linkAsked("/records/"+string(other), paramAt, paramKnown)}
	for _, why := range body.Because {
		view.Because = append(view.Because, l.T("because."+string(why)))
	}
	at := func(of verify.Code, index int64) link {
		if index == verify.NoEntry {
			return link{}
		}
		page := ""
		if of != code {
			page = view.URL
		}
		return link{page + "#" + entryID(index), l.T("beside.entry", l.Count(index))}
	}
	for _, d := range body.Differences {
		v := &verify.Verdict{}
		view.Rows = append(view.Rows, discrepancyView{
			Name:        l.T("point."+string(d.Point), d.Of),
			Label:       b.value(v, d.Label),
			Declaration: b.value(v, d.Declaration),
			LabelAt:     at(body.Label, d.LabelEntry),
			DeclareAt:   at(body.Declaration, d.DeclarationEntry),
			Cite:        l.T("cite."+string(d.Cite.Source), d.Cite.Ref),
		})
	}
	return view
}
