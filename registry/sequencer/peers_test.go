package sequencer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tegata/registry/sequencer"
	"tegata/registry/sequencer/sequencertest"
)

// recent has an order forget what is before an index.
type recent struct {
	sequencer.Sequencer
	from int64
}

func (r recent) Next(ctx context.Context, size int64) (sequencer.Batch, error) {
	if size < r.from {
		return sequencer.Batch{}, sequencer.ErrGone
	}
	return r.Sequencer.Next(ctx, size)
}

// A liar gives what it should not.
type liar struct{ sequencer.Local }

func (liar) Next(context.Context, int64) (sequencer.Batch, error) {
	return sequencer.Batch{}, &sequencer.Fault{Reason: sequencer.Altered, What: "forged"}
}

// TestPeers holds that what an order no longer has is asked of every peer, and
// nothing else is.
func TestPeers(t *testing.T) {
	ctx := context.Background()
	order, short, empty := sequencertest.NewMemory(), sequencertest.NewMemory(), sequencertest.NewMemory()
	for first := range int64(6) {
		b := sequencer.Batch{First: first, Entries: [][]byte{{byte(first)}}, Head: []byte("head")}
		for _, m := range []*sequencertest.Memory{order, short} {
			if m == short && first >= 2 {
				continue
			}
			if err := m.Append(ctx, b); err != nil {
				t.Fatal(err)
			}
		}
	}
	peers := &sequencer.Peers{Sequencer: recent{order, 4}, Nodes: []sequencer.Sequencer{empty, recent{order, 9}, short}}
	for size := range int64(2) {
		if b, err := peers.Next(ctx, size); err != nil || b.First != size {
			t.Errorf("after %d: the batch at %d, %v", size, b.First, err)
		}
	}
	for size := int64(2); size < 4; size++ {
		if _, err := peers.Next(ctx, size); !errors.Is(err, sequencer.ErrUnavailable) || !errors.Is(err, sequencer.ErrGone) {
			t.Errorf("after %d, which nobody has: got %v", size, err)
		}
	}
	if b, err := peers.Next(ctx, 4); err != nil || b.First != 4 {
		t.Errorf("after 4: the batch at %d, %v", b.First, err)
	}
	lying := &sequencer.Peers{Sequencer: recent{order, 4}, Nodes: []sequencer.Sequencer{liar{}, recent{short, 9}}}
	var fault *sequencer.Fault
	if _, err := lying.Next(ctx, 0); errors.As(err, &fault) || !errors.Is(err, sequencer.ErrUnavailable) || !strings.Contains(err.Error(), "forged") {
		t.Errorf("one that lies, and one that has nothing: got %v", err)
	}
	lying.Nodes[1] = short
	if b, err := lying.Next(ctx, 0); err != nil || len(b.Entries) != 1 {
		t.Errorf("one that lies, and one that does not: %v", err)
	}
	alone := &sequencer.Peers{Sequencer: recent{order, 4}}
	if _, err := alone.Next(ctx, 0); !errors.Is(err, sequencer.ErrGone) || errors.Is(err, sequencer.ErrUnavailable) {
		t.Errorf("without peers: got %v, want %v", err, sequencer.ErrGone)
	}
}
