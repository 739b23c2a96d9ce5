package web

import (
	"net/http"
	"slices"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/web/whatif"
)

// Names of parameters of what is imagined.
const (
	paramExtend = "extend"
	paramFirst  = "from"
	paramMade   = "made"
)

// whatIf answers how the answer about a code would go on if its issuer or maker
// said something. What could not be entered is refused as it would be then.
func (s *site) whatIf(r *http.Request) (view, error) {
	code, err := verify.ParseCode(r.PathValue("code"))
	if err != nil {
		return view{}, err
	}
	f, err := s.registry.Lookup(r.Context(), code)
	if err != nil {
		return view{}, err
	}
	record := f.Record(verify.Known{})
	if !record.Begun() {
		return view{}, registry.ErrNotFound
	}
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	q := p.imagined(r, record, f.Log.Time)
	if len(p.faults) > 0 {
		return view{}, p
	}
	a, faults := whatif.Ask(f, q)
	if len(faults) > 0 {
		p := &problem{status: http.StatusUnprocessableEntity, code: problemRefused}
		for _, f := range faults {
			p.fault(imaginedField(f.Field), f.Rule, f.Detail)
		}
		return view{}, p
	}
	// Conditions and days that may be named change within a span: it is asked again.
	return view{status: http.StatusOK, body: a, next: f.Log.Time, tag: whatIfTag(a), page: func(b basePage) (string, any) {
		return pageWhatIf, newWhatIfPage(b, record, &a)
	}}, nil
}

// whatIfPage shows the same to people. What is at fault is told beside the form,
// where it can be put right.
func (s *site) whatIfPage(r *http.Request) (view, error) {
	v, err := s.whatIf(r)
	if err == nil {
		return v, nil
	}
	p := problemOf(err)
	if p.code != problemParameter && p.code != problemRefused {
		return view{}, err
	}
	code, err := verify.ParseCode(r.PathValue("code"))
	if err != nil {
		return view{}, err
	}
	f, err := s.registry.Lookup(r.Context(), code)
	if err != nil {
		return view{}, err
	}
	return view{status: p.status, page: func(b basePage) (string, any) {
		page := newWhatIfPage(b, f.Record(verify.Known{}), nil)
		page.Faults = p.body(b.Lang, "").Faults
		return pageWhatIf, page
	}}, nil
}

// imagined reads what is imagined of a record. A parameter without a value, as a
// form sends it, is not given.
func (p *problem) imagined(r *http.Request, record *verify.Record, head time.Time) (q whatif.Question) {
	values := p.values(r)
	one := func(name string) string {
		if len(values[name]) > 1 {
			p.fault(name, faultParamTwice, "")
			return ""
		}
		return values.Get(name)
	}
	day := func(name string) (d verify.Date) {
		if s := one(name); s != "" {
			var err error
			if d, err = verify.ParseDate(s); err != nil {
				p.fault(name, verify.NotDate, "")
			}
		}
		return d
	}
	q.Extend, q.From = day(paramExtend), day(paramFirst)
	said := verify.Standing(one(paramStatus))
	q.Status = choice(p, paramStatus, said, standingsOf(record.Scheme))
	if said != "" && values.Get(paramExtend) != "" {
		p.fault(paramExtend, faultParamOne, paramExtend+", "+paramStatus)
	}
	if from := values.Get(paramFirst); said != "" && from == "" {
		p.fault(paramFirst, verify.Required, "")
	} else if from != "" && values.Get(paramStatus) == "" {
		p.fault(paramStatus, verify.Required, "")
	}
	if values.Get(paramMade) != "" && said == "" && values.Get(paramExtend) == "" {
		p.fault(paramMade, faultParamOne, paramExtend+", "+paramStatus)
	}
	q.Made = p.made(one(paramMade), record.Zone(), head)
	return q
}

// standingsOf lists what may be said of a record of a scheme: a declaration is
// withdrawn, and nothing else.
func standingsOf(s verify.Scheme) []verify.Standing {
	if s == verify.JCSTAR {
		return verify.Standings
	}
	return []verify.Standing{verify.StandsWithdrawn}
}

// made reads when it would be said: a day means its first instant, today now.
func (p *problem) made(s string, zone *time.Location, head time.Time) time.Time {
	if s == "" {
		return time.Time{}
	}
	if d, err := verify.ParseDate(s); err == nil {
		if d == verify.DateOf(head, zone) {
			return time.Time{}
		}
		return d.Start(zone)
	}
	t, err := parseTime(s)
	if err != nil {
		p.fault(paramMade, faultParamAt, "")
	}
	return t.Truncate(time.Second)
}

// imaginedField is the parameter that a field of the statement came from.
func imaginedField(field string) string {
	switch field {
	case "expires", "support.end":
		return paramExtend
	case "kid": // nobody has a key that is in force then
		return paramMade
	}
	return field
}

// whatIfTag is the answer without the instants that only say when it was asked.
func whatIfTag(a whatif.Answer) any {
	now := a.Log.Time
	a.Log.Time = time.Time{}
	if a.Statement != nil && a.Statement.Made.Equal(now) {
		s := *a.Statement
		s.Made, a.Statement = time.Time{}, &s
	}
	a.Places = slices.Clone(a.Places)
	for i, p := range a.Places {
		a.Places[i].Now, a.Places[i].Then = undated(p.Now), undated(p.Then)
	}
	return a
}

func undated(spans []whatif.Span) []whatif.Span {
	spans = slices.Clone(spans)
	if len(spans) > 0 {
		spans[0].From = time.Time{}
	}
	return spans
}
