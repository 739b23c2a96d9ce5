package web

// A problemPage says why something was not answered, and what to do.
type problemPage struct {
	basePage
	Status    int
	Heading   string
	Sentence  string
	Faults    []faultBody
	Reference string // the log line of an accident has the same
	Retry     string // address of the same page without parameters, where those are what is wrong
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
	if body.Code == problemParameter {
		p.Retry = b.Link(b.Path)
	}
	return p
}
