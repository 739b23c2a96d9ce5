package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/yearly"
)

// Names of the parameters of a yearly report: its first and its last day.
const (
	paramFromDay = "from"
	paramToDay   = "to"
)

// yearlyReport counts what the Participants tell each other at their yearly
// consultation (MoC 4(2)), over the days that are asked for.
func (s *site) yearlyReport(r *http.Request) (bundle.Yearly, error) {
	asked, err := s.yearlyAsked(r)
	if err != nil {
		return bundle.Yearly{}, err
	}
	report, head, err := s.yearlies.report(r.Context(), s.registry, asked, s.sender(r))
	return bundle.NewYearly(report, head), err
}

// yearlyPage answers with the report, for people and for programs.
func (s *site) yearlyPage(r *http.Request) (view, error) {
	y, err := s.yearlyReport(r)
	if err != nil {
		return view{}, err
	}
	tag := y
	tag.IssuedAt, tag.Log.Time = 0, time.Time{}
	return view{status: http.StatusOK, body: y, tag: tag, page: func(b basePage) (string, any) {
		return pageReport, newReportPage(b, y)
	}}, nil
}

// yearlySigned answers with the report, signed by the registry.
func (s *site) yearlySigned(r *http.Request) (exhibit, error) {
	y, err := s.yearlyReport(r)
	if err != nil {
		return exhibit{}, err
	}
	token, err := s.registry.Answer().SealBytes(envelope.Yearly, y.Payload())
	return exhibit{file{mediaJWT, token, cacheShort}, http.StatusOK, yearlyName(y) + ".jwt"}, err
}

// yearlyTable answers with the report as a table, in both languages.
func (s *site) yearlyTable(r *http.Request) (exhibit, error) {
	y, err := s.yearlyReport(r)
	if err != nil {
		return exhibit{}, err
	}
	return exhibit{file{mediaTable, yearlyCSV(y), cacheShort}, http.StatusOK, yearlyName(y) + ".csv"}, nil
}

// yearlyName is what a report is kept under.
func yearlyName(y bundle.Yearly) string { return "report-" + y.From.String() + "-" + y.To.String() }

// yearlyAsked reads which report is asked for: the days, and the state of the
// log. Where no days are given they are those of the last whole calendar year.
// Days that are not over have no report: how things stand at their end nobody
// knows.
func (s *site) yearlyAsked(r *http.Request) (yearlyAsked, error) {
	q, p := readQuery(r)
	values := r.URL.Query()
	asked := yearlyAsked{days: verify.Period{From: p.day(values, paramFromDay), Until: p.day(values, paramToDay)}}
	if values.Has(paramFromDay) != values.Has(paramToDay) {
		missing := paramToDay
		if values.Has(paramToDay) {
			missing = paramFromDay
		}
		p.fault(missing, verify.Required, "")
	}
	head := s.registry.Head()
	known, err := s.known(q, head, verify.London)
	asked.known = known.Size
	var no *problem
	if errors.As(err, &no) {
		p.faults = append(p.faults, no.faults...)
	} else if err != nil {
		return yearlyAsked{}, err
	}
	if !values.Has(paramFromDay) && !values.Has(paramToDay) {
		asked.days = yearly.LastYear(latestOf(known, head))
	}
	from, to := asked.days.From, asked.days.Until
	switch {
	case from.IsZero() || to.IsZero():
	case to.Before(from):
		p.fault(paramToDay, verify.PeriodTurned, from.String())
	case latestOf(known, head).Before(yearly.Over(to)):
		p.fault(paramToDay, faultParamOver, "")
	}
	if len(p.faults) > 0 {
		return yearlyAsked{}, p
	}
	return asked, nil
}

// latestOf is until when a state of the log is known to have been its head.
func latestOf(known verify.Known, head verify.Log) time.Time {
	if known.Time.IsZero() {
		return head.Time
	}
	return known.Time
}

// day reads a parameter that is a day; no day where there is none.
func (p *problem) day(values url.Values, name string) (day verify.Date) {
	given := values[name]
	if len(given) > 1 {
		p.fault(name, faultParamTwice, "")
	} else if len(given) == 1 {
		var err error
		if day, err = verify.ParseDate(given[0]); err != nil {
			p.fault(name, faultParamDay, "")
		}
	}
	return day
}
