package web

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tegata/registry"
	"tegata/verify"
)

// logsPath is below what each log of a server that answers for several is found
// by itself: behind it goes the name of the log, and then the address as ever.
const logsPath = "/logs/"

// A front answers for several logs. What is asked of a code is answered by the log
// that has it; where two have it, it is said so, and nothing is chosen. What names
// records otherwise is answered by all of them, and the rest by the first log: the
// server's own, or the first that it mirrors.
type front struct {
	root http.Handler
	site *site     // of the root
	logs []*oneLog // that of the root first
}

// oneLog is one of several logs, by itself.
type oneLog struct {
	*site
	handler http.Handler
}

// newFront returns what answers for the registry of a site and for mirrors. The site
// then knows of them.
func newFront(c Config, root *site) (*front, error) {
	f := &front{site: root}
	all, own := append([]*registry.Registry{c.Registry}, c.Mirrors...), c.Observer
	c.Mirrors = nil
	var names []string
	for _, r := range all {
		names = append(names, r.Origin())
	}
	for i, r := range all {
		if c.Registry, c.Observer = r, nil; i == 0 {
			c.Observer = own
		}
		one, err := newSite(c)
		if err != nil {
			return nil, err
		}
		one.logs = slices.Delete(slices.Clone(names), i, i+1)
		if i > 0 {
			one.prefix = logsPath + r.Origin()
			one.url += one.prefix
			root.others = append(root.others, one)
		}
		routes, err := one.answering()
		if err != nil {
			return nil, err
		}
		f.logs = append(f.logs, &oneLog{one, routes})
	}
	root.logs = names[1:]
	var err error
	f.root, err = root.answering()
	return f, err
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, logsPath) {
		f.one(w, r)
		return
	}
	codes := codesOf(r.URL)
	if len(codes) == 0 {
		f.root.ServeHTTP(w, r)
		return
	}
	var have []*oneLog
	for _, l := range f.logs {
		switch has, err := l.hasAny(r.Context(), codes); {
		case err != nil:
			f.site.either(problemOf(err))(w, noted(w, r))
			return
		case has:
			have = append(have, l)
		}
	}
	switch len(have) {
	case 0:
		f.root.ServeHTTP(w, r)
	case 1:
		have[0].handler.ServeHTTP(w, r)
	default:
		f.site.either(severalLogs(have, r.URL))(w, noted(w, r))
	}
}

// one answers for one log, whatever others have.
func (f *front) one(w http.ResponseWriter, r *http.Request) {
	var found *oneLog
	var prefix string
	for _, l := range f.logs {
		p := logsPath + l.registry.Origin()
		if strings.HasPrefix(r.URL.Path, p+"/") && len(p) > len(prefix) {
			found, prefix = l, p
		}
	}
	if found == nil {
		f.site.either(&problem{status: http.StatusNotFound, code: problemNotFound})(w, noted(w, r))
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), prefixKey{}, prefix))
	http.StripPrefix(prefix, found.handler).ServeHTTP(w, r)
}

type prefixKey struct{}

// prefixOf is what went before the address of a request, of which the handlers do
// not know.
func prefixOf(r *http.Request) string {
	prefix, _ := r.Context().Value(prefixKey{}).(string)
	return prefix
}

// below is the prefix of addresses that stay with the log that answers a request:
// the one that was asked below, or that of a log that is not the root's.
func (s *site) below(r *http.Request) string { return cmp.Or(prefixOf(r), s.prefix) }

// within has the links of a page stay with one log. Text in a page has no quotation
// marks, so what looks like an attribute is one.
func within(prefix string, html []byte) []byte {
	if prefix == "" {
		return html
	}
	for _, attribute := range []string{` href="`, ` src="`, ` action="`} {
		html = bytes.ReplaceAll(html, []byte(attribute+"/"), []byte(attribute+prefix+"/"))
		for _, shared := range []string{logsPath, "/static/"} {
			html = bytes.ReplaceAll(html, []byte(attribute+prefix+shared), []byte(attribute+shared))
		}
	}
	return html
}

// hasAny reports whether the log has anything about one of the codes.
func (s *site) hasAny(ctx context.Context, codes []verify.Code) (bool, error) {
	for _, code := range codes {
		found, err := s.registry.Codes(ctx, code, 1)
		if err != nil || slices.Equal(found, []verify.Code{code}) {
			return err == nil, err
		}
	}
	return false, nil
}

// severalLogs is the problem of what more than one log has: which of them is meant
// has to be said.
func severalLogs[S interface{ name() string }](have []S, u *url.URL) *problem {
	p := &problem{status: http.StatusMultipleChoices, code: problemSeveral}
	var names []string
	for _, l := range have {
		names = append(names, l.name())
		address := ofLog(l.name(), u.Path)
		if u.RawQuery != "" {
			address += "?" + u.RawQuery
		}
		p.elsewhere = append(p.elsewhere, address)
	}
	p.detail = strings.Join(names, ", ")
	return p
}

// ofLog is the address of one of several logs.
func ofLog(name, path string) string { return (&url.URL{Path: logsPath + name + path}).String() }

// name is that of the log.
func (s *site) name() string { return s.registry.Origin() }

// all are the site and those beside it.
func (s *site) all() []*site { return append([]*site{s}, s.others...) }

// of returns the site whose log has the code; where none has, s.
func (s *site) of(ctx context.Context, code verify.Code) (*site, error) {
	if len(s.others) == 0 {
		return s, nil
	}
	var have []*site
	for _, one := range s.all() {
		has, err := one.hasAny(ctx, []verify.Code{code})
		if err != nil {
			return nil, err
		}
		if has {
			have = append(have, one)
		}
	}
	switch len(have) {
	case 0:
		return s, nil
	case 1:
		return have[0], nil
	}
	return nil, severalLogs(have, &url.URL{Path: "/v/" + string(code)})
}

// ofCode are the addresses that a code goes behind, with or without an ending.
var ofCode = []string{"/v/", "/V/", "/records/", "/whatif/", "/application/", "/artwork/", "/qr/",
	"/api/v1/verify/", "/api/v1/bundles/", "/api/v1/packs/", "/api/v1/applications/", "/api/v1/records/",
	"/api/v1/documents/", "/api/v1/whatif/"}

// codesOf lists the codes that an address asks about.
func codesOf(u *url.URL) (codes []verify.Code) {
	add := func(text string) {
		if code, err := verify.ParseCode(text); err == nil {
			codes = append(codes, code)
		}
	}
	if u.Path == "/api/v1/packs" || u.Path == "/artwork/sheet.pdf" {
		for _, text := range u.Query()[paramCode] {
			add(text)
		}
	}
	for _, before := range ofCode {
		if name, ok := strings.CutPrefix(u.Path, before); ok {
			name, _, _ = strings.Cut(name, "/")
			name, _, _ = strings.Cut(name, ".")
			add(strings.TrimSuffix(name, "-signed"))
		}
	}
	return codes
}
