package web

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/match"
)

// Names of the parameters of a search, beside those of a question. They stand in
// addresses that people keep.
const (
	paramCategory = "category"
	paramHolder   = "holder"
	paramStatus   = "status"
	paramOutcome  = "outcome"
	paramLapsing  = "lapsing"
	paramAfter    = "after"
	paramLimit    = "limit"
)

const (
	pageItems   = 20  // on a page, where nobody asks for another number
	limitMost   = 100 // items that may be asked for
	lookThrough = 500 // records that are judged for one page
)

// What can be chosen: whatever a record of this registry can be.
var (
	schemes  = []verify.Scheme{verify.JCSTAR, verify.PSTI}
	statuses = slices.DeleteFunc(slices.Clone(verify.Statuses), func(s verify.Status) bool { return s == verify.StatusUnknown })
	outcomes = slices.DeleteFunc(slices.Clone(verify.Outcomes), func(o verify.Outcome) bool { return o == verify.UnknownHere || o != o.Counted() })
)

// choice returns what was chosen, which is nothing or one of the choices.
func choice[T ~string](p *problem, name string, chosen T, of []T) T {
	if chosen == "" || slices.Contains(of, chosen) {
		return chosen
	}
	var all []string
	for _, c := range of {
		all = append(all, string(c))
	}
	p.fault(name, verify.NotOneOf, strings.Join(all, ", "))
	return ""
}

// A listedBody is one record of a list: what it is, and what it amounts to now.
type listedBody struct {
	Code       verify.Code         `json:"code"`
	Scheme     verify.Scheme       `json:"scheme"`
	Number     string              `json:"number,omitempty"`
	Name       verify.Text         `json:"name"`
	Brand      string              `json:"brand"`
	Category   string              `json:"category,omitempty"`
	Holders    []verify.Text       `json:"holders"` // of the label, or the maker and who represents it
	Models     int                 `json:"models"`  // how many it covers
	Validity   verify.Validity     `json:"validity"`
	In         verify.Jurisdiction `json:"in"`
	Outcome    verify.Outcome      `json:"outcome"` // what it counts for there
	NextChange time.Time           `json:"next_change,omitzero"`
}

func newListedBody(v *verify.Verdict) listedBody {
	b := listedBody{Code: v.Code, Scheme: v.Scheme, Number: v.Number, Holders: []verify.Text{}, Validity: v.Validity,
		In: v.Question.In, Outcome: v.Recognition.Outcome, NextChange: v.NextChange}
	if p := v.Product; p != nil {
		b.Name, b.Brand, b.Category, b.Models = p.Name, p.Brand, p.Category, len(p.Models)
	}
	if v.Label != nil {
		b.Holders = append(b.Holders, v.Label.Holder.Name)
	}
	if v.Declaration != nil {
		for _, f := range v.Declaration.Parties {
			b.Holders = append(b.Holders, f.Name)
		}
	}
	return b
}

// recordsBody is a page of a search, and the log that its answers rest on. Items may
// be fewer than were asked for, or none, with a Next: then there was much to look
// through.
type recordsBody struct {
	recordsSaid
	Log      verify.Log `json:"log"`
	verdicts []verify.Verdict
	changes  time.Time // when a page as it is now changes by itself; zero: not foreseen
}

// recordsSaid is what a page says, whenever it is asked for.
type recordsSaid struct {
	Items    []listedBody `json:"items"`
	Next     string       `json:"next,omitempty"`  // the parameter after of the next page
	Total    *int64       `json:"total,omitempty"` // how many records fit, told on the first page; nil: it is not
	Searched int64        `json:"searched"`        // how many entries of the log can be searched by now
	Looked   int          `json:"looked_through"`  // how many records were judged for this page
}

// encode returns the page in JSON, and of that what it says and the size of its log.
// Encoding the items is most of what a page costs: it is done once.
func (f *recordsBody) encode() (body, tag []byte, err error) {
	said, err := marshal(f.recordsSaid)
	if err != nil {
		return nil, nil, err
	}
	log, err := marshal(f.Log)
	if err != nil {
		return nil, nil, err
	}
	said = bytes.TrimSuffix(said, []byte("}\n"))
	tag = strconv.AppendInt(slices.Clip(said), f.Log.Size, 10)
	return slices.Concat(said, []byte(`,"log":`), bytes.TrimSpace(log), []byte("}\n")), tag, nil
}

// nextPage is the address of what a request asks for, after an item.
func nextPage(r *http.Request, after string) string {
	query := r.URL.Query()
	query.Set(paramAfter, after)
	return r.URL.Path + "?" + query.Encode()
}

// records answers a search: the records that fit, a page at a time.
func (s *site) records(r *http.Request) (view, error) {
	w, p := parseWanted(r)
	if p != nil {
		return view{}, p
	}
	found, err := s.search(r, w)
	if err != nil {
		return view{}, err
	}
	body, tag, err := found.encode()
	if err != nil {
		return view{}, err
	}
	out := view{status: http.StatusOK, body: body, tag: tag, next: found.changes}
	if found.Next != "" {
		out.links = append(out.links, "<"+s.below(r)+nextPage(r, found.Next)+`>; rel="next"`)
	}
	out.page = func(b basePage) (string, any) { return pageSearch, newSearchPage(b, w, &found) }
	return out, nil
}

// searchPage is records as people are shown it: what cannot be searched for is
// told beside the form.
func (s *site) searchPage(r *http.Request) (view, error) {
	out, err := s.records(r)
	var p *problem
	if !errors.As(err, &p) || p.code != problemParameter {
		return out, err
	}
	w, _ := parseWanted(r)
	return view{status: p.status, page: func(b basePage) (string, any) {
		page := newSearchPage(b, w, nil)
		page.refuse(p.body(b.Lang, "").Faults)
		return pageSearch, page
	}}, nil
}

// search finds records and judges them, until the page is full, there is no
// more, or enough were looked through.
func (s *site) search(r *http.Request, w wanted) (recordsBody, error) {
	limit := w.Limit
	if w.judged() {
		w.Limit = limitMost
	} else {
		w.Count = w.After == ""
	}
	found := recordsBody{recordsSaid: recordsSaid{Items: make([]listedBody, 0, limit)}, verdicts: make([]verify.Verdict, 0, limit)}
	if w.lapsing > 0 { // a day less is left from the next midnight on
		now := s.registry.Head().Time
		for _, zone := range []*time.Location{verify.Tokyo, verify.London} {
			found.changes = sooner(found.changes, verify.DateOf(now, zone).AddDays(1).Start(zone))
		}
	}
	last := w.After // the end of the last item
	for {
		page, err := s.registry.Search(r.Context(), w.SearchQuery)
		if errors.Is(err, registry.ErrCursor) {
			p := &problem{status: http.StatusBadRequest, code: problemParameter}
			p.fault(paramAfter, faultParamAfter, "")
			return found, p
		}
		if err != nil {
			return found, err
		}
		if found.Searched = page.Size; page.Total >= 0 {
			found.Total = &page.Total
		}
		for _, h := range page.Hits {
			v, err := s.judgeFacts(h.Facts, query{in: w.in})
			if err != nil {
				return found, err
			}
			found.Looked++
			found.changes = sooner(found.changes, changes(&v)) // those that are left out may change too
			if !w.fits(&v) {
				continue
			}
			if len(found.Items) == limit {
				found.Next = last
				found.Log = s.registry.Head()
				return found, nil
			}
			found.Items, found.verdicts, last = append(found.Items, newListedBody(&v)), append(found.verdicts, v), h.Next
		}
		found.Next, w.After = page.Next, page.Next
		if page.Next == "" || !w.judged() || found.Looked >= lookThrough || len(page.Hits) == 0 {
			found.Log = s.registry.Head()
			return found, nil
		}
	}
}

// somewhere returns the address of a search for the words that finds anything, or
// may once the index has come further; empty: there is none.
func (s *site) somewhere(r *http.Request, asked string) (path string, err error) {
	if _, err := match.Words(asked); err != nil {
		return "", nil
	}
	for i, one := range s.all() {
		page, err := one.registry.Search(r.Context(), registry.SearchQuery{Text: asked, Limit: 1})
		if err != nil {
			return "", err
		}
		if len(page.Hits) == 0 && page.Next == "" && page.Size == one.registry.Head().Size {
			continue
		}
		if path = "/search"; i > 0 {
			path = ofLog(one.name(), path)
		}
		return path, nil
	}
	return "", nil
}
