package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/match"
)

// lapsingDays are the choices for how soon a record is to lapse.
var lapsingDays = []int{30, 60, 90}

// A wanted is what is searched for: what the index finds, and what only a
// verdict tells of what it finds.
type wanted struct {
	registry.SearchQuery
	in      verify.Jurisdiction // empty: the other country of each record's scheme
	status  verify.Status
	outcome verify.Outcome
	lapsing int // days
}

// judged reports whether verdicts decide what is shown.
func (w *wanted) judged() bool { return w.status != "" || w.outcome != "" || w.lapsing > 0 }

// fits reports whether the verdict is what is wanted.
func (w *wanted) fits(v *verify.Verdict) bool {
	switch {
	case v.Recognition.Outcome == verify.UnknownHere:
		return false
	case w.status != "" && v.Validity.Status != w.status, w.outcome != "" && v.Recognition.Outcome.Counted() != w.outcome:
		return false
	}
	return w.lapsing == 0 || lapses(v, w.lapsing)
}

// lapses reports whether what is valid stays so for so many days at most,
// counted from today in the zone of its scheme.
func lapses(v *verify.Verdict, days int) bool {
	until := v.Validity.Until
	if v.Validity.Status != verify.StatusValid || until.IsZero() {
		return false
	}
	last := verify.DateOf(v.Question.At, v.Scheme.Home().Zone()).AddDays(days)
	return !last.Before(until)
}

// parseWanted reads the parameters of a search and names every one that cannot
// be read, at once. What a form sends along empty is not asked for.
func parseWanted(r *http.Request) (w wanted, p *problem) {
	p = &problem{status: http.StatusBadRequest, code: problemParameter}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		p.fault("", faultParamQuery, "")
	}
	text := func(name string) string { return p.one(values, name) }
	words := func(name string) string {
		s := strings.TrimSpace(values.Get(name))
		if s == "" && len(values[name]) < 2 {
			return ""
		}
		s = text(name)
		switch _, err := match.Words(s); {
		case errors.Is(err, match.ErrShort):
			p.fault(name, faultParamShort, "")
		case errors.Is(err, match.ErrMany):
			p.fault(name, faultParamMany, "")
		}
		return s
	}
	w.Text, w.Category, w.Holder = words(paramAsk), words(paramCategory), words(paramHolder)
	w.Scheme = choice(p, paramScheme, verify.Scheme(text(paramScheme)), schemes)
	w.in = choice(p, paramIn, verify.Jurisdiction(text(paramIn)), verify.Jurisdictions)
	w.status = choice(p, paramStatus, verify.Status(text(paramStatus)), statuses)
	w.outcome = choice(p, paramOutcome, verify.Outcome(text(paramOutcome)), outcomes)
	w.After = text(paramAfter)
	var days []string
	for _, n := range lapsingDays {
		days = append(days, strconv.Itoa(n))
	}
	w.lapsing, _ = strconv.Atoi(choice(p, paramLapsing, text(paramLapsing), days))
	w.Limit = p.limit(values, pageItems, limitMost)
	if len(p.faults) > 0 {
		return w, p
	}
	return w, nil
}
