package backup

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tegata/cmd/labeld/audit"
	"tegata/cmd/labeld/demo"
	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
	"tegata/web"
)

// played makes the demo's registry in a folder, and closes it.
func played(t *testing.T) folder.Folder {
	t.Helper()
	d := folder.Folder(filepath.Join(t.TempDir(), "data"))
	r, err := demo.New(t.Context(), d, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return d
}

// answered is all that the registry in a folder answers at an instant, by address:
// of every code and every entry. What it signs itself is left out of a mirror.
func answered(t *testing.T, d folder.Folder, c registry.Config, at time.Time) map[string]string {
	t.Helper()
	c.Now = func() time.Time { return at }
	r, err := registry.Open(d.Registry(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h, err := web.NewHandler(web.Config{Registry: r, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	get := func(format string, args ...any) {
		address := fmt.Sprintf(format, args...)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
		if w.Code != http.StatusOK {
			t.Errorf("%s: got status %d: %s", address, w.Code, w.Body)
		}
		out[address] = w.Body.String()
	}
	codes, err := r.Codes(t.Context(), "", 1000)
	if err != nil || len(codes) < 50 {
		t.Fatalf("got %d codes, %v", len(codes), err)
	}
	for _, code := range codes {
		for _, in := range []string{"GB", "GB-NIR", "JP"} {
			get("/api/v1/verify/%s?in=%s", code, in)
		}
		get("/api/v1/records/%s", code)
		if !r.Mirror() {
			get("/api/v1/bundles/%s", code)
			get("/api/v1/verify/%s.jwt", code)
			get("/v/%s?lang=ja", code)
		}
	}
	size := r.Head().Size
	for i := range size {
		get("/api/v1/statements/%d", i)
	}
	for level := int(tlog.EntriesLevel); level <= 0; level++ {
		get("/%s", tlog.TilePath{Level: level, Width: int(size)})
	}
	return out
}

// TestRestoredAnswers: a registry that is made anew from nothing answers every code
// with the very bytes.
func TestRestoredAnswers(t *testing.T) {
	d, at := played(t), t.TempDir()
	backup, kit := filepath.Join(at, "backup.tar"), filepath.Join(at, "kit")
	if _, err := Make(t.Context(), d, backup, false, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := Export(t.Context(), d, kit, "https://labels.example", nil); err != nil {
		t.Fatal(err)
	}
	own, err := d.Config()
	if err != nil {
		t.Fatal(err)
	}
	trust, err := os.ReadFile(filepath.Join(kit, trustName))
	if err != nil {
		t.Fatal(err)
	}
	head, err := os.ReadFile(filepath.Join(kit, siteName, checkpointName))
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := bundle.ParseTrust(trust)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{backup, kit} {
		for _, keys := range []bool{true, false} {
			name := fmt.Sprintf("%s, keys %t", filepath.Base(from), keys)
			made := folder.Folder(filepath.Join(t.TempDir(), "made"))
			on := Terms{Against: audit.Against{Checkpoint: head, Trust: trust}}
			if keys {
				on.Keys = string(d)
			}
			r, err := Restore(t.Context(), from, made, on, nil)
			if err != nil || r.Mirror == keys {
				t.Fatalf("%s: got %+v, %v", name, r, err)
			}
			c := own
			if !keys {
				made = made.Mirror(demo.Origin)
				c = registry.Config{Original: registry.NewOriginal("https://labels.example", trusted), Answer: own.Answer}
			}
			// A mirror answers as of when its head was dated.
			opened, err := registry.Open(made.Registry(), c)
			if err != nil {
				t.Fatal(err)
			}
			now := opened.Head().Time
			if keys {
				now = now.Add(time.Hour) // the head is dated anew
			}
			opened.Close()
			got, want := answered(t, made, c, now), answered(t, d, own, now)
			if keys && len(got) != len(want) || len(got) < 300 {
				t.Errorf("%s: got %d answers, want %d", name, len(got), len(want))
			}
			for _, address := range slices.Sorted(maps.Keys(got)) {
				if got[address] != want[address] {
					t.Errorf("%s: %s\n got %.500s\nwant %.500s", name, address, got[address], want[address])
					break
				}
			}
		}
	}
}

// TestRestoreDamagedKit changes a kit: its sums tell, and where somebody has mended
// those, the log does.
func TestRestoreDamagedKit(t *testing.T) {
	d, whole := played(t), filepath.Join(t.TempDir(), "kit")
	if _, err := Export(t.Context(), d, whole, "https://labels.example", nil); err != nil {
		t.Fatal(err)
	}
	flip := func(at int) func(name string) error {
		return func(name string) error {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			data[(at+len(data))%len(data)] ^= 1
			return os.WriteFile(name, data, 0o600)
		}
	}
	entries, err := filepath.Glob(filepath.Join(whole, "site/tile/entries/000.p/*"))
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	width := filepath.Base(entries[0])
	elsewhere := func(name string) error {
		return errors.Join(os.Remove(name), os.Symlink(filepath.Join(whole, "README.md"), name))
	}
	pipe := func(name string) error { return errors.Join(os.Remove(name), syscall.Mkfifo(name, 0o600)) }
	endless := func(name string) error { return os.Truncate(name, kitFileMost+1) }
	for _, c := range []struct {
		name   string
		file   string
		change func(name string) error
		mended string // what is said where the sums are mended; empty: then it is not found
	}{
		{"entry", "site/tile/entries/000.p/" + width, flip(-200), "altered: entry "},
		{"entry's length", "site/tile/entries/000.p/" + width, flip(0), "malformed: "},
		{"hash", "site/tile/0/000.p/" + width, flip(70), "altered: the tiles do not lead to the root"},
		{"checkpoint's root", "site/checkpoint", flip(30), "checkpoint: "},
		{"trust file", "trust.json", flip(60), "kit: "},
		{"origin", "origin", flip(1), "kit: origin: "},
		{"entries gone", "site/tile/entries/000.p/" + width, os.Remove, "missing: tile/entries/000"},
		{"checkpoint gone", "site/checkpoint", os.Remove, "checkpoint: no such file"},
		{"page", "site/index.html", flip(99), ""},
		{"entries elsewhere", "site/tile/entries/000.p/" + width, elsewhere, "malformed: openat site/tile/entries/000.p/"},
		{"entries from a pipe", "site/tile/entries/000.p/" + width, pipe, "not a file"},
		{"entries without end", "site/tile/entries/000.p/" + width, endless, "it has more than "},
		{"trust file elsewhere", "trust.json", elsewhere, "trust.json: path escapes"},
		{"page from a pipe", "site/law/index.html", pipe, ""},
		{"long line", sumsName, func(name string) error {
			sums, err := os.ReadFile(name)
			return errors.Join(err, os.WriteFile(name, append(sums, bytes.Repeat([]byte("a"), 1<<17)...), 0o600))
		}, ""},
		{"page gone", "site/law/index.html", os.Remove, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := t.TempDir()
			kit, to := filepath.Join(at, "kit"), filepath.Join(at, "made")
			if err := os.CopyFS(kit, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			if err := c.change(filepath.Join(kit, c.file)); err != nil {
				t.Fatal(err)
			}
			restored := func() (string, error) {
				r, err := Restore(t.Context(), kit, folder.Folder(to), Terms{Keys: string(d)}, nil)
				var said strings.Builder
				r.Print(&said)
				return said.String(), err
			}
			if said, err := restored(); !errors.Is(err, audit.ErrFaults) || !strings.Contains(said, "kit: ") || !strings.Contains(said, c.file) {
				t.Errorf("got %s, %v, want that %s is named", said, err, c.file)
			}
			mend(t, kit)
			holds := c.mended == ""
			said, err := restored()
			if holds != (err == nil) || !holds && !errors.Is(err, audit.ErrFaults) || !strings.Contains(said, c.mended) {
				t.Errorf("with other sums: got %s, %v, want %q", said, err, c.mended)
			}
			if _, err := os.Stat(to); !holds && err == nil {
				t.Error("something is left of what was not restored")
			}
		})
	}
}

// mend writes the sums of a kit as it is now.
func mend(t *testing.T, kit string) {
	t.Helper()
	var sums bytes.Buffer
	err := filepath.WalkDir(kit, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || e.Name() == sumsName {
			return err
		}
		data, err := os.ReadFile(name)
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), strings.TrimPrefix(filepath.ToSlash(name), filepath.ToSlash(kit)+"/"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(kit, sumsName), sums.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
