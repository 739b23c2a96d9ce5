package sequencertest

import (
	"context"
	"slices"
	"sync"
	"time"

	"tegata/registry/sequencer"
)

// Memory is an order that several registries of one process share.
type Memory struct {
	mu      sync.Mutex
	batches []sequencer.Batch
	grown   chan struct{} // closed when there is another batch
}

// NewMemory returns the order of an empty log.
func NewMemory() *Memory { return &Memory{grown: make(chan struct{})} }

// Size is how large the log is.
func (m *Memory) Size() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.size()
}

func (m *Memory) size() int64 {
	if len(m.batches) == 0 {
		return 0
	}
	return m.batches[len(m.batches)-1].Size()
}

// Batches returns what was appended, in order. It is not to be changed.
func (m *Memory) Batches() []sequencer.Batch {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.batches)
}

// Append puts a batch into the order.
func (m *Memory) Append(_ context.Context, b sequencer.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b.First != m.size() {
		return sequencer.ErrBehind
	}
	if len(b.Entries) > 0 {
		m.add(b)
	}
	return nil
}

// Give adds a batch as it is, whatever it says.
func (m *Memory) Give(b sequencer.Batch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(b)
}

func (m *Memory) add(b sequencer.Batch) {
	m.batches = append(m.batches, b)
	close(m.grown)
	m.grown = make(chan struct{})
}

// newsWait is after what time Next says that there is nothing new.
const newsWait = 50 * time.Millisecond

// Next waits for the batch that follows.
func (m *Memory) Next(ctx context.Context, size int64) (sequencer.Batch, error) {
	for {
		m.mu.Lock()
		at := slices.IndexFunc(m.batches, func(b sequencer.Batch) bool { return b.Size() > size && len(b.Entries) > 0 })
		known, grown := m.size(), m.grown
		if at >= 0 {
			b := m.batches[at]
			m.mu.Unlock()
			b.Known = known
			return b, nil
		}
		m.mu.Unlock()
		select {
		case <-grown:
		case <-ctx.Done():
			return sequencer.Batch{}, ctx.Err()
		case <-time.After(newsWait):
			return sequencer.Batch{First: size, Known: known}, nil
		}
	}
}
