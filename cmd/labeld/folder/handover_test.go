package folder

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/keys"
	"tegata/verify/keys/keystest"
)

// tokens is the folder of this process's own tokens; empty: there is none.
var tokens string

// TestMain leaves no tokens behind.
func TestMain(m *testing.M) {
	code := m.Run()
	if tokens != "" {
		os.RemoveAll(tokens)
	}
	os.Exit(code)
}

// made makes a registry in a folder, with new keys or, where it is told, one of them
// from elsewhere, and returns its operator.
func made(t *testing.T, from map[bundle.Purpose]string) (Folder, *envelope.Signer) {
	t.Helper()
	d := Folder(filepath.Join(t.TempDir(), "data"))
	if err := d.Make(registrytest.Origin, from); err != nil {
		t.Fatal(err)
	}
	c, err := d.Config()
	if err != nil {
		t.Fatal(err)
	}
	return d, registrytest.Create(t, d.Registry(), c)
}

// copied copies a folder to another place.
func (d Folder) copied(t *testing.T) Folder {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(string(d))); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(to + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if err := os.Chmod(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Folder(to)
}

// TestHandOverCutShort: whatever a crash leaves of a hand-over, the folder opens
// when it is asked next, with the old keys or the new ones, and the same hand-over
// or another can be made. So it is where keys move between files and tokens.
func TestHandOverCutShort(t *testing.T) {
	for _, what := range bundle.Purposes {
		cutShort(t, what, "", "")
	}
	cutShort(t, bundle.LogPurpose, "", inToken(t))
	cutShort(t, bundle.LogPurpose, inToken(t), inToken(t))
	cutShort(t, bundle.CosignerPurpose, inToken(t), "")
}

// cutShort cuts the hand-over of a key from one place to another short after every
// step.
func cutShort(t *testing.T, what bundle.Purpose, from, to string) {
	t.Helper()
	move := fmt.Sprintf("%s from %.6q to %.6q", what, from, to)
	elsewhere := map[bundle.Purpose]string{}
	if from != "" {
		elsewhere[what] = from
	}
	before, operator := made(t, elsewhere)
	after := before.copied(t)
	c, err := after.Config()
	if err != nil {
		t.Fatal(err)
	}
	h, err := after.HandOver(c, what, operator, to)
	if err != nil {
		t.Fatalf("%s: %v", move, err)
	}
	// file puts one file of the folder after the hand-over into another.
	file := func(from, to string) func(Folder) error {
		return func(d Folder) error {
			data, err := os.ReadFile(filepath.Join(string(after), filepath.Base(from)))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(string(d), filepath.Base(to)), data, 0o600)
		}
	}
	steps := []struct {
		name string
		do   func(Folder) error
		new  bool // the new key is in use when the folder is opened
	}{
		{"nothing", func(Folder) error { return nil }, false},
		{"half a key", func(d Folder) error { return os.WriteFile(d.next(what), []byte("-----"), 0o600) }, false},
		{"a key", file(after.Key(what), before.next(what)), false},
		{"the hand-over", file(after.HandOvers(), before.HandOvers()), true},
		{"the head", file(after.Registry(), before.Registry()), true},
		{"the old key's other name", func(d Folder) error { return os.Link(d.Key(what), d.Former(h)) }, true},
		{"the new key's name", func(d Folder) error { return os.Rename(d.next(what), d.Key(what)) }, true},
	}
	for i, last := range steps {
		if from+to != "" && slices.Contains([]string{"nothing", "half a key", "the old key's other name"}, last.name) {
			continue // the same as where both are files
		}
		d := before.copied(t)
		for _, s := range steps[:i+1] {
			if err := s.do(d); err != nil {
				t.Fatal(err)
			}
		}
		if err := opens(d, h, last.new); err != nil {
			t.Errorf("%s, cut short after %s: %v", move, last.name, err)
			continue
		}
		if _, err := os.Stat(d.next(what)); last.new && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s, cut short after %s: the next key is still there", move, last.name)
		}
		if _, err := ReadKey(d.Former(h)); last.new && err != nil {
			t.Errorf("%s, cut short after %s: the former key: %v", move, last.name, err)
		}
		if from+to != "" && last.name != "the hand-over" {
			continue
		}
		c, err := d.Config()
		if err == nil {
			_, err = d.HandOver(c, what, operator, "")
		}
		if err != nil {
			t.Errorf("%s, cut short after %s: the next hand-over: %v", move, last.name, err)
		}
		if all, err := d.readHandOvers(); err != nil || len(all) != map[bool]int{false: 1, true: 2}[last.new] {
			t.Errorf("%s, cut short after %s: then %d hand-overs, %v", move, last.name, len(all), err)
		}
	}

	// The announcement without the key it names, and the old key put back.
	d := before.copied(t)
	if err := file(after.HandOvers(), before.HandOvers())(d); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Config(); err == nil || !strings.Contains(err.Error(), "put that key there (mode 600)") {
		t.Errorf("%s, the new key is lost: got %v, want what to do", move, err)
	}
	d = after.copied(t)
	if err := os.Rename(d.Former(h), d.Key(what)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Config(); err == nil || !strings.Contains(err.Error(), string(h.New.Thumbprint())) {
		t.Errorf("%s, the old key put back: got %v, want the name of the key that is missing", move, err)
	}

	// The old key destroyed, as it should be, and the token of the new one away.
	d = after.copied(t)
	if err := os.Remove(d.Former(h)); err != nil {
		t.Fatal(err)
	}
	if err := opens(d, h, true); err != nil {
		t.Errorf("%s, the old key destroyed: %v", move, err)
	}
	if to == "" {
		return
	}
	d = before.copied(t)
	if err := file(after.HandOvers(), before.HandOvers())(d); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.next(what), []byte(strings.Replace(to, "token=registry", "token=away", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Config(); err == nil || !strings.Contains(err.Error(), "was cut short and has to be ended") || !strings.Contains(err.Error(), "no such token is there") {
		t.Errorf("%s, the token away: got %v, want why it is not ended", move, err)
	}
}

// TestHandOverRefused: a hand-over that cannot be made changes nothing.
func TestHandOverRefused(t *testing.T) {
	d, operator := made(t, nil)
	c, err := d.Config()
	if err != nil {
		t.Fatal(err)
	}
	p256 := inToken(t, keys.P256)
	gone := strings.Replace(inToken(t), "object=", "object=no", 1)
	before := listing(t, d)
	for _, tt := range []struct{ name, to, want string }{
		{"no such file", filepath.Join(t.TempDir(), "none"), "no such file"},
		{"another key of the registry", d.Key(bundle.AnswerPurpose), "each has its own"},
		{"the key in use", d.Key(bundle.LogPurpose), "new: it is the old one"},
		{"a key on P-256", p256, "the registry's own keys are Ed25519"},
		{"no such key", gone, "the token has no such key"},
		{"half a URI", "pkcs11:token=a", "object or id"},
		{"no key", d.Origin(), "neither one private key"},
	} {
		if _, err := d.HandOver(c, bundle.LogPurpose, operator, tt.to); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		if got := listing(t, d); !slices.Equal(got, before) {
			t.Errorf("%s: left behind %q, want %q", tt.name, got, before)
		}
	}
	// A copy of the file that the hand-over itself writes over.
	next := d.next(bundle.LogPurpose)
	if err := keys.New(next); err != nil {
		t.Fatal(err)
	}
	h, err := d.HandOver(c, bundle.LogPurpose, operator, next)
	if err != nil {
		t.Fatal(err)
	}
	if err := opens(d, h, true); err != nil {
		t.Error(err)
	}
}

func listing(t *testing.T, d Folder) (names []string) {
	t.Helper()
	inside, err := os.ReadDir(string(d))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range inside {
		names = append(names, e.Name())
	}
	return names
}

// inToken makes a key in the token of this process, and returns its URI.
func inToken(t *testing.T, kind ...keys.Kind) string {
	t.Helper()
	u, err := processToken()
	if err != nil {
		t.Fatal(err)
	}
	u.Object = rand.Text()
	if _, err := keys.Generate(u, append(kind, keys.Ed25519)[0]); err != nil {
		t.Fatal(err)
	}
	return u.String()
}

// processToken makes the one token of this process: SoftHSM sees those that are
// there when it is loaded.
var processToken = sync.OnceValues(func() (keys.URI, error) {
	dir, err := os.MkdirTemp("", "labeld-test-")
	if err != nil {
		return keys.URI{}, err
	}
	tokens = dir
	u, err := keystest.Token(dir, "registry")
	if err != nil {
		return u, err
	}
	conf, err := keystest.Store(dir)
	if err == nil {
		err = os.Setenv(keystest.Setting, conf)
	}
	return u, err
})

// opens opens a registry and checks that the keys in use are the old or the new
// ones, and that an audit finds no fault.
func opens(d Folder, h bundle.HandOver, isNew bool) (err error) {
	c, err := d.Config()
	if err != nil {
		return err
	}
	r, err := registry.Open(d.Registry(), c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	private, err := ReadKey(d.Key(h.What))
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
