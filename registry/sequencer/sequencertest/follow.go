package sequencertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/verify/bundle"
)

// Follow runs the suite on mirrors, which enter nothing: what is entered in the
// registry of the kit, they answer too, with the same bytes. Each call of mirror
// returns the configuration of one more, but for its answer key and its clock.
func Follow(t *testing.T, mirror func(testing.TB, *registrytest.Kit) registry.Config) {
	begin := func(t testing.TB) *Nodes {
		return New(t, func(testing.TB) sequencer.Sequencer { return sequencer.Local{} })
	}
	join := func(t testing.TB, n *Nodes, path string) *registry.Registry {
		t.Helper()
		c := mirror(t, n.Kit)
		c.Answer, c.Now = n.Kit.Signer(t, "mirror"), n.Kit.Clock.Now
		r, err := registry.Join(context.Background(), path, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		n.all = append(n.all, r)
		return r
	}
	t.Run("while it is written", func(t *testing.T) {
		n := begin(t)
		join(t, n, filepath.Join(t.TempDir(), "registry.db"))
		join(t, n, filepath.Join(t.TempDir(), "registry.db"))
		var all sync.WaitGroup
		for _, token := range n.labels(t, 0, 40) {
			all.Go(func() { enter(t, n.all[0], token) })
		}
		all.Wait()
		n.Same(t)
		n.evidence(t)
	})
	t.Run("late and again", func(t *testing.T) {
		n := begin(t)
		path := filepath.Join(t.TempDir(), "registry.db")
		if err := join(t, n, path).Close(); err != nil {
			t.Fatal(err)
		}
		n.all = n.all[:1]
		h := registrytest.NewHistory(n.Kit, 1)
		for range 60 {
			n.Kit.Registry.Append(context.Background(), h.Next(t)) // some may not be entered
		}
		n.Kit.Clock.Set(n.Kit.Clock.Now().Add(time.Hour))
		join(t, n, path)
		join(t, n, filepath.Join(t.TempDir(), "registry.db"))
		n.Same(t)
		n.evidence(t)
	})
	t.Run("nothing is entered", func(t *testing.T) {
		n := begin(t)
		r := join(t, n, filepath.Join(t.TempDir(), "registry.db"))
		var elsewhere *sequencer.ReadOnly
		if _, err := r.Append(context.Background(), n.labels(t, 0, 1)[0]); !errors.As(err, &elsewhere) || elsewhere.Origin != r.Original().URL() {
			t.Errorf("error %v, want where statements are entered", err)
		}
		n.Same(t)
	})
}

// evidence compares the bundles of every code of all nodes: the entries with their
// proofs and the head, but for the manifest, which each signs with its own key.
func (n *Nodes) evidence(t testing.TB) {
	t.Helper()
	codes, err := n.all[0].Codes(context.Background(), "", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range codes {
		var first []byte
		for i, r := range n.all {
			data, err := r.Bundle(context.Background(), code)
			if err != nil {
				t.Fatal(err)
			}
			own, err := r.Trust()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := bundle.Open(data, code, own); err != nil {
				t.Errorf("node %d: %s: %v", i, code, err)
			}
			var b bundle.Bundle
			if err := json.Unmarshal(data, &b); err != nil {
				t.Fatal(err)
			}
			b.Manifest = ""
			if data = b.Marshal(); i == 0 {
				first = data
			} else if !bytes.Equal(data, first) {
				t.Errorf("%s: the evidence of node %d is not that of the first", code, i)
			}
		}
	}
}
