package registry

import (
	"context"
	"fmt"
	"time"

	"tegata/registry/sequencer"
)

// A Health is what works now. Each error says why something does not.
type Health struct {
	Reads   error // the log can be read
	Writes  error // statements are entered
	Current error // what is read is all that whoever decides the order has had for ten seconds

	// For how long something has been known of that is not here, or nothing more
	// been taken.
	Late time.Duration
}

// lateAfter is how long entries may be on their way.
const lateAfter = 10 * time.Second

// Health looks what works. That statements are entered is judged by what is known
// without entering one.
func (r *Registry) Health(ctx context.Context) Health {
	f := r.Following()
	h := Health{Reads: r.Ready(ctx), Late: r.late(f)}
	switch {
	case f.Stopped != nil:
		h.Current = f.Stopped
	case h.Late >= lateAfter:
		h.Current = fmt.Errorf("%w: %d of them", ErrLate, f.Behind())
	}
	waiting, _ := r.Queue()
	switch {
	case h.Reads != nil:
		h.Writes = h.Reads
	case r.Mirror():
		h.Writes = &sequencer.ReadOnly{Origin: r.config.Original.URL()}
	case r.Full():
		h.Writes = ErrFull
	case h.Current != nil:
		h.Writes = h.Current
	case f.Failed != nil:
		h.Writes = f.Failed
	case waiting >= cap(r.queue):
		h.Writes = ErrBusy
	default:
		h.Writes = r.unsigned.why()
	}
	return h
}

func (r *Registry) late(f Following) time.Duration {
	if f.Late.IsZero() {
		return 0
	}
	return max(0, r.config.Now().Sub(f.Late))
}

// Times are when the last entry was logged, and when the checkpoint was dated.
func (r *Registry) Times() (logged, dated time.Time) {
	s := r.state.Load()
	return s.logged, s.dated
}
