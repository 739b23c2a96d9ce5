package sequencertest_test

import (
	"testing"

	"tegata/registry/sequencer"
	"tegata/registry/sequencer/sequencertest"
)

func TestMemory(t *testing.T) {
	sequencertest.Run(t, func(testing.TB) func(testing.TB) sequencer.Sequencer {
		m := sequencertest.NewMemory()
		return func(testing.TB) sequencer.Sequencer { return m }
	})
}
