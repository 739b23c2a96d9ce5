package web

import "strings"

// A problemPage says why something was not answered, and what to do.
type problemPage struct {
	basePage
	Status    int
	Heading   string
	Sentence  string
	Faults    []faultBody
	Reference string // the log line of an accident has the same
	Retry     string // address of the same page without parameters, where those are what is wrong
	Typed     string // the code that was asked about, if any was
}

// newProblemPage makes the page of a problem.
func newProblemPage(b basePage, body problemBody) problemPage {
	p := problemPage{
		basePage:  b,
		Status:    body.Status,
		Heading:   body.Title,
		Sentence:  body.Detail,
		Faults:    body.Faults,
		Reference: body.Reference,
	}
	p.Title = body.Title
	if code, ok := strings.CutPrefix(b.Path, "/v/"); ok {
		p.Typed = code
	}
	if body.Code == problemParameter {
		p.Retry = b.Link(b.Path)
	}
	return p
}

// At is false: a problem stands in the place of the page.
func (problemPage) At(string) bool { return false }
