package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/web"
)

// copied copies the folder of a registry to another place.
func copied(t *testing.T, d folder.Folder) folder.Folder {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(string(d))); err != nil {
		t.Fatal(err)
	}
	for _, name := range folder.Folder(to).Keys() {
		if err := os.Chmod(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder.Folder(to)
}

// handedOver is a copy of a registry in which a key has given way to a new one.
func handedOver(t *testing.T, d folder.Folder, what bundle.Purpose, operator *envelope.Signer) folder.Folder {
	t.Helper()
	d = copied(t, d)
	c, err := d.Config()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.HandOver(c, what, operator, ""); err != nil {
		t.Fatal(err)
	}
	return d
}

// opened opens the registry in a folder until the test ends.
func opened(t *testing.T, d folder.Folder) *registry.Registry {
	t.Helper()
	c, err := d.Config()
	if err != nil {
		t.Fatal(err)
	}
	r, err := registry.Open(d.Registry(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// TestCompareHandOvers: a node that lacks a hand-over which a peer has says so, and what to
// do, once the peer answers; so does one whose peer lacks one. Where both have the same, or
// no key was ever handed over, nothing is said.
func TestCompareHandOvers(t *testing.T) {
	never, operator := made(t)
	once := handedOver(t, never, bundle.AnswerPurpose, operator)
	lacks := copied(t, once)
	if err := os.Remove(lacks.HandOvers()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		node, peer folder.Folder
		want       string
	}{
		"missing here":  {lacks, once, "this node does not know of it"},
		"missing there": {once, lacks, "a peer does not know of it"},
		"another":       {once, handedOver(t, never, bundle.CosignerPurpose, operator), "other hand-overs"},
		"the same":      {once, copied(t, once), ""},
		"none ever":     {never, copied(t, never), ""},
	} {
		t.Run(name, func(t *testing.T) {
			site, err := web.NewHandler(web.Config{Registry: opened(t, c.peer), URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			var asked atomic.Int32
			peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1) == 1 {
					http.Error(w, "not yet", http.StatusServiceUnavailable)
				} else {
					site.ServeHTTP(w, r)
				}
			}))
			defer peer.Close()
			var said bytes.Buffer
			compareHandOvers(t.Context(), opened(t, c.node), []string{peer.URL}, time.Millisecond, slog.New(slog.NewTextHandler(&said, nil)))
			if got := said.String(); asked.Load() != 2 || !strings.Contains(got, c.want) || (got == "") != (c.want == "") || strings.Count(got, "\n") > 1 {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
