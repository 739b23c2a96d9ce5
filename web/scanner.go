package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"

	"tegata/registry"
)

// browser holds the reader of barcodes for the browsers that have none: a
// package of others, which the build fetches by its lock file.
//
//go:embed all:browser
var browser embed.FS

// fetched are the files of the folder browser, without which there is no
// scanner.
var fetched = []string{"zxing_license.txt", "zxing_reader.js", "zxing_reader.wasm"}

// A scanner is the files that the page /scan loads. They are served in a folder
// whose name changes with any of them, so that they may name each other and be
// kept forever.
type scanner struct {
	files   map[string]file
	version string
}

var errNoScanner = errors.New("the scanner of /scan is not built in: run make build, which fetches it")

// newScanner reads the files: those of the folder browser are others', which are
// not there where only go build was run. A server that silently lacked one would
// not be noticed until somebody stands in a shop.
func newScanner(others fs.FS) (*scanner, error) {
	own, err := fs.Sub(embedded, "static/scan")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(own, "*.js")
	if err != nil {
		return nil, err
	}
	s := &scanner{files: map[string]file{}}
	add := func(from fs.FS, name string) error {
		data, err := fs.ReadFile(from, name)
		name = path.Base(name)
		s.files[name] = file{scannerTypes[path.Ext(name)], data, cacheForever}
		return err
	}
	for _, name := range names {
		if err := add(own, name); err != nil {
			return nil, err
		}
	}
	for _, name := range fetched {
		if err := add(others, "browser/"+name); err != nil {
			return nil, fmt.Errorf("%w: %w", errNoScanner, err)
		}
	}
	sum := sha256.New()
	for _, name := range s.names() {
		fmt.Fprintf(sum, "%s %d\n%s", name, len(s.files[name].data), s.files[name].data)
	}
	s.version = hex.EncodeToString(sum.Sum(nil)[:6])
	return s, nil
}

var scannerTypes = map[string]string{
	".js":   "text/javascript; charset=utf-8",
	".txt":  "text/plain; charset=utf-8",
	".wasm": "application/wasm",
}

// names lists the files in order.
func (s *scanner) names() []string { return slices.Sorted(maps.Keys(s.files)) }

// folder is the address that all of the files are under.
func (s *scanner) folder() string { return "/static/scan-" + s.version }

// scanFile serves a file of the scanner. Two of the scripts are workers, which
// go by the policy of their own answer: the one that reads barcodes, and the one
// that answers for the page /scan, which stands above it.
func (s *site) scanFile(w http.ResponseWriter, r *http.Request) {
	switch r.PathValue("file") {
	case "reader.js":
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'")
	case "offline.js":
		w.Header().Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'")
		w.Header().Set("Service-Worker-Allowed", "/scan")
	}
	s.file(func(r *http.Request) (file, error) {
		f, ok := s.scanner.files[r.PathValue("file")]
		if !ok || r.PathValue("name") != path.Base(s.scanner.folder()) {
			return file{}, registry.ErrNotFound
		}
		return f, nil
	})(w, r)
}
