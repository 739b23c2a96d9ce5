package sequencer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// Peers is a sequencer whose order keeps recent entries only: those from further
// back are read from other nodes, one after the other. What they give is checked as
// all is.
type Peers struct {
	Sequencer             // decides
	Nodes     []Sequencer // follow other nodes of the same log

	turn atomic.Int64 // whose it is
}

// Next returns what follows, from whoever has it.
func (p *Peers) Next(ctx context.Context, size int64) (Batch, error) {
	b, err := p.Sequencer.Next(ctx, size)
	if !errors.Is(err, ErrGone) || len(p.Nodes) == 0 {
		return b, err
	}
	var failed error
	for range p.Nodes {
		at := p.turn.Load()
		b, err := p.Nodes[at%int64(len(p.Nodes))].Next(ctx, size)
		if err == nil && len(b.Entries) > 0 {
			return b, nil
		}
		if err == nil {
			err = fmt.Errorf("it has no more than %d entries", size)
		}
		failed = errors.Join(failed, err)
		p.turn.Add(1)
	}
	// What a peer gives that is not what it should be stops nobody: another may come
	// back that gives what is.
	return Batch{}, fmt.Errorf("%w: %w, and no peer gives them: %v", ErrUnavailable, ErrGone, failed)
}
