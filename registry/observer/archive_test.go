package observer

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestArchive: what is kept is given back byte for byte under its digest; what was
// seen longest ago goes when there is no room, and nothing else is ever opened.
func TestArchive(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "archive")
	a, err := NewArchive(folder, 100)
	if err != nil {
		t.Fatal(err)
	}
	keep := func(text string) (string, error) {
		file := filepath.Join(t.TempDir(), "visit")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		digest := digestOf([]byte(text))
		return digest, a.keep(file, digest)
	}
	kept := func(digest string) bool {
		f, err := a.Open(digest)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("got %v", err)
			}
			return false
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		return err == nil && digestOf(b) == digest
	}
	var all []string
	for i, text := range []string{string(make([]byte, 40)), string(make([]byte, 41))} {
		digest, err := keep(text)
		if err != nil || !kept(digest) {
			t.Fatalf("%d: not kept: %v", i, err)
		}
		at := time.Now().Add(time.Duration(i-10) * time.Hour)
		if err := os.Chtimes(filepath.Join(folder, digest), at, at); err != nil {
			t.Fatal(err)
		}
		all = append(all, digest)
	}
	if _, err := keep(string(make([]byte, 40))); err != nil { // the first is seen again
		t.Fatal(err)
	}
	digest, err := keep(string(make([]byte, 42)))
	if err != nil || !kept(digest) || !kept(all[0]) || kept(all[1]) {
		t.Errorf("got first %v, second %v, third %v, %v; want the second to make room", kept(all[0]), kept(all[1]), kept(digest), err)
	}
	if _, err := keep(string(make([]byte, 101))); !errors.Is(err, errTooLarge) {
		t.Errorf("got %v, want no room", err)
	}
	for _, name := range []string{"", "../observer.json", "/etc/passwd", digest[:63], digest + "0", "..%2f"} {
		if f, err := a.Open(name); err == nil {
			f.Close()
			t.Errorf("%q: got a file", name)
		}
	}
}
