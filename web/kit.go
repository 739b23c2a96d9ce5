package web

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"tegata/verify"
	"tegata/verify/tlog"
	"tegata/web/i18n"
)

// listed is how many codes a page of the list of all has.
const listed = 100

// WriteKit writes what a site answers as files, for a server that has nothing but
// files: the page of every code and of its record in every language, the verdict
// as JSON and signed, its evidence and QR code, the law, and the log itself. The
// registry's clock must stand still, so that all of it is of one moment.
//
// An address keeps its place: /v/CODE is in v/CODE/index.html. A page in another
// language than English is below that language: ja/v/CODE. Links lead to what is
// there, and nowhere else.
//
// It calls put, from many goroutines, with the name of each file, and progress
// with the number of codes done, if that is not nil.
func WriteKit(ctx context.Context, c Config, put func(name string, data []byte) error, progress func(done, of int64)) error {
	c.Rate, c.Log, c.copied = 0, slog.New(slog.DiscardHandler), true
	s, err := newSite(c)
	if err != nil {
		return err
	}
	g, err := s.routes()
	if err != nil {
		return err
	}
	k := &kit{site: s, handler: s.observed(noting(g)), put: put}
	if err := k.log(ctx); err != nil {
		return err
	}
	if err := k.common(ctx); err != nil {
		return err
	}
	return k.codes(ctx, progress)
}

// A kit is a site that is being written down.
type kit struct {
	site    *site
	handler http.Handler
	put     func(name string, data []byte) error
}

// get asks the site as anybody could. Where what is asked for may be absent, the
// answer is nil.
func (k *kit) get(ctx context.Context, address string, absent ...int) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.RequestURI = address
	w := &kitAnswer{header: http.Header{}}
	k.handler.ServeHTTP(w, r)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if slices.Contains(absent, w.status) {
		return nil, nil
	}
	if w.status != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d: %.200s", address, w.status, bytes.TrimSpace(w.body.Bytes()))
	}
	return w.body.Bytes(), nil
}

// A kitAnswer is what the site answers, held whole.
type kitAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *kitAnswer) Header() http.Header         { return w.header }
func (w *kitAnswer) WriteHeader(status int)      { w.status = status }
func (w *kitAnswer) Write(b []byte) (int, error) { return w.body.Write(b) }

// file writes down the file at an address, if it is there.
func (k *kit) file(ctx context.Context, address string, absent ...int) error {
	data, err := k.get(ctx, address, absent...)
	if err != nil || data == nil {
		return err
	}
	return k.put(strings.TrimPrefix(address, "/"), data)
}

// page writes down the page at an address, in every language.
func (k *kit) page(ctx context.Context, address string) error {
	for _, lang := range i18n.Languages {
		html, err := k.get(ctx, address+"?"+url.Values{paramLang: {string(lang)}}.Encode())
		if err != nil {
			return err
		}
		if err := k.putPage(lang, address, html); err != nil {
			return err
		}
	}
	return nil
}

func (k *kit) putPage(lang i18n.Language, address string, html []byte) error {
	return k.put(strings.TrimPrefix(kitPage(lang, address), "/")+"index.html", relink(lang, html))
}

// log writes down the log (c2sp.org/tlog-tiles).
func (k *kit) log(ctx context.Context) error {
	if err := k.file(ctx, "/checkpoint"); err != nil {
		return err
	}
	size := k.site.registry.Head().Size
	for level := int(tlog.EntriesLevel); size>>(8*max(level, 0)) > 0; level++ {
		for p := (tlog.TilePath{Level: level}); ; p.Index++ {
			p.Width = int(min(tlog.TileWidth, size>>(8*max(level, 0))-p.Index*tlog.TileWidth))
			if p.Width <= 0 {
				break
			}
			if err := k.file(ctx, "/"+p.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// kitPages and kitFiles are what a kit has beside codes. The list of codes is
// none of the site's own pages.
var (
	kitPages = []string{"/", "/law", "/about", "/log"}
	kitFiles = []string{"/api/v1/trust", "/api/v1/handovers", "/api/v1/rules", "/api/v1/log", "/.well-known/jwks.json", "/.well-known/did.json"}
)

// common writes down what is about no code.
func (k *kit) common(ctx context.Context) error {
	for _, address := range kitPages {
		if err := k.page(ctx, address); err != nil {
			return err
		}
	}
	for _, address := range kitFiles {
		if err := k.file(ctx, address); err != nil {
			return err
		}
	}
	for _, name := range []string{"style.css", "icon.svg"} {
		if err := k.file(ctx, "/static/"+name); err != nil {
			return err
		}
	}
	lists, err := k.site.registry.StatusLists()
	for n := int64(0); err == nil && n < lists; n++ {
		err = k.file(ctx, fmt.Sprint("/status/", n), http.StatusNotFound) // of nothing there is none
	}
	if err != nil {
		return err
	}
	lost, err := k.site.render.page(i18n.English, pageProblem, newProblemPage(k.base(i18n.English, "/"), (&problem{status: http.StatusNotFound, code: problemNotFound}).body(i18n.English, "")))
	if err != nil {
		return err
	}
	return k.put("404.html", relink(i18n.English, lost))
}

// base is that of a page which is not at an address of the site.
func (k *kit) base(lang i18n.Language, address string) basePage {
	r := &http.Request{URL: &url.URL{Path: address, RawQuery: url.Values{paramLang: {string(lang)}}.Encode()}}
	return k.site.base(r)
}

// codes writes down all codes, a page of their list at a time.
func (k *kit) codes(ctx context.Context, progress func(done, of int64)) error {
	var of int64
	for from := verify.Code(""); ; {
		codes, err := k.site.registry.Codes(ctx, from, listed)
		if err != nil {
			return err
		}
		of += int64(len(codes))
		if len(codes) < listed {
			break
		}
		from = after(codes)
	}
	var done atomic.Int64
	for from, n := verify.Code(""), 1; ; n++ {
		codes, err := k.site.registry.Codes(ctx, from, listed)
		if err != nil {
			return err
		}
		rows, err := k.some(ctx, codes, func() {
			if now := done.Add(1); progress != nil {
				progress(now, of)
			}
		})
		if err != nil {
			return err
		}
		if err := k.list(rows, n, of); err != nil {
			return err
		}
		if int64(n*listed) >= of {
			return nil
		}
		from = after(codes)
	}
}

// after is where the codes that follow those of a list begin.
func after(codes []verify.Code) verify.Code { return codes[len(codes)-1] + "\xff" }

// some writes down some codes, on all cores, and returns their verdicts.
func (k *kit) some(ctx context.Context, codes []verify.Code, each func()) ([]verify.Verdict, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	rows := make([]verify.Verdict, len(codes))
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(codes)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				var err error
				if rows[i], err = k.code(ctx, codes[i]); err != nil {
					fail(fmt.Errorf("%s: %w", codes[i].Printed(), err))
					return
				}
				each()
			}
		})
	}
	all.Wait()
	return rows, context.Cause(ctx)
}

// code writes down all there is about a code, and returns its verdict.
func (k *kit) code(ctx context.Context, code verify.Code) (v verify.Verdict, err error) {
	for _, address := range []string{"/v/", "/records/"} {
		if err := k.page(ctx, address+string(code)); err != nil {
			return v, err
		}
	}
	for _, address := range []string{"/qr/%s.svg", "/api/v1/verify/%s", "/api/v1/verify/%s.jwt", "/api/v1/records/%s", "/api/v1/bundles/%s"} {
		if err := k.file(ctx, fmt.Sprintf(address, code)); err != nil {
			return v, err
		}
	}
	// There is a credential only while the record is valid.
	if err := k.file(ctx, fmt.Sprintf("/api/v1/records/%s.vc.jwt", code), http.StatusConflict); err != nil {
		return v, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/v/"+string(code), nil)
	if err != nil {
		return v, err
	}
	r.SetPathValue("code", string(code))
	j, err := k.site.ruling(r)
	return j.Verdict, err
}

// list writes down one page of the list of all codes.
func (k *kit) list(rows []verify.Verdict, n int, of int64) error {
	for _, lang := range i18n.Languages {
		b := k.base(lang, listPath(n))
		html, err := k.site.render.page(lang, pageCodes, newCodesPage(b, rows, n, of))
		if err != nil {
			return err
		}
		if err := k.putPage(lang, b.Path, html); err != nil {
			return err
		}
	}
	return nil
}
