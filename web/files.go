package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/tlog"
	"tegata/web/qr"
)

// A file is an answer in a format of its own.
type file struct {
	media string
	data  []byte
	cache string // Cache-Control
}

// Cache-Control of what never changes, and of what changes with every entry.
const (
	cacheForever = "public, max-age=31536000, immutable"
	cacheShort   = "public, max-age=5"
	cacheNever   = "no-store"
)

// checkpoint answers with the signed head (c2sp.org/tlog-checkpoint).
func (s *site) checkpoint(*http.Request) (file, error) {
	signed, err := s.registry.Checkpoint()
	return file{"text/plain; charset=utf-8", signed, cacheShort}, err
}

// tile answers with a tile of hashes or a bundle of entries
// (c2sp.org/tlog-tiles).
func (s *site) tile(r *http.Request) (file, error) {
	p, err := tlog.ParseTilePath("tile/" + strings.TrimPrefix(r.PathValue("path"), "/"))
	if err != nil {
		return file{}, registry.ErrNotFound
	}
	data, err := s.registry.Tile(p)
	return file{"application/octet-stream", data, cacheForever}, err
}

// pngScale is how many pixels a module of the PNG has: 29 modules and the quiet
// zone make about 300 pixels.
const pngScale = 8

// qr answers with the QR code of a label or declaration that is in the
// registry; for any other code there is none.
func (s *site) qr(r *http.Request) (file, error) {
	name := r.PathValue("file")
	text, isSVG := strings.CutSuffix(name, ".svg")
	text, isPNG := strings.CutSuffix(text, ".png")
	if isSVG == isPNG {
		return file{}, registry.ErrNotFound
	}
	code, err := verify.ParseCode(text)
	if err != nil {
		return file{}, err
	}
	f, err := s.registry.Lookup(r.Context(), code)
	if err != nil {
		return file{}, err
	}
	if len(f.Entries) == 0 {
		return file{}, registry.ErrNotFound
	}
	symbol, err := s.symbol(code)
	if err != nil {
		return file{}, err
	}
	if isSVG {
		return file{"image/svg+xml", symbol.SVG(), cacheForever}, nil
	}
	png, err := symbol.PNG(pngScale)
	return file{"image/png", png, cacheForever}, err
}

// symbol makes the QR code that leads to the page of a code.
func (s *site) symbol(code verify.Code) (qr.Symbol, error) {
	text, err := qr.Text(s.host, string(code))
	if err != nil {
		return qr.Symbol{}, err
	}
	return qr.New(text)
}

// hostOf returns the host, with its port, of the address the registry is
// reached at.
func hostOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" && u.Path != "/" {
		return "", fmt.Errorf("%q is not an address such as https://labels.example", address)
	}
	return u.Host, nil
}

// A logBody names the log and its keys, for who wants to check it.
type logBody struct {
	verify.Log
	LogKey      string `json:"log_key"`      // verifier key of the checkpoint (c2sp.org/signed-note)
	CosignerKey string `json:"cosigner_key"` // of its date (c2sp.org/tlog-cosignature)
}

// log answers with the head and the keys of the log.
func (s *site) log(*http.Request) (view, error) {
	body := logBody{s.registry.Head(), s.registry.LogKey().String(), s.registry.CosignerKey().String()}
	return view{status: http.StatusOK, body: body, tag: body.Root}, nil
}

func (s *site) healthz(*http.Request) (file, error) {
	return file{"text/plain; charset=utf-8", []byte("ok\n"), cacheNever}, nil
}

func (s *site) readyz(r *http.Request) (file, error) {
	if err := s.registry.Ready(r.Context()); err != nil {
		return file{}, &problem{status: http.StatusServiceUnavailable, code: problemBusy, err: err}
	}
	return file{"text/plain; charset=utf-8", []byte("ready\n"), cacheNever}, nil
}
