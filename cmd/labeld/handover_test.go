package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tegata/registry"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// made makes a registry in a folder, and returns its operator.
func made(t *testing.T) (folder, *envelope.Signer) {
	t.Helper()
	operator, err := envelope.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := operator.PrivateJWK()
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), "operator.key")
	if err := os.WriteFile(key, jwk, 0o600); err != nil {
		t.Fatal(err)
	}
	d := folder(filepath.Join(t.TempDir(), "data"))
	if status := run([]string{"init", "-data", string(d), "-origin", "labels.example", "-operator", key}, io.Discard, os.Stderr); status != exitDone {
		t.Fatalf("init: got status %d", status)
	}
	return d, operator
}

// copied copies a folder to another place.
func (d folder) copied(t *testing.T) folder {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(string(d))); err != nil {
		t.Fatal(err)
	}
	keys, err := filepath.Glob(to + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range keys {
		if err := os.Chmod(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder(to)
}

// TestHandOverCutShort: whatever a crash leaves of a hand-over, the folder opens
// when it is asked next, with the old keys or the new ones, and the same hand-over
// or another can be made.
func TestHandOverCutShort(t *testing.T) {
	for _, what := range bundle.Purposes {
		before, operator := made(t)
		after := before.copied(t)
		c, err := after.config()
		if err != nil {
			t.Fatal(err)
		}
		h, err := after.handOver(c, what, operator)
		if err != nil {
			t.Fatal(err)
		}
		// file puts one file of the folder after the hand-over into another.
		file := func(from, to string) func(folder) error {
			return func(d folder) error {
				data, err := os.ReadFile(filepath.Join(string(after), filepath.Base(from)))
				if err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(string(d), filepath.Base(to)), data, 0o600)
			}
		}
		steps := []struct {
			name string
			do   func(folder) error
			new  bool // the new key is in use when the folder is opened
		}{
			{"nothing", func(folder) error { return nil }, false},
			{"half a key", func(d folder) error { return os.WriteFile(d.next(what), []byte("-----"), 0o600) }, false},
			{"a key", file(after.keyFile(what), before.next(what)), false},
			{"the hand-over", file(after.handOvers(), before.handOvers()), true},
			{"the head", file(after.registry(), before.registry()), true},
			{"the old key's other name", func(d folder) error { return os.Link(d.keyFile(what), d.former(h)) }, true},
			{"the new key's name", func(d folder) error { return os.Rename(d.next(what), d.keyFile(what)) }, true},
		}
		for i, last := range steps {
			d := before.copied(t)
			for _, s := range steps[:i+1] {
				if err := s.do(d); err != nil {
					t.Fatal(err)
				}
			}
			if err := opens(d, h, last.new); err != nil {
				t.Errorf("%s, cut short after %s: %v", what, last.name, err)
				continue
			}
			if _, err := os.Stat(d.next(what)); last.new && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s, cut short after %s: the next key is still there", what, last.name)
			}
			if _, err := readKey(d.former(h)); last.new && err != nil {
				t.Errorf("%s, cut short after %s: the former key: %v", what, last.name, err)
			}
			c, err := d.config()
			if err == nil {
				_, err = d.handOver(c, what, operator)
			}
			if err != nil {
				t.Errorf("%s, cut short after %s: the next hand-over: %v", what, last.name, err)
			}
			if all, err := d.readHandOvers(); err != nil || len(all) != map[bool]int{false: 1, true: 2}[last.new] {
				t.Errorf("%s, cut short after %s: then %d hand-overs, %v", what, last.name, len(all), err)
			}
		}

		// The announcement without the key it names, and the old key put back.
		d := before.copied(t)
		if err := file(after.handOvers(), before.handOvers())(d); err != nil {
			t.Fatal(err)
		}
		if _, err := d.config(); err == nil || !strings.Contains(err.Error(), "put that key there (mode 600)") {
			t.Errorf("%s, the new key is lost: got %v, want what to do", what, err)
		}
		d = after.copied(t)
		if err := os.Rename(d.former(h), d.keyFile(what)); err != nil {
			t.Fatal(err)
		}
		if _, err := d.config(); err == nil || !strings.Contains(err.Error(), string(h.New.Thumbprint())) {
			t.Errorf("%s, the old key put back: got %v, want the name of the key that is missing", what, err)
		}
	}
}

// opens opens a registry and checks that the keys in use are the old or the new
// ones, and that an audit finds no fault.
func opens(d folder, h bundle.HandOver, isNew bool) (err error) {
	c, err := d.config()
	if err != nil {
		return err
	}
	r, err := registry.Open(d.registry(), c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	private, err := readKey(d.keyFile(h.What))
	if err != nil {
		return err
	}
	if got := publicJWK(private); got != h.New == isNew {
		return errors.New("another key is in use")
	}
	trust, err := r.Trust()
	if err != nil {
		return err
	}
	signed, err := r.Checkpoint()
	if err == nil {
		_, _, err = trust.OpenCheckpoint(signed)
	}
	if err != nil {
		return err
	}
	if isNew != slices.Equal(r.HandOvers(), []bundle.HandOver{h}) {
		return errors.New("it does not say so")
	}
	return nil
}
