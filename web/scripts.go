package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"

	"tegata/registry"
)

// scripts are the files that a page loads. They are served in a folder whose name
// changes with any of them, so that they may name each other and be kept forever.
type scripts struct {
	name    string // of the page
	files   map[string]file
	version string
}

// newScripts reads the scripts of a page.
func newScripts(name string) (*scripts, error) {
	s := &scripts{name: name, files: map[string]file{}}
	names, err := fs.Glob(embedded, "static/"+name+"/*.js")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if err := s.add(embedded, n); err != nil {
			return nil, err
		}
	}
	s.seal()
	return s, nil
}

func (s *scripts) add(from fs.FS, name string) error {
	data, err := fs.ReadFile(from, name)
	name = path.Base(name)
	s.files[name] = file{scriptTypes[path.Ext(name)], data, cacheForever}
	return err
}

// seal gives the files their version.
func (s *scripts) seal() {
	sum := sha256.New()
	for _, name := range s.names() {
		fmt.Fprintf(sum, "%s %d\n%s", name, len(s.files[name].data), s.files[name].data)
	}
	s.version = hex.EncodeToString(sum.Sum(nil)[:6])
}

var scriptTypes = map[string]string{
	".js":   "text/javascript; charset=utf-8",
	".txt":  "text/plain; charset=utf-8",
	".wasm": "application/wasm",
}

// names lists the files in order.
func (s *scripts) names() []string { return slices.Sorted(maps.Keys(s.files)) }

// folder is the address that all of the files are under.
func (s *scripts) folder() string { return "/static/" + s.name + "-" + s.version }

// scriptFile serves a file of a page's scripts. Two of those of /scan are workers,
// which go by the policy of their own answer: the one that reads barcodes, and the
// one that answers for the page /scan, which stands above it.
func (s *site) scriptFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	for _, of := range []*scripts{s.scanner, s.checker} {
		if f, ok := of.files[name]; ok && r.PathValue("name") == path.Base(of.folder()) {
			a := f.lasting()
			for field, value := range workers[name] {
				a.set(field, value) // of the answer itself: it is kept with it
			}
			s.send(w, r, a)
			return
		}
	}
	share(w, r)
	s.problemJSON(w, r, problemOf(registry.ErrNotFound))
}

// workers are what the answers with them say beside.
var workers = map[string]map[string]string{
	"reader.js": {"Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"},
	"offline.js": {
		"Content-Security-Policy": "default-src 'none'; connect-src 'self'",
		"Service-Worker-Allowed":  "/scan",
	},
}
