package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer/remote"
	"tegata/verify"
	"tegata/web"
)

// mirror: serves a mirror of the registry from now on. mirror alone: the registry
// can no longer be reached. mirror beside: serves, beside the registry, a mirror of
// another, fables.example, which has a label of its own, $CODE, and one that has the
// code 000000000012, as one here.
func mirror(ts *testscript.TestScript, _ bool, args []string) {
	tb, k := ts.Value("tb").(testing.TB), ts.Value("kit").(*registrytest.Kit)
	handler := ts.Value("handler").(*http.Handler)
	origin := ts.Value("origin").(**httptest.Server)
	c := ts.Value("config").(web.Config)
	switch {
	case len(args) == 0:
		*origin = httptest.NewServer(*handler)
		c.Registry, c.Observer = mirrorOf(ts, (*origin).URL, k), nil
	case args[0] == "alone":
		(*origin).Close()
		return
	case args[0] == "beside":
		other := registrytest.Named(tb, "fables.example")
		now := k.Clock.Now()
		ts.Setenv("CODE", string(registrytest.Code(98)))
		ts.Check(os.WriteFile(ts.MkAbs("stock.csv"), []byte("number\nN-"+string(registrytest.Code(98))+"\n"), 0o666))
		other.Begin(tb)
		other.Append(tb, other.Say(tb, verify.LabelIssued, registrytest.Code(98), nil))
		other.Append(tb, other.Say(tb, verify.LabelIssued, "000000000012", nil))
		other.Clock.Set(now)
		there := c
		there.Registry, there.Observer, there.URL = other.Registry, nil, "https://fables.example"
		h, err := web.NewHandler(there)
		ts.Check(err)
		*origin = httptest.NewServer(h)
		c.Mirrors = []*registry.Registry{mirrorOf(ts, (*origin).URL, other)}
	}
	tb.Cleanup((*origin).Close)
	h, err := web.NewHandler(c)
	ts.Check(err)
	*handler = h
}

// mirrorOf makes a mirror of a registry that is served at an address.
func mirrorOf(ts *testscript.TestScript, address string, k *registrytest.Kit) *registry.Registry {
	tb := ts.Value("tb").(testing.TB)
	trust := k.Trust(tb)
	r, err := registry.Join(context.Background(), filepath.Join(ts.Getenv("WORK"), "mirror.db"), registry.Config{
		Original: registry.NewOriginal(address, trust), Answer: k.Signer(tb, "mirror"), Now: k.Clock.Now,
		Sequencer: remote.New(remote.Config{URL: address, Trust: trust, Every: time.Millisecond, Now: k.Clock.Now}),
	})
	ts.Check(err)
	tb.Cleanup(func() { r.Close() })
	return r
}
