package web

import (
	"cmp"
	"slices"
	"strings"

	"tegata/verify"
	"tegata/web/i18n"
)

// A productView is the product, and on whose word it is here.
type productView struct {
	Name, Scheme     phrase
	Brand            string
	Type, Batch      string
	Category         string
	Number, Level    string
	Criteria         string
	Holder           phrase
	Basis            string
	BasisURL         string // the declaration it rests on
	Page             link
	Parties          []partyView
	Issued           string // place and day of a declaration
	Retention        verify.Date
	Routes           []string
	Models           []modelView
	Fold, AnyBarcode bool // whether the models are too many to be shown at once; whether any has a barcode number
}

// A modelView is a model with its barcode numbers, each of which leads to all that
// covers it.
type modelView struct {
	Model string
	GTINs []link
}

// A partyView is who is responsible for a product under a declaration.
type partyView struct {
	Role    string
	Name    phrase
	Address string
}

// foldFrom is how many models make a wall.
const foldFrom = 7

func newProductView(b basePage, v *verify.Verdict) productView {
	l := b.Lang
	p := productView{
		Name:     b.phrase(v.Product.Name),
		Scheme:   phrase{Text: l.T("scheme." + string(v.Scheme))},
		Brand:    v.Product.Brand,
		Type:     v.Product.Type,
		Batch:    v.Product.Batch,
		Category: v.Product.Category,
		Number:   v.Number,
		Fold:     len(v.Product.Models) >= foldFrom,
	}
	for _, m := range v.Product.Models {
		p.AnyBarcode = p.AnyBarcode || len(m.GTINs) > 0
		view := modelView{Model: m.Model}
		for _, g := range m.GTINs {
			view.GTINs = append(view.GTINs, link{b.Link("/01/" + g), g})
		}
		p.Models = append(p.Models, view)
	}
	if f := v.Label; f != nil {
		p.Level = verify.Stars(f.Level)
		p.Criteria = f.Criteria
		p.Holder = b.phrase(f.Holder.Name)
		p.Page = newLink(f.Page)
		p.Basis = l.T("basis." + string(f.Basis.Route))
		if f.Basis.Arrangement != "" {
			p.Basis = l.T("basis.third_party_named", f.Basis.Arrangement)
		}
		if f.Basis.Declaration != "" {
			p.BasisURL = b.Link("/v/" + string(f.Basis.Declaration))
		}
	}
	if d := v.Declaration; d != nil {
		for _, f := range d.Parties {
			p.Parties = append(p.Parties, partyView{l.T("role." + f.Role), b.phrase(f.Name), f.Address})
		}
		p.Issued = l.T("product.issued_at", d.Place, d.Issued)
		p.Retention = d.Retention
		p.Routes = []string{
			l.T("route.passwords." + string(d.Routes.Passwords)),
			l.T("route.reporting." + string(d.Routes.Reporting)),
			l.T("route.support." + string(d.Routes.Support)),
		}
	}
	return p
}

// A supportView is how long security updates are provided.
type supportView struct {
	Text      phrase
	End       string
	Precision string // how exactly the maker says it
	Alert     string // what must be said first: that it has ended, or ends before the label does
}

func newSupportView(b basePage, v *verify.Verdict) *supportView {
	s := v.Support
	if s == nil {
		return nil
	}
	l := b.Lang
	view := &supportView{Text: b.phrase(s.Text)}
	if s.End.IsZero() {
		view.End = l.T("support.end_none")
		return view
	}
	view.End = l.Day(s.End)
	if s.Qualifier == verify.AtLeast {
		view.End = l.T("support.end_least", s.End)
	}
	if s.Precision == verify.ToTheMonth || s.Precision == verify.ToTheYear {
		view.Precision = l.T("support.precision." + string(s.Precision))
	}
	switch {
	case !v.Question.At.Before(s.End.End(v.Scheme.Home().Zone())):
		view.Alert = l.T("support.ended")
	case v.Label != nil && s.End.Before(v.Label.Expires):
		view.Alert = l.T("support.before_label", s.End, v.Label.Expires)
	}
	return view
}

// A documentView is one address of a declaration.
type documentView struct {
	Link     link
	Language string
	Lang     string // the same as HTML names it
	SHA256   string
	Seen     string
	Since    string      // from when it was found so; empty where that is the same
	Reason   string      // why it is gone
	Found    string      // the digest of what was found, where it is another
	Code     verify.Code // of the declaration, where it is not the page's own
	CodeURL  string
}

func newDocumentView(b basePage, v *verify.Verdict, d verify.Document) documentView {
	l := b.Lang
	view := documentView{Link: newLink(d.URL), Language: d.Language, Lang: d.Language, SHA256: d.SHA256}
	if key := "language." + d.Language; l.Has(key) {
		view.Language = l.T(key)
	}
	view.Seen = l.T("seen.never")
	if d.Seen != "" {
		view.Seen = l.T("seen."+string(d.Seen), l.Instant(d.SeenAt, zoneOf(v.Question.In)))
		if view.Found = d.SeenSHA256; d.Seen != verify.SeenOpen && d.SeenSince.Before(d.SeenAt) {
			view.Since = l.T("seen.since", l.Instant(d.SeenSince, zoneOf(v.Question.In)))
		}
		if d.SeenReason != "" {
			view.Reason = l.T("seen.reason."+string(d.SeenReason), d.SeenStatus)
		}
	}
	if d.Code != v.Code {
		view.Code, view.CodeURL = d.Code, b.Link("/v/"+string(d.Code))
	}
	return view
}

// readable puts the documents in the reader's language first, and those in
// English before the rest: the Memorandum asks for English (MoC 4(4)).
func readable(l i18n.Language, documents []documentView) []documentView {
	slices.SortStableFunc(documents, func(a, b documentView) int { return cmp.Compare(rank(l, a.Lang), rank(l, b.Lang)) })
	return documents
}

// rank is the place of a document in that order. English of any country is
// English.
func rank(l i18n.Language, tag string) int {
	switch tongue, _, _ := strings.Cut(tag, "-"); tongue {
	case string(l):
		return 0
	case string(i18n.English):
		return 1
	}
	return 2
}
