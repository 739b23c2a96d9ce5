package registry_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/sequencertest"
)

// TestTransactions lets more statements wait than one transaction takes: it takes as
// many as it may, and where another decides the order, as many as that does at once.
func TestTransactions(t *testing.T) {
	for _, c := range []struct {
		name  string
		order sequencer.Sequencer // nil: the file decides
		most  int64
	}{
		{"by the file", nil, 2048},
		{"by another", sequencertest.NewMemory(), sequencer.EntriesMost},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := registrytest.New(t)
			k.Config.Sequencer = c.order
			g := newGate(k)
			var largest atomic.Int64
			k.Config.Committed = func(n int, _ time.Duration) { largest.Store(max(largest.Load(), int64(n))) } // by the one writer
			k.Begin(t)
			g.hold()
			var waits []func(context.Context) (registry.Receipt, error)
			for n, token := range labels(t, k, 0, c.most+c.most/2) { // some may be in time for the first one
				waits = append(waits, submit(t, k.Registry, token))
				if n == 0 {
					<-g.come
				}
			}
			g.open()
			for _, wait := range waits {
				if _, err := wait(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := largest.Load(); got != c.most {
				t.Errorf("the largest transaction was of %d statements, want %d", got, c.most)
			}
			k.CheckLog(t)
		})
	}
}
