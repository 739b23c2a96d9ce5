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

// Names of the parameters of what the log said. They stand in addresses that
// people keep.
const (
	paramSince = "since"
	paramPart  = "part"
	paramMaker = "maker"
)

// changesItems and changesMost are how many entries a page of changes tells of,
// where nobody asks for another number, and at most.
const (
	changesItems = 100
	changesMost  = 1000
)

// A changesBody is what the log said since it had some size. There is more where
// next is not the size of the log.
type changesBody struct {
	Changes []changeBody `json:"changes"`
	Next    int64        `json:"next"`           // the parameter since of the next page
	Part    string       `json:"part,omitempty"` // and its parameter part
	Log     verify.Log   `json:"log"`            // the head
}

// A changeBody is one entry, and every code whose answer it may change.
type changeBody struct {
	Index  int64         `json:"index"`
	Logged time.Time     `json:"logged"`
	Kind   verify.Kind   `json:"kind"`
	Code   verify.Code   `json:"code,omitempty"` // what it is about, where it is about one label or declaration
	Codes  []verify.Code `json:"codes"`
	All    bool          `json:"all,omitempty"`  // it may change every answer: codes does not list them
	More   bool          `json:"more,omitempty"` // the next page goes on with its codes
}

// changes answers what the log said since it had some size, so that who keeps
// answers knows which to ask for again, or to work out again.
func (s *site) changes(r *http.Request) (view, error) {
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		p.fault("", faultParamQuery, "")
	}
	q := registry.ChangesQuery{Part: p.one(values, paramPart), Limit: p.limit(values, changesItems, changesMost)}
	q.Code, q.Holder = p.subject(values)
	since := p.one(values, paramSince)
	switch q.Since, err = parseIndex(since); {
	case len(values[paramSince]) == 0:
		p.fault(paramSince, verify.Required, "")
	case len(values[paramSince]) == 1 && (err != nil || q.Since < 0 || q.Since > s.registry.Head().Size):
		p.fault(paramSince, faultParamSince, "")
	}
	if len(p.faults) > 0 {
		return view{}, p
	}
	page, err := s.registry.Changes(r.Context(), q)
	if errors.Is(err, registry.ErrCursor) {
		p.fault(paramPart, faultParamPart, "")
		return view{}, p
	}
	if err != nil {
		return view{}, err
	}
	body := changesBody{Changes: []changeBody{}, Next: page.Next, Part: page.Part, Log: page.Log}
	for _, c := range page.Changes {
		if c.Codes == nil {
			c.Codes = []verify.Code{}
		}
		body.Changes = append(body.Changes, changeBody(c))
	}
	said := body
	said.Log = verify.Log{Size: page.Log.Size}
	out := view{status: http.StatusOK, body: body, tag: said}
	if body.Next < body.Log.Size {
		values.Set(paramSince, strconv.FormatInt(body.Next, 10))
		values.Del(paramPart)
		if body.Part != "" {
			values.Set(paramPart, body.Part)
		}
		out.links = append(out.links, "<"+s.below(r)+r.URL.Path+"?"+values.Encode()+`>; rel="next"`)
	}
	return out, nil
}

// one returns a parameter that may be given once.
func (p *problem) one(values url.Values, name string) string {
	if len(values[name]) > 1 {
		p.fault(name, faultParamTwice, "")
		return ""
	}
	return p.text(name, values.Get(name))
}

// limit returns how many items are asked for.
func (p *problem) limit(values url.Values, usual, most int) int {
	s := p.one(values, paramLimit)
	if s == "" {
		return usual
	}
	n, err := parseIndex(s)
	if err != nil || n < 1 || n > int64(most) {
		p.fault(paramLimit, verify.OutOfRange, "1–"+strconv.Itoa(most))
	}
	return int(n)
}

// subject returns the one code or the one holder that changes are asked about, if
// any.
func (p *problem) subject(values url.Values) (code verify.Code, holder string) {
	text := p.one(values, paramCode)
	if holder = p.one(values, paramMaker); holder != "" && text != "" {
		p.fault(paramCode, faultParamOne, "code, maker")
	}
	if text == "" {
		return "", holder
	}
	code, err := verify.ParseCode(text)
	if err != nil {
		p.faults = append(p.faults, problemOf(err).faults...)
	}
	return code, holder
}
