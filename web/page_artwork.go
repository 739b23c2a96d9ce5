package web

import (
	"net/http"
	"net/url"

	"tegata/verify"
	"tegata/web/artwork"
	"tegata/web/qr"
)

// An artworkPage is where a person chooses how a label is printed.
type artworkPage struct {
	basePage
	Code    verify.Code
	Record  string // address of its history
	Size    string // as it was asked for
	Least   string // of all sizes there are
	Most    string
	Levels  []artworkChoice
	Words   []artworkChoice
	Faults  []faultBody
	Preview string // address of the drawing; empty: there is a fault
	Alt     string
	Whole   string // how large it is
	Files   []link // to take away
}

// An artworkChoice is one of several values of a parameter.
type artworkChoice struct {
	Value, Text string
	Chosen      bool
}

// artworkPage answers with that page. A size or another parameter that cannot be
// is told beside the form, where it can be put right.
func (s *site) artworkPage(r *http.Request) (view, error) {
	code, err := verify.ParseCode(r.PathValue("code"))
	if err != nil {
		return view{}, err
	}
	label, _, err := s.printable(r, code)
	if err != nil {
		return view{}, err
	}
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	values := p.values(r)
	asked := p.artworkAsked(values, paramWords, s)
	if len(p.faults) > 0 {
		return view{status: p.status, page: func(b basePage) (string, any) {
			page := newArtworkPage(b, label, asked.form, s.least)
			page.Faults = p.body(b.Lang, "").Faults
			return pageArtwork, page
		}}, nil
	}
	a, err := artwork.New(label, asked.form)
	if err != nil {
		return view{}, err
	}
	return view{status: http.StatusOK, tag: []any{label, asked}, page: func(b basePage) (string, any) {
		page := newArtworkPage(b, label, asked.form, s.least)
		page.show(a)
		return pageArtwork, page
	}}, nil
}

// newArtworkPage makes the page with the form filled in.
func newArtworkPage(b basePage, label artwork.Label, form artwork.Form, least sizes) artworkPage {
	l := b.Lang
	p := artworkPage{
		basePage: b,
		Code:     label.Code,
		Record:   b.Link("/records/" + string(label.Code)),
		Size:     b.Query.Get(paramSize),
		Least:    least[qr.LevelM].String(),
		Most:     artwork.Largest.String(),
	}
	if p.Size == "" {
		p.Size = form.Size.String()
	}
	p.Title = l.T("artwork.title", label.Code.Printed())
	for _, level := range qr.Levels {
		p.Levels = append(p.Levels, artworkChoice{string(level), l.T("artwork.level."+string(level), least[level]), form.Level == level})
	}
	chosen := wordsOf(form)
	for _, words := range []string{wordsBoth, "en", "ja"} {
		p.Words = append(p.Words, artworkChoice{words, l.T("artwork.words." + words), words == chosen})
	}
	return p
}

// wordsOf is the value of the parameter for the languages of a form.
func wordsOf(form artwork.Form) string {
	if len(form.Languages) == 1 {
		return string(form.Languages[0])
	}
	return wordsBoth
}

// show adds the drawing and its files.
func (p *artworkPage) show(a artwork.Artwork) {
	l := p.Lang
	form := a.Form()
	q := url.Values{paramSize: {form.Size.String()}, paramLevel: {string(form.Level)}, paramLang: {wordsOf(form)}}
	at := func(name string, more ...string) string {
		for i := 0; i < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		return name + "?" + q.Encode()
	}
	base := "/qr/" + string(p.Code) + "/artwork"
	p.Preview = at(base + ".svg")
	p.Alt = l.T("artwork.alt", p.Code.Printed())
	p.Whole = l.T("artwork.whole", a.Width(), a.Height(), form.Size)
	p.Files = []link{
		{p.Preview, l.T("artwork.file.svg")},
		{at(base + ".pdf"), l.T("artwork.file.pdf")},
		{at(base+".png", paramDPI, "300"), l.T("artwork.file.png", 300)},
		{at(base+".png", paramDPI, "600"), l.T("artwork.file.png", 600)},
	}
	if n := a.PerSheet(); n > 0 {
		q.Del(paramDPI)
		p.Files = append(p.Files, link{at("/artwork/sheet.pdf", paramCode, string(p.Code), paramCopies, l.Count(int64(n))), l.T("artwork.file.sheet", n)})
	}
}
