package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tegata/registry"
	"tegata/verify"
)

// A query is what the parameters of a read ask, before it is known which
// scheme the record is of.
type query struct {
	in    verify.Jurisdiction // empty: the other country of the record's scheme
	at    time.Time           // zero: now
	day   verify.Date         // an at that was given as a day
	size  int64               // of known; 0: not given
	then  time.Time           // of known; zero: not given
	model string
	gtin  string
}

// Names of parameters. They stand in addresses that people keep.
const (
	paramIn    = "in"
	paramAt    = "at"
	paramKnown = "known"
	paramModel = "model"
	paramGTIN  = "gtin"
)

// modelMost is the longest model number that is looked at, in bytes.
const modelMost = 200

// parseQuery reads the parameters of a question and names every one that cannot
// be read, at once.
func parseQuery(values url.Values) (q query, p *problem) {
	p = &problem{status: http.StatusBadRequest, code: problemParameter}
	one := func(name string) string {
		v := values[name]
		if len(v) > 1 {
			p.fault(name, faultParamTwice, "")
			return ""
		}
		if len(v) == 0 {
			return ""
		}
		return v[0]
	}
	if in := verify.Jurisdiction(one(paramIn)); in != "" {
		switch in {
		case verify.InGB, verify.InGBNIR, verify.InJP:
			q.in = in
		default:
			p.fault(paramIn, verify.NotOneOf, "GB, GB-NIR, JP")
		}
	}
	if s := one(paramAt); s != "" {
		var err error
		if q.day, err = verify.ParseDate(s); err != nil {
			if q.at, err = parseTime(s); err != nil {
				p.fault(paramAt, faultParamAt, "")
			}
		}
	}
	if s := one(paramKnown); s != "" {
		var err error
		if q.size, err = strconv.ParseInt(s, 10, 64); err != nil || q.size < 1 {
			q.size = 0
			if q.then, err = parseTime(s); err != nil {
				p.fault(paramKnown, faultParamKnown, "")
			}
		}
	}
	if q.model = one(paramModel); len(q.model) > modelMost {
		p.fault(paramModel, verify.TooLong, strconv.Itoa(modelMost))
	}
	if q.gtin = one(paramGTIN); q.gtin != "" {
		if _, err := verify.ParseGTIN(q.gtin); err != nil {
			p.fault(paramGTIN, verify.NotGTIN, "")
		}
	}
	if len(p.faults) > 0 {
		return query{}, p
	}
	return q, nil
}

// parseTime reads an RFC 3339 instant in any zone, from the years 1900 to 9999.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err == nil && (t.UTC().Year() < 1900 || t.UTC().Year() > 9999) {
		err = errors.New("out of range")
	}
	return t.UTC(), err
}

// question turns a query into a question about facts. A day means its first
// instant in the zone of the country asked about.
func (s *site) question(q query, f verify.Facts) (verify.Question, error) {
	out := verify.Question{In: q.in, At: q.at}
	if !q.day.IsZero() {
		in := q.in
		if in == "" {
			in = verify.InGB
			if r := f.Record(verify.Known{}); r.Begun() {
				in = r.Scheme.Abroad()
			}
		}
		out.At = q.day.Start(in.Country().Zone())
	}
	var err error
	switch {
	case q.size > 0:
		out.Known, err = s.registry.KnownAt(q.size)
	case !q.then.IsZero() && q.then.After(f.Log.Time):
		err = registry.ErrNotFound // nobody knows yet what will be known
	case !q.then.IsZero():
		out.Known, err = s.registry.KnownWhen(q.then)
	}
	if errors.Is(err, registry.ErrNotFound) {
		p := &problem{status: http.StatusBadRequest, code: problemParameter}
		p.fault(paramKnown, faultParamKnown, "")
		return out, p
	}
	return out, err
}
