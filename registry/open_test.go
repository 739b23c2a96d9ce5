package registry_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
)

// first seals the registry.created of the kit.
func first(t *testing.T, k *registrytest.Kit) []byte {
	t.Helper()
	l := k.Story(t)[0]
	return k.Seal(t, l.Head.By, l.Payload)
}

func TestCreateRefusesWhereAnythingIs(t *testing.T) {
	for _, c := range []struct {
		name string
		put  func(path string) error
	}{
		{"file", func(path string) error { return os.WriteFile(path, []byte("mine"), 0o600) }},
		{"empty file", func(path string) error { return os.WriteFile(path, nil, 0o600) }},
		{"folder", func(path string) error { return os.Mkdir(path, 0o700) }},
		{"link to nothing", func(path string) error { return os.Symlink(path+".gone", path) }},
		{"link to a file", func(path string) error {
			return errors.Join(os.WriteFile(path+".there", []byte("mine"), 0o600), os.Symlink(path+".there", path))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := registrytest.New(t)
			if err := c.put(k.Path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(k.Path)
			if _, err := registry.Create(k.Path, k.Config, first(t, k)); !errors.Is(err, registry.ErrExists) {
				t.Errorf("got %v, want %v", err, registry.ErrExists)
			}
			if after, _ := os.ReadFile(k.Path); !bytes.Equal(before, after) {
				t.Errorf("what was there has changed to %q", after)
			}
			if _, err := os.Lstat(k.Path); err != nil {
				t.Errorf("what was there is gone: %v", err)
			}
			if _, err := os.Lstat(k.Path + ".gone"); err == nil {
				t.Error("the registry was made behind the link")
			}
		})
	}
}

func TestCreateLeavesNothing(t *testing.T) {
	k := registrytest.New(t)
	if _, err := registry.Create(k.Path, k.Config, []byte("no token")); err == nil {
		t.Error("created from no token")
	}
	if _, err := registry.Create(filepath.Join(k.Path, "deeper"), k.Config, first(t, k)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in no folder: got %v, want %v", err, os.ErrNotExist)
	}
	left, err := os.ReadDir(filepath.Dir(k.Path))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestCreateOnce lets many create the same registry: one does.
func TestCreateOnce(t *testing.T) {
	k := registrytest.New(t)
	token := first(t, k)
	var mu sync.Mutex
	var all sync.WaitGroup
	created := 0
	for range 8 {
		all.Go(func() {
			r, err := registry.Create(k.Path, k.Config, token)
			if err != nil {
				if !errors.Is(err, registry.ErrExists) {
					t.Errorf("got %v, want %v", err, registry.ErrExists)
				}
				return
			}
			mu.Lock()
			created++
			mu.Unlock()
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if created != 1 {
		t.Errorf("%d registries were created, want 1", created)
	}
	r, err := registry.Open(k.Path, k.Config)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
}

func TestOpenWhatIsNone(t *testing.T) {
	good := registrytest.New(t)
	good.Begin(t)
	if err := good.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file []byte // nil: none
		want string
	}{
		{"nothing", nil, "create one first"},
		{"empty file", []byte{}, "too few for a registry"},
		{"text", []byte(strings.Repeat("not a registry\n", 4000)), "not a registry, or not a whole one"},
		{"short text", []byte("no"), "too few for a registry"},
		{"first page", whole[:4096], "too few for a registry"},
		{"two pages", whole[:8192], "damaged"},
		{"six pages", whole[:6*4096], "damaged"},
		{"cut in a page", whole[:20000], "damaged"},
		{"zeros", make([]byte, len(whole)), "not a registry, or not a whole one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "registry.db")
			if c.file != nil {
				if err := os.WriteFile(path, c.file, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r, err := registry.Open(path, good.Config)
			if err == nil {
				r.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || c.file != nil && !errors.Is(err, registry.ErrDamaged) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(after, c.file) {
				t.Error("opening has changed the file")
			}
		})
	}
}

func TestOpenWithAnotherKey(t *testing.T) {
	k, other := registrytest.New(t), registrytest.New(t)
	k.Begin(t)
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	wrong := k.Config
	wrong.Log = other.Config.Log
	if r, err := registry.Open(k.Path, wrong); !errors.Is(err, registry.ErrDamaged) {
		t.Errorf("with another log key: got %v, %v, want %v", r, err, registry.ErrDamaged)
	}
	// Another cosigner has not dated it yet.
	wrong = k.Config
	wrong.Cosigner = other.Config.Cosigner
	r, err := registry.Open(k.Path, wrong)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if signed, err := r.Checkpoint(); err != nil || strings.Count(string(signed), "\n— ") != 3 {
		t.Errorf("got %v, want the log's signature and both dates:\n%s", err, signed)
	}
}

func TestOpenTwice(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	if _, err := registry.Open(k.Path, k.Config); err == nil || !strings.Contains(err.Error(), "another process has it open") {
		t.Errorf("got %v, want that another process has it open", err)
	}
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := registry.Open(k.Path, k.Config)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
}
