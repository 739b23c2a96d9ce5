package remote_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer/remote"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// An origin serves the log of a registry, or what a test makes of it.
type origin struct {
	*registrytest.Kit
	trust bundle.Trust
	url   string

	mu    sync.Mutex
	asked []string                              // paths, in their order
	same  int                                   // how often a checkpoint was had already
	lie   func(path string, body []byte) []byte // nil: as it is; an answer of nil: it is not there
}

func newOrigin(t testing.TB, k *registrytest.Kit) *origin {
	o := &origin{Kit: k, trust: k.Trust(t)}
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

// begun is the origin of a log of a few entries.
func begun(t *testing.T) *origin {
	k := registrytest.New(t)
	k.Begin(t)
	return newOrigin(t, k)
}

func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, r.URL.Path)
	body, err := o.answer(r.URL.Path)
	if o.lie != nil && err == nil {
		body = o.lie(r.URL.Path, body)
	}
	if err != nil || body == nil {
		http.NotFound(w, r)
		return
	}
	tag := fmt.Sprintf(`"%x"`, tlog.LeafHash(body))
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		o.same++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Write(body)
}

func (o *origin) answer(path string) ([]byte, error) {
	switch path {
	case "/checkpoint":
		return o.Registry.Checkpoint()
	case "/api/v1/handovers":
		return bundle.MarshalHandOvers(o.Registry.HandOvers()), nil
	}
	p, err := tlog.ParseTilePath(strings.TrimPrefix(path, "/"))
	if err != nil {
		return nil, err
	}
	return o.Registry.Tile(p)
}

// lying has the origin answer otherwise from now on.
func (o *origin) lying(lie func(path string, body []byte) []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lie = lie
}

// count tells how often paths with a prefix were asked for.
func (o *origin) count(prefix string) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, path := range o.asked {
		if strings.HasPrefix(path, prefix) {
			n++
		}
	}
	return n
}

// config is that of one who follows the origin without a rest.
func (o *origin) config() remote.Config {
	return remote.Config{URL: o.url, Trust: o.trust, Every: time.Millisecond, Now: o.Clock.Now}
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// grow enters so many labels.
func (o *origin) grow(t *testing.T, from, many int64) {
	t.Helper()
	waits := make([]func(context.Context) (registry.Receipt, error), many)
	for n := range many {
		wait, err := o.Registry.Submit(o.Say(t, "label.issued", registrytest.Code(from+n), nil))
		if err != nil {
			t.Fatal(err)
		}
		waits[n] = wait
	}
	for _, wait := range waits {
		if _, err := wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// all reads the log from one who follows it, up to a size.
func all(t *testing.T, r *remote.Remote, size int64) (entries [][]byte, head []byte) {
	t.Helper()
	for int64(len(entries)) < size || head == nil {
		b := news(t, r, int64(len(entries)))
		if b.First != int64(len(entries)) {
			t.Fatalf("got entries from %d, want from %d", b.First, len(entries))
		}
		entries, head = append(entries, b.Entries...), b.Head
	}
	return entries, head
}
