package web

import "strings"

// A problemPage says why something was not answered, and what to do.
type problemPage struct {
	basePage
	Status    int
	Heading   string
	Sentence  string
	Faults    []faultBody
	Outcome   string          // what the record counts for, where that is why
	Reasons   []conditionView // of it
	Reference string          // the log line of an accident has the same
	Retry     string          // address of the same page without parameters, where those are what is wrong
	Typed     string          // the code that was asked about, if any was
	Elsewhere []string        // addresses to ask instead
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
	if body.Outcome != "" {
		p.Outcome = b.Lang.T("outcome." + string(body.Outcome))
	}
	for _, r := range body.Reasons {
		p.Reasons = append(p.Reasons, newConditionView(b, r.Reason))
	}
	for _, page := range []string{"/v/", "/application/"} {
		if code, ok := strings.CutPrefix(b.Path, page); ok {
			p.Typed = code
		}
	}
	if body.Code == problemParameter {
		p.Retry = b.Link(b.Path)
	}
	return p
}

// At is false: a problem stands in the place of the page.
func (problemPage) At(string) bool { return false }
