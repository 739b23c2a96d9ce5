package web

import (
	"net/http"
	"strconv"
)

// bindsNobody is paragraph 8(1) of the Memorandum, as it was made.
const bindsNobody = "Nothing in this MoC creates or is intended to create any legally binding rights and obligations for either Participant under their national law, or international law."

// An aboutPage says to shops and reviewers what this registry is and is not.
type aboutPage struct {
	basePage
	Parts []aboutPart
	Quote string
}

// An aboutPart is a heading with some sentences.
type aboutPart struct {
	ID, Heading string
	Lines       []string
}

// aboutParts are the parts with how many sentences each has in the catalog.
var aboutParts = []struct {
	id    string
	lines int
}{{"is", 4}, {"not", 5}, {"shops", 5}, {"officers", 4}, {"writes", 3}}

func newAboutPage(b basePage) aboutPage {
	p := aboutPage{basePage: b, Quote: bindsNobody}
	p.Title = b.Lang.T("about.title")
	for _, part := range aboutParts {
		a := aboutPart{ID: part.id, Heading: b.Lang.T("about." + part.id + ".heading")}
		for n := range part.lines {
			a.Lines = append(a.Lines, b.Lang.T("about."+part.id+"."+strconv.Itoa(n+1)))
		}
		p.Parts = append(p.Parts, a)
	}
	return p
}

// about answers with that page.
func (s *site) about(*http.Request) (view, error) {
	return view{status: http.StatusOK, on: s.still(), tag: pageAbout, page: func(b basePage) (string, any) { return pageAbout, newAboutPage(b) }}, nil
}
