package web

import (
	"net/http"
	"net/url"
	"strings"

	"tegata/registry"
	"tegata/verify"
)

// paramAsk is what is typed on the first page: a code, a registration number, a
// trade item number, a model, or words to search for.
const paramAsk = "q"

// home answers the first page, and leads from what was typed there to the
// record it means, or else to the search for its words. Where they were never
// entered, the page says so.
func (s *site) home(r *http.Request) (view, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	if err != nil {
		p.fault("", faultParamQuery, "")
	}
	asked := p.text(paramAsk, values.Get(paramAsk))
	if len(p.faults) > 0 {
		return view{}, p
	}
	if asked == "" {
		return view{status: http.StatusOK, tag: asked, page: func(b basePage) (string, any) {
			return pageHome, newHomePage(b, "", nil)
		}}, nil
	}
	code, notCode := verify.ParseCode(asked)
	if notCode == nil {
		return s.lead(r, code), nil
	}
	found, err := s.findAny(r, asked)
	if err != nil {
		return view{}, err
	}
	if len(found.Matches) == 1 {
		return s.lead(r, found.Matches[0].Code), nil
	}
	if len(found.Matches) == 0 {
		if path, err := s.somewhere(r, asked); path != "" || err != nil {
			return s.leadTo(r, path, url.Values{paramAsk: {asked}}), err
		}
	}
	out := view{status: http.StatusOK, next: found.next(), tag: found.tag(), page: func(b basePage) (string, any) {
		return pageHome, newHomePage(b, asked, found.Matches)
	}}
	if len(found.Matches) == 0 {
		out.status = http.StatusNotFound
	}
	return out, nil
}

// findAny looks for what may be a number, a trade item or a model; the first of
// them that finds anything answers.
func (s *site) findAny(r *http.Request, asked string) (found matches, err error) {
	queries := []registry.Query{{Number: asked}}
	if g, err := verify.ParseGTIN(asked); err == nil {
		queries = append(queries, registry.Query{GTIN: g})
	}
	queries = append(queries, registry.Query{Model: asked}, registry.Query{Holder: asked})
	for _, by := range queries {
		if found, err = s.findAll(r, by, query{}); err != nil || len(found.Matches) > 0 {
			return found, err
		}
	}
	return found, nil
}

// lead sends the reader on to the page of a code, in the same language.
func (s *site) lead(r *http.Request, code verify.Code) view {
	return s.leadTo(r, "/v/"+string(code), url.Values{})
}

// leadTo sends the reader on to another page, in the same language.
func (s *site) leadTo(r *http.Request, path string, values url.Values) view {
	if lang := r.URL.Query().Get(paramLang); lang != "" {
		values.Set(paramLang, lang)
	}
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return view{status: http.StatusSeeOther, location: path}
}

// base is what the page of a request has.
func (s *site) base(r *http.Request) basePage {
	lang, query := language(r), r.URL.Query()
	if query.Has(paramLang) {
		query.Set(paramLang, string(lang)) // links carry on a language there is
	}
	b := basePage{Lang: lang, Path: r.URL.Path, Query: query, Host: s.host, Origin: s.registry.Origin()}
	b.Logs = s.logs
	if s.copied {
		b.Copy = newCopyView(b, s.registry.Head())
	}
	if m := newMirrorBody(s.registry); m != nil {
		b.Mirror = m.view(lang, b.Origin, s.registry.Now())
	}
	return b
}

// static serves the style sheet and the marks. Their addresses change with
// them.
func (s *site) static(r *http.Request) (file, error) {
	data, media, ok := asset(r.PathValue("name"))
	if !ok {
		return file{}, registry.ErrNotFound
	}
	if !strings.HasSuffix(assetURL(r.PathValue("name")), "?"+r.URL.RawQuery) {
		return file{media, data, cacheShort}, nil // not the address that changes with it
	}
	return file{media, data, cacheForever}, nil
}
