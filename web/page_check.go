package web

import (
	"net/http"
	"strconv"
	"strings"

	"tegata/verify"
	"tegata/web/headline"
	"tegata/web/i18n"
	"tegata/web/stock"
)

// checkPolicy is what the page /check may do beyond the others: run the scripts of
// this host, and ask it.
var checkPolicy = http.Header{
	"Content-Security-Policy": {"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
}

// A checkPage is a form for a list. Its scripts ask for the answers and show them
// on the page itself, in words that stand in it.
type checkPage struct {
	basePage
	Files    string // folder of the scripts
	Most     int    // bytes of a list
	MostSaid string
	Kept     string // minutes
	Faults   []faultBody
	Text     string
	Day      string
	Places   []optionView
	Which    []whichView
	Headers  []optionView // whether the first row names the columns
	Columns  bool         // those of the list are known
	Named    bool         // a column is named
	Marks    []markView
	Tones    []headline.Headline
	Words    []rowWord
}

// A whichView is a field that says where in the list a column is.
type whichView struct {
	Name, Label, Value string
	Options            []optionView
}

// A markView is what rows can be filtered by.
type markView struct {
	Name, Label string
	Tone        headline.Tone
}

// askedColumns are the columns that a list can be asked by.
var askedColumns = []stock.Column{stock.Code, stock.Number, stock.GTIN, stock.Model}

// newCheckPage makes the form, with what was put into it.
func newCheckPage(b basePage, sc *scripts, g given) checkPage {
	l := b.Lang
	p := checkPage{basePage: b, Files: sc.folder(), Most: listMost, MostSaid: strconv.Itoa(listMost>>20) + " MB", Kept: strconv.Itoa(keptMinutes), Text: g.text, Day: g.at}
	p.Title = l.T("stock.title")
	place := g.in
	if place == "" {
		place = verify.InGB
		if l == i18n.Japanese {
			place = verify.InJP
		}
	}
	for _, in := range verify.Jurisdictions {
		p.Places = append(p.Places, optionView{string(in), l.T("place." + string(in)), in == place})
	}
	for _, c := range askedColumns {
		w := whichView{Name: "column-" + string(c), Label: l.T("stock.column." + string(c)), Value: g.columns[c]}
		p.Named = p.Named || w.Value != ""
		p.Which = append(p.Which, w)
	}
	p.Headers = options(l.T("stock.which.none"), []stock.Header{stock.Present, stock.Absent}, g.header, func(h stock.Header) string { return l.T("stock.columns.header." + string(h)) })
	for _, m := range marks {
		p.Marks = append(p.Marks, markView{string(m), l.T("stock.mark." + string(m)), toneOfMark[m]})
	}
	p.Words = rowWords(l)
	for _, t := range []headline.Tone{headline.Good, headline.Part, headline.Caution, headline.Bad, headline.None} {
		p.Tones = append(p.Tones, headline.Headline{Tone: t})
	}
	return p
}

// refuse adds what is wrong with what was put into the form.
func (p *checkPage) refuse(faults []faultBody) {
	p.Title = p.Lang.T("problem." + string(problemList) + ".title")
	for _, f := range faults {
		if c, named := strings.CutPrefix(f.Field, "columns."); named {
			f.Field = p.Lang.T("stock.column." + c)
		} else if key, ok := checkFields[f.Field]; ok {
			f.Field = p.Lang.T(key)
		}
		p.Faults = append(p.Faults, f)
	}
	p.Named = true
}

// choose lets the columns of the list be chosen by their names.
func (p *checkPage) choose(list *stock.List) {
	p.Columns = true
	headings := list.Headings()
	for i := range p.Which {
		w := &p.Which[i]
		w.Options = []optionView{{"", p.Lang.T("stock.which.none"), w.Value == ""}, {"-", p.Lang.T("stock.which.absent"), w.Value == "-"}}
		for n := range min(list.Width(), whichMost) {
			o := optionView{Value: strconv.Itoa(n + 1), Text: p.Lang.T("stock.which.column", n+1)}
			if headings != nil && strings.TrimSpace(headings[n]) != "" {
				o.Text = p.Lang.T("stock.which.named", n+1, cutShort(headings[n]))
			}
			o.Chosen = o.Value == w.Value
			w.Options = append(w.Options, o)
		}
	}
}

// whichMost is how many columns of a list can be chosen from.
const whichMost = 200

// checkFields are the words that fields of the form stand under.
var checkFields = map[string]string{paramIn: "stock.place", paramAt: "stock.day", "list": "stock.list", "row": "stock.list", "header": "stock.columns.header", "charset": "stock.list", "": "stock.list"}
