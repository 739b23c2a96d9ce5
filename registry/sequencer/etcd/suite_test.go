//go:build linux

package etcd_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"tegata/registry/sequencer"
	"tegata/registry/sequencer/sequencertest"
)

// TestSuite holds the cluster to what every sequencer is held to.
func TestSuite(t *testing.T) {
	to := target(t, shared)
	var fresh atomic.Int32
	sequencertest.Run(t, func(testing.TB) func(testing.TB) sequencer.Sequencer {
		own := to
		own.Prefix += fmt.Sprint("/", fresh.Add(1))
		return func(tb testing.TB) sequencer.Sequencer { return open(tb, own) }
	})
}
