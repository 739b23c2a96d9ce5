package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tegata/registry/sequencer"
	"tegata/web/i18n"
)

// A view is what a handler found: one answer, shown as a page to people and as
// JSON to machines, so that the two can never disagree.
type view struct {
	status   int
	body     any                                    // what JSON shows; []byte: JSON already
	page     func(basePage) (name string, data any) // what people are shown; nil where there is no page
	next     time.Time                              // when the answer changes by itself; zero: not foreseen
	on       rest                                   // what it rests on, where it may be kept
	tag      any                                    // what the answer says, to tell whether it is new; nil: not cached
	location string                                 // where it is instead
	media    string                                 // of the body, where it is not plain JSON
	links    []string                               // for the Link header (RFC 8288)
	policy   http.Header                            // what the page may do beyond others; see [pagePolicy]
}

// A handler answers a read: scan, look up, judge, view.
type handler func(*http.Request) (view, error)

// pagePolicy is what a page may do: nothing from elsewhere, no script, no frame, no
// address told to the next site.
var pagePolicy = http.Header{
	"Content-Security-Policy": {"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
	"Permissions-Policy":      {"camera=(), geolocation=(), microphone=()"},
	"Referrer-Policy":         {"no-referrer"},
}

// page shows what h finds to people.
func (s *site) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		lang := language(r)
		v, err := h(r)
		if err != nil {
			s.problemPage(w, r, problemOf(err))
			return
		}
		if v.location != "" {
			varies(w.Header(), "Accept-Language")
			for _, l := range v.links {
				w.Header().Add("Link", l)
			}
			w.Header().Set("Cache-Control", cacheNever)
			if prefix := s.below(r); prefix != "" && !strings.HasPrefix(v.location, logsPath) {
				v.location = prefix + v.location
			}
			http.Redirect(w, r, v.location, v.status)
			return
		}
		name, data := v.page(s.base(r))
		html, err := s.render.page(lang, name, data)
		if err != nil {
			s.problemPage(w, r, problemOf(err))
			return
		}
		a := v.reply("text/html; charset=utf-8", within(s.below(r), html), string(lang))
		a.vary = variesSpoken
		a.set("Content-Language", string(lang))
		a.setAll(pagePolicy)
		a.setAll(v.policy)
		s.send(w, r, a)
	}
}

// api shows what h finds to machines.
func (s *site) api(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := h(r)
		if err != nil {
			s.problemJSON(w, r, problemOf(err))
			return
		}
		body, err := marshal(v.body)
		if err != nil {
			s.problemJSON(w, r, problemOf(err))
			return
		}
		a := v.reply(cmp.Or(v.media, mediaJSON), body, "")
		a.share()
		s.send(w, r, a)
	}
}

// reply is the whole answer of a view, with its body.
func (v view) reply(media string, body []byte, variant string) *reply {
	a := newReply(v.status, media, body)
	a.rest = v.on
	if a.next = v.next; v.tag == nil {
		a.cache[0] = cacheNever
	} else {
		a.tag[0] = etag(v.tag, variant)
	}
	if len(v.links) > 0 {
		a.set("Link", v.links...)
	}
	return a
}

// file serves what h finds as it is.
func (s *site) file(h func(*http.Request) (file, error)) http.HandlerFunc {
	return s.dated(func(r *http.Request) (file, time.Time, error) {
		f, err := h(r)
		return f, time.Time{}, err
	})
}

// dated serves what h finds as it is, with the instant at which it last became
// another. What is of this second may be followed by more of the same second: it
// has no date yet.
func (s *site) dated(h func(*http.Request) (file, time.Time, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		share(w, r)
		f, modified, err := h(r)
		if err != nil {
			s.problemJSON(w, r, problemOf(err))
			return
		}
		if f.cache == cacheForever {
			s.send(w, r, f.lasting())
			return
		}
		k := f.keeping()
		if s.registry.Head().Time.Sub(modified) >= time.Second {
			k.modified = modified
		}
		if !k.unchanged(w, r, http.StatusOK) {
			sendWhole(w, http.StatusOK, f.media, f.data)
		}
	}
}

// lasting is the whole answer with a file that never changes.
func (f file) lasting() *reply {
	a := newReply(http.StatusOK, f.media, f.data)
	a.share()
	a.cache[0], a.kept = f.cache, true
	a.tag[0] = f.keeping().tag
	return a
}

// post enters statements: one envelope, or a line for each of many.
func (s *site) post(w http.ResponseWriter, r *http.Request) {
	if s.registry.Mirror() {
		s.problemJSON(w, r, problemOf(&sequencer.ReadOnly{Origin: s.registry.Original().URL()}))
		return
	}
	media := mediaOf(r)
	if r.Header.Get("Content-Encoding") != "" {
		media = ""
	}
	switch media {
	case mediaJOSE:
		s.statement(w, r)
	case mediaNDJSON:
		s.statements(w, r)
	default:
		share(w, r)
		w.Header().Set("Accept-Post", mediaJOSE+", "+mediaNDJSON)
		s.problemJSON(w, r, &problem{status: http.StatusUnsupportedMediaType, code: problemMedia, detail: mediaJOSE + ", " + mediaNDJSON})
	}
}

// either answers with a problem whatever was asked for: with a page for people,
// whose browsers name its media type, and with JSON for machines.
func (s *site) either(p *problem) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, named := accepted(r, "text/html")
		if !named || strings.HasPrefix(r.URL.Path, "/api/") || r.Method != http.MethodGet && r.Method != http.MethodHead {
			s.problemJSON(w, r, p)
			return
		}
		s.problemPage(w, r, p)
	}
}

// sendWhole sends what is known to its end, so that HEAD tells how long it is.
func sendWhole(w http.ResponseWriter, status int, media string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

func (s *site) problemJSON(w http.ResponseWriter, r *http.Request, p *problem) {
	lang := language(r)
	share(w, r)
	body, err := marshal(p.body(lang, s.accident(r, p)))
	if err != nil {
		panic(err) // texts and numbers only
	}
	sendProblem(w, p, lang, "application/problem+json", body)
}

func (s *site) problemPage(w http.ResponseWriter, r *http.Request, p *problem) {
	lang := language(r)
	reference := s.accident(r, p)
	maps.Copy(w.Header(), pagePolicy)
	page := newProblemPage(s.base(r), p.body(lang, reference))
	page.Elsewhere = p.elsewhere
	html, err := s.render.page(lang, pageProblem, page)
	if err != nil {
		s.accident(r, &problem{err: err})
		html = s.render.accident(lang, reference)
	}
	sendProblem(w, p, lang, "text/html; charset=utf-8", within(s.below(r), html))
}

func sendProblem(w http.ResponseWriter, p *problem, lang i18n.Language, media string, body []byte) {
	h := w.Header()
	h.Set("Content-Language", string(lang))
	varies(h, "Accept-Language")
	h.Set("Cache-Control", cacheNever)
	for _, address := range p.elsewhere {
		h.Add("Link", "<"+address+`>; rel="alternate"`)
	}
	if after := p.retryAfter(); after > 0 {
		h.Set("Retry-After", strconv.Itoa(after))
	}
	sendWhole(w, p.status, media, body)
}

// accident logs what is nobody's business but the operator's, once, and returns
// the reference that the answer and the log line share.
func (s *site) accident(r *http.Request, p *problem) string {
	reference := referenceOf(r.Context())
	if p.err != nil {
		s.logger.Error("accident", "reference", reference, "path", pathOf(r), "error", p.err)
	}
	return reference
}

// marshal writes JSON for people to read too: text is not escaped for HTML.
func marshal(v any) ([]byte, error) {
	if encoded, ok := v.([]byte); ok {
		return encoded, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// language is the one the reader asks for.
func language(r *http.Request) i18n.Language {
	named := ""
	if q := r.URL.RawQuery; strings.Contains(q, paramLang) || strings.Contains(q, "%") { // else it need not be read
		named = r.URL.Query().Get(paramLang)
	}
	return i18n.Match(named, r.Header.Get("Accept-Language"))
}
