package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/web/stock"
)

// matches is the answer to a question that names a record otherwise than by its
// code.
type matches struct {
	Ambiguous bool             `json:"ambiguous"` // more than one record fits
	Matches   []verify.Verdict `json:"matches"`   // most cautious first

	by   registry.Query // what they were found by, where the answer may be kept
	more bool           // not all that fit are among them
}

// all returns a problem where not all that fit were found: a more cautious answer
// may be among the others.
func (m matches) all(by registry.Query) error {
	if !m.more {
		return nil
	}
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	field := paramModel
	if by.GTIN != "" {
		field = paramGTIN
	}
	p.fault(field, faultParamFits, strconv.Itoa(len(m.Matches)))
	return p
}

// tag is what all of them say; see [verdictTag].
func (m matches) tag() any {
	tags := []any{}
	for _, v := range m.Matches {
		tags = append(tags, verdictTag(v))
	}
	return tags
}

// next is when one of them changes by itself; zero: not foreseen.
func (m matches) next() (next time.Time) {
	for i := range m.Matches {
		next = sooner(next, changes(&m.Matches[i]))
	}
	return next
}

// find answers for a registration number, a trade item or a model: every record
// that fits.
func (s *site) find(r *http.Request) (view, error) {
	q, p := parseQuery(r)
	if p != nil {
		return view{}, p
	}
	by, named := q.names()
	if !named {
		p := &problem{status: http.StatusBadRequest, code: problemParameter}
		p.fault(paramNumber, faultParamOne, "number, gtin, model")
		return view{}, p
	}
	found, err := s.findAll(r, by, q)
	if err == nil {
		err = found.all(by)
	}
	if err != nil {
		return view{}, err
	}
	return found.view(), nil
}

// view is the answer with all that was found; that nothing was is a 404.
func (m matches) view() view {
	out := view{status: http.StatusOK, body: m, next: m.next(), tag: m.tag()}
	if len(m.Matches) == 0 {
		out.status = http.StatusNotFound
	}
	return out
}

// names returns what names a record otherwise than by its code, if anything does.
func (q query) names() (registry.Query, bool) {
	switch {
	case q.number != "":
		return registry.Query{Number: q.number, Scheme: q.scheme}, true
	case q.gtin != "":
		item, err := verify.ParseGTIN(q.gtin)
		return registry.Query{GTIN: item}, err == nil
	}
	return registry.Query{Model: q.model}, q.model != ""
}

func (s *site) findAll(r *http.Request, by registry.Query, q query) (matches, error) {
	found := matches{Matches: []verify.Verdict{}}
	if len(s.others) > 0 {
		if err := q.ofSeveral(); err != nil {
			return matches{}, err
		}
	}
	for _, s := range s.all() {
		if q.batch != nil {
			by.Known = q.batch.heads[s.name()].Size
		}
		all, more, err := s.registry.LookupAll(r.Context(), by)
		if err != nil {
			return matches{}, err
		}
		found.more = found.more || more
		for _, f := range all {
			v, err := s.judgeFacts(f, q)
			if err != nil {
				return matches{}, err
			}
			if v.Recognition.Outcome != verify.UnknownHere {
				found.Matches = append(found.Matches, v)
			}
		}
	}
	found.Ambiguous = len(found.Matches) > 1
	slices.SortStableFunc(found.Matches, func(a, b verify.Verdict) int { return cmp.Compare(stock.Caution(&a), stock.Caution(&b)) })
	return found, nil
}
