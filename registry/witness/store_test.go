package witness

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestStoreWritesWhole(t *testing.T) {
	s, err := openStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if b, err := s.read("f"); b != nil || err != nil {
		t.Errorf("got %q, %v, want nothing", b, err)
	}
	for _, text := range []string{"long enough", "short"} {
		if err := s.write("f", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if b, err := s.read("f"); string(b) != text || err != nil {
			t.Errorf("got %q, %v, want %q", b, err, text)
		}
	}
	if names, err := s.names(""); !slices.Equal(names, []string{"f", "lock"}) || err != nil {
		t.Errorf("got %v, %v", names, err)
	}
	if err := s.write("no/such", nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want %v", err, os.ErrNotExist)
	}
}

func TestOpenRefuses(t *testing.T) {
	h := newHistory(origin).with("a", "b")
	b := newBench(t, h.signer.Key())
	b.want(t, "the first", h.from(0), 200, "— ")
	if _, err := Open(b.config); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("got %v, want that the folder is taken", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	twice := b.config
	twice.Logs = append(twice.Logs, h.signer.Key())
	if _, err := Open(twice); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("got %v, want that a key is given twice", err)
	}

	// Every single-byte change of what the log signed is found, and nothing is
	// begun anew.
	name := must(b.store.names("log-"))[0]
	path := filepath.Join(b.config.Folder, name)
	whole := must(os.ReadFile(path))
	end := bytes.LastIndex(whole, []byte("— witness"))
	if end < 0 {
		t.Fatalf("%q has no line of the witness", whole)
	}
	for i := range end - 1 {
		bad := slices.Clone(whole)
		bad[i] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(b.config); err == nil {
			t.Errorf("byte %d changed: opened at %+v", i, s.logs[origin].last.head)
			s.Close()
		}
	}
	for _, n := range []int{0, 1, end / 2} {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(b.config); err == nil {
			t.Errorf("cut to %d bytes: opened at %+v", n, s.logs[origin].last.head)
			s.Close()
		}
	}
	// A file that was not finished when the power went is not looked at.
	for _, f := range []string{path, path + unfinished} {
		if err := os.WriteFile(f, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		whole = whole[:len(whole)/2]
	}
	b.open(t)
	b.want(t, "after that", h.with("c").from(2), 200, "— ")
}

// TestNothingDurable takes the folder away: what cannot be written down is not
// cosigned, and not remembered.
func TestNothingDurable(t *testing.T) {
	h := newHistory(origin).with("a")
	b := newBench(t, h.signer.Key())
	b.want(t, "the first", h.from(0), 200, "— ")
	away := b.config.Folder + " away"
	if err := os.Rename(b.config.Folder, away); err != nil {
		t.Fatal(err)
	}
	b.want(t, "without a folder", h.with("b").from(1), 500, "the witness has a fault")
	if strings.Contains(b.post(h.with("b").from(1).marshal()).Body.String(), "—") {
		t.Error("it cosigned what it could not keep")
	}
	if err := os.Rename(away, b.config.Folder); err != nil {
		t.Fatal(err)
	}
	b.want(t, "with the folder again", h.with("x").from(1), 200, "— ")
}
