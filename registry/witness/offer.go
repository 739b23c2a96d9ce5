package witness

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"tegata/registry"
	"tegata/verify/tlog"
)

const (
	// restFor is the least time between two offers to a witness: what the log
	// grows by meanwhile is offered at once.
	restFor = time.Second
	// renewAfter is how old the word of a witness may get before the head is
	// offered again, grown or not.
	renewAfter = time.Minute
	// backOffMost is the longest time that a witness who failed is let alone.
	backOffMost = 5 * time.Minute
)

// Offers keeps the head of a registry offered to witnesses.
type Offers struct {
	Registry  *registry.Registry // its configuration has the keys of the witnesses
	Witnesses []Witness
	Log       *slog.Logger // nil means slog.Default()

	client *http.Client // nil means newClient()
}

// Run offers the registry's head to each witness when the log has grown, once a
// second at most, and every minute, until ctx ends. Each is asked by itself, so
// that one who is slow or wrong holds up nobody; it is let alone for longer and
// longer, five minutes at most. What is not a good cosignature changes nothing.
func (o *Offers) Run(ctx context.Context) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.client == nil {
		o.client = newClient()
	}
	defer o.client.CloseIdleConnections()
	var all sync.WaitGroup
	for _, w := range o.Witnesses {
		all.Go(func() { o.keep(ctx, w) })
	}
	all.Wait()
}

// keep keeps the head offered to one witness.
func (o *Offers) keep(ctx context.Context, w Witness) {
	log := o.Log.With("witness", w.Key.Name(), "url", w.URL)
	var cosigned int64 // size of the tree it cosigned last, as far as known
	failed := -1       // how often in a row; before the first offer, not known
	for ctx.Err() == nil {
		size, err := o.offer(ctx, w, cosigned)
		switch {
		case err == nil:
			if cosigned = size; failed != 0 {
				log.Info("witness cosigns", "size", size)
			}
			failed = 0
			o.rest(ctx, size)
			continue
		case ctx.Err() != nil:
			return
		case errors.Is(err, errConflict):
			log.Error("witness refuses: compare its checkpoint with ours before anything is entered", "error", err)
		default:
			log.Warn("witness does not cosign", "error", err)
		}
		failed = max(failed, 0) + 1
		sleep(ctx, backOff(failed))
	}
}

// offer offers the head to a witness that is believed to have cosigned the tree
// of that size last, and returns the size that it has cosigned now. Where it
// knows of another size it is asked again, once.
func (o *Offers) offer(ctx context.Context, w Witness, cosigned int64) (int64, error) {
	signed, err := o.Registry.Checkpoint()
	if err != nil {
		return 0, err
	}
	head, _, err := tlog.OpenCheckpoint(signed, o.Registry.LogKey())
	if err != nil {
		return 0, err
	}
	for again := false; ; again = true {
		answer, err := o.ask(ctx, w, request{old: cosigned, checkpoint: signed}, head.Size)
		if err == nil {
			if err := o.Registry.AddCosignature(answer, w.Key); err != nil {
				return 0, fmt.Errorf("the witness's cosignature: %w", err)
			}
			return head.Size, nil
		}
		var other sizeError
		if !errors.As(err, &other) {
			return 0, err
		}
		switch size := int64(other); {
		case size == cosigned:
			return 0, fmt.Errorf("%w: of %d entries, as it was told", errConflict, size)
		case size > head.Size:
			return 0, fmt.Errorf("%w: of %d entries, and the log has %d: was the registry brought back from an older copy?", errConflict, size, head.Size)
		case again:
			return 0, err
		default:
			cosigned = size
		}
	}
}

// ask asks a witness, with the proof that the tree of size entries continues
// the one it knows.
func (o *Offers) ask(ctx context.Context, w Witness, q request, size int64) (_ []byte, err error) {
	if q.proof, err = o.Registry.Consistency(q.old, size); err != nil {
		return nil, err
	}
	return w.ask(ctx, o.client, q)
}

// rest waits until the log has outgrown the size that was offered, or its word
// is to be renewed.
func (o *Offers) rest(ctx context.Context, offered int64) {
	for range renewAfter / restFor {
		if !sleep(ctx, restFor) || o.Registry.Head().Size != offered {
			return
		}
	}
}

// backOff is how long a witness is let alone who failed so many times in a row.
func backOff(failed int) time.Duration {
	return min(restFor<<min(failed-1, 30), backOffMost)
}

// sleep waits, and reports whether ctx is still on.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
