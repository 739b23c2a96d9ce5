package web

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"
)

// TestScannerMissing: without one of the fetched files there is no server, and it
// says what to run; and whatever file changes, the address of all does.
func TestScannerMissing(t *testing.T) {
	whole := fstest.MapFS{}
	for _, name := range fetched {
		data, err := fs.ReadFile(browser, "browser/"+name)
		if err != nil {
			t.Fatal(err)
		}
		whole["browser/"+name] = &fstest.MapFile{Data: data}
	}
	real, err := newScanner(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range fetched {
		one := whole["browser/"+name]
		delete(whole, "browser/"+name)
		if s, err := newScanner(whole); s != nil || !errors.Is(err, errNoScanner) || !strings.Contains(err.Error(), "make build") {
			t.Errorf("without %s: got %v, want an error that says what to run", name, err)
		}
		whole["browser/"+name] = &fstest.MapFile{Data: append([]byte(" "), one.Data...)}
		if s, err := newScanner(whole); err != nil || s.version == real.version {
			t.Errorf("%s changed: got the same address, %v", name, err)
		}
		whole["browser/"+name] = one
	}
	for _, name := range real.names() {
		if f := real.files[name]; f.media == "" || len(f.data) == 0 || path.Base(name) != name {
			t.Errorf("%s: got %q and %d bytes", name, f.media, len(f.data))
		}
	}
}
