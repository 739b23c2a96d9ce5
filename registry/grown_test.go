package registry_test

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
)

// TestReceiptsOfBatches has batches of any size follow one another: each receipt
// is at the head with its batch, and proves its entry to other people's code.
func TestReceiptsOfBatches(t *testing.T) {
	k := registrytest.New(t)
	var hold atomic.Bool
	committed, goOn := make(chan struct{}), make(chan struct{})
	k.Config.Committed = func(int, time.Duration) {
		if hold.Swap(false) {
			committed <- struct{}{}
			<-goOn
		}
	}
	k.Begin(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var first int64
	for range 12 {
		tokens := labels(t, k, first, 1+rng.Int64N(40))
		first += int64(len(tokens))
		waits := make([]func(context.Context) (registry.Receipt, error), len(tokens))
		hold.Store(true)
		waits[0] = submit(t, k.Registry, tokens[0])
		<-committed
		for i, token := range tokens[1:] {
			waits[1+i] = submit(t, k.Registry, token)
		}
		alone := k.Registry.Head().Size
		goOn <- struct{}{}
		for i, wait := range waits {
			receipt, err := wait(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := alone
			if i > 0 {
				want += int64(len(tokens) - 1)
			}
			if c := checkReceipt(t, k.Registry, receipt); c.Size != uint64(want) || receipt.Index != alone-1+int64(i) || !receipt.Fresh {
				t.Errorf("statement %d of %d after %d: got entry %d of %d, fresh %v", i, len(tokens), alone-1, receipt.Index, c.Size, receipt.Fresh)
			}
		}
	}
	k.CheckLog(t)
}
