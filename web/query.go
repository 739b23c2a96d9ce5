package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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
	until verify.Date         // a known that was given as a day, to its end
	model string
	gtin  string

	number string // otherwise than by code
	scheme verify.Scheme

	batch *batch // of which it is an item; nil: of none
}

// ofSeveral says what cannot be asked of several logs at once: what was known when
// one of them had a size.
func (q query) ofSeveral() error {
	if q.size == 0 {
		return nil
	}
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	p.fault(paramKnown, faultParamSize, "")
	return p
}

// present reports whether a query asks about now, as known now.
func (q query) present() bool {
	return q.at.IsZero() && q.day.IsZero() && q.size == 0 && q.then.IsZero() && q.until.IsZero() && q.batch == nil
}

// Names of parameters. They stand in addresses that people keep.
const (
	paramIn    = "in"
	paramAt    = "at"
	paramKnown = "known"
	paramModel = "model"
	paramGTIN  = "gtin"

	paramNumber = "number"
	paramScheme = "scheme"
)

// textMost is the longest text that is looked at, in bytes.
const textMost = 200

// parseQuery reads the parameters of a question and names every one that cannot
// be read, at once.
func parseQuery(r *http.Request) (query, *problem) {
	q, p := readQuery(r)
	if len(p.faults) > 0 {
		return query{}, p
	}
	return q, nil
}

// readQuery reads the parameters of a question, and notes what cannot be read in
// a problem that there is where it has faults.
func readQuery(r *http.Request) (query, *problem) {
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		p.fault("", faultParamQuery, "") // what cannot be read may have been what matters
	}
	return p.query(values), p
}

// query reads parameters and notes what cannot be read.
func (p *problem) query(values url.Values) (q query) {
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
		if q.size, err = parseIndex(s); err != nil || q.size < 1 {
			q.size = 0
			if q.until, err = verify.ParseDate(s); err != nil {
				if q.then, err = parseTime(s); err != nil {
					p.fault(paramKnown, faultParamKnown, "")
				}
			}
		}
	}
	q.model = p.text(paramModel, one(paramModel))
	q.number = p.text(paramNumber, one(paramNumber))
	switch q.scheme = verify.Scheme(one(paramScheme)); q.scheme {
	case "", verify.JCSTAR, verify.PSTI:
	default:
		p.fault(paramScheme, verify.NotOneOf, string(verify.JCSTAR+", "+verify.PSTI))
	}
	if q.gtin = one(paramGTIN); q.gtin != "" {
		if _, err := verify.ParseGTIN(q.gtin); err != nil {
			p.fault(paramGTIN, verify.NotGTIN, "")
		}
	}
	return q
}

// text returns what a person typed, which must be text and not too long.
func (p *problem) text(name, s string) string {
	switch {
	case len(s) > textMost:
		p.fault(name, verify.TooLong, strconv.Itoa(textMost))
	case s != "" && (strings.TrimSpace(s) == "" || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl)):
		p.fault(name, verify.BadText, "")
	}
	return s
}

// parseIndex reads a number that is written in the one way there is.
func parseIndex(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil && strconv.FormatInt(n, 10) != s {
		err = errors.New("not its one spelling")
	}
	return n, err
}

// parseTime reads an RFC 3339 instant in any zone, from the years 1900 to 9999.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if strings.Contains(s, ",") {
		err = errors.New("a fraction is written with a full stop")
	}
	if err == nil && (t.UTC().Year() < 1900 || t.UTC().Year() > 9999) {
		err = errors.New("out of range")
	}
	return t.UTC(), err
}

// question turns a query into a question about facts. A day means its first
// instant in the zone of the country asked about; what was known on a day, what
// was known at its end.
func (s *site) question(q query, f verify.Facts) (verify.Question, error) {
	out := verify.Question{In: q.in, At: q.at}
	zone := q.zone(f)
	if !q.day.IsZero() {
		out.At = q.day.Start(zone)
	}
	var err error
	out.Known, err = s.known(q, f.Log, zone)
	return out, err
}

// known returns the state of the log that a query asks of, not later than a head;
// the zero state where it asks of none. A day is one of the zone.
func (s *site) known(q query, head verify.Log, zone *time.Location) (k verify.Known, err error) {
	then, ahead := q.then, false
	if !q.until.IsZero() {
		then = q.until.End(zone).Add(-time.Millisecond)
		if today := !q.until.Start(zone).After(head.Time); today && then.After(head.Time) {
			return k, nil // the day is not over: what is known now
		}
	}
	switch {
	case q.size > head.Size:
		err = registry.ErrNotFound
	case q.size == 0 && then.After(head.Time) && s.registry.Mirror() && !then.After(s.registry.Now()):
		return k, nil // what is known here of another's log
	case q.size == 0 && then.After(head.Time):
		ahead = true // nobody knows yet what will be known
	case q.size > 0 && q.size == head.Size:
		k.Size = q.size // it may have grown since
	case q.size > 0:
		k, err = s.registry.KnownAt(q.size)
	case !then.IsZero():
		k, err = s.registry.KnownWhen(then)
		k.Size = min(k.Size, head.Size)
	}
	if ahead || errors.Is(err, registry.ErrNotFound) {
		p := &problem{status: http.StatusBadRequest, code: problemParameter}
		rule := faultParamKnown
		if ahead {
			rule = faultParamAhead
		}
		p.fault(paramKnown, rule, head.Time.Format(time.RFC3339))
		return k, p
	}
	return k, err
}

// zone is that of the country asked about.
func (q query) zone(f verify.Facts) *time.Location {
	in := q.in
	if in == "" {
		in = verify.InGB
		if r := f.Record(verify.Known{}); r.Begun() {
			in = r.Scheme.Abroad()
		}
	}
	return in.Country().Zone()
}
