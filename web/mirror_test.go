package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer/remote"
	"tegata/web"
)

// mirror: serves a mirror of the registry from now on. mirror alone: the registry
// can no longer be reached.
func mirror(ts *testscript.TestScript, _ bool, args []string) {
	origin := ts.Value("origin").(**httptest.Server)
	if len(args) > 0 {
		(*origin).Close()
		return
	}
	tb, k := ts.Value("tb").(testing.TB), ts.Value("kit").(*registrytest.Kit)
	handler := ts.Value("handler").(*http.Handler)
	*origin = httptest.NewServer(*handler)
	tb.Cleanup((*origin).Close)
	trust := k.Trust(tb)
	r, err := registry.Join(context.Background(), filepath.Join(ts.Getenv("WORK"), "mirror.db"), registry.Config{
		Original: registry.NewOriginal((*origin).URL, trust), Answer: k.Signer(tb, "mirror"), Now: k.Clock.Now,
		Sequencer: remote.New(remote.Config{URL: (*origin).URL, Trust: trust, Every: time.Millisecond, Now: k.Clock.Now}),
	})
	ts.Check(err)
	tb.Cleanup(func() { r.Close() })
	c := ts.Value("config").(web.Config)
	c.Registry, c.Observer = r, nil
	h, err := web.NewHandler(c)
	ts.Check(err)
	*handler = h
}
