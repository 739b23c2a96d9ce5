package remote

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tegata/registry/sequencer"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// Config is what is followed, and how.
type Config struct {
	URL   string        // address of the registry that is followed, without a final slash
	Trust bundle.Trust  // whose log it must be
	Every time.Duration // how often it is looked at; 0 means [EveryDefault]

	// Took keeps a trust file that hand-overs have led to, all of them that the
	// registry publishes, before anything is handed on that rests on it. Nil: it is
	// not kept.
	Took func(bundle.Trust, []bundle.HandOver) error

	Now func() time.Time // nil means time.Now
}

// How often a registry is looked at: by default, and at the least and most.
const (
	EveryDefault = 5 * time.Second
	EveryLeast   = 50 * time.Millisecond
	EveryMost    = time.Hour
)

const (
	// patience is for how many looks in a row a registry may answer with less
	// than it did before: one of its nodes, or a cache, may be behind.
	patience = 60
	// backOffMost is the longest that one who does not answer is let alone.
	backOffMost = 2 * time.Minute
	// clockAhead is how far the clock that dates checkpoints may be ahead of ours:
	// a date from further on would stand above all later ones.
	clockAhead = 5 * time.Minute
)

// Parse reads the address of a registry to follow.
func Parse(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.ContainsAny(address, "# ") {
		return "", fmt.Errorf("%q is not the address of a registry, such as https://labels.example", address)
	}
	return strings.TrimRight(address, "/"), nil
}

// A Remote is a [sequencer.Sequencer] that follows the log of another registry,
// for one node.
type Remote struct {
	config Config
	client *http.Client

	turn   chan struct{} // holds one while Next uses what follows
	trust  bundle.Trust
	newest seen   // the newest head so far
	tag    string // by which it can be asked whether that is still served
	tiles  kept   // of the tree of the newest head
	due    time.Time
	failed int // looks in a row that had no answer
	behind int // looks in a row that answered with less than before
}

// A seen head is one that the trust file vouches for.
type seen struct {
	tlog.Checkpoint
	signed []byte
	dated  time.Time // by the registry itself
}

// New returns what follows a registry. It asks nobody yet.
func New(c Config) *Remote {
	if c.Every == 0 {
		c.Every = EveryDefault
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Remote{config: c, client: newClient(), turn: make(chan struct{}, 1), trust: c.Trust, tiles: kept{}}
}

// Append refuses: statements are entered at the registry that is followed.
func (r *Remote) Append(context.Context, sequencer.Batch) error {
	return &sequencer.ReadOnly{Origin: r.config.URL}
}

// Next returns what follows the first size entries of the log, a newer head of so
// many, or once it has looked that there is neither. Who is far behind is given
// parts, of which the last has the head.
func (r *Remote) Next(ctx context.Context, size int64) (sequencer.Batch, error) {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return sequencer.Batch{}, ctx.Err()
	}
	if r.failed > 0 {
		if err := r.wait(ctx); err != nil {
			return sequencer.Batch{}, err
		}
	}
	if r.newest.Size <= size {
		newer, err := r.look(ctx, size)
		if err != nil {
			return sequencer.Batch{}, r.failing(ctx, err)
		}
		r.failed = 0
		b := sequencer.Batch{First: size, Known: size}
		if newer && r.newest.Size == size {
			b.Head, b.Before = r.newest.signed, r.newest.Root
		}
		if r.newest.Size <= size {
			return b, nil
		}
	}
	b, err := r.entries(ctx, size)
	if err != nil {
		return b, r.failing(ctx, err)
	}
	r.failed = 0
	return b, nil
}

// failing says what an error is to whoever follows, and puts off the next look.
func (r *Remote) failing(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.failed++
	if errors.Is(err, errAbsent) {
		r.failed = 1 // it answers: it is only behind
	}
	r.rest()
	if fault := (*sequencer.Fault)(nil); errors.As(err, &fault) {
		return err
	}
	return fmt.Errorf("%w: %w", sequencer.ErrUnavailable, err)
}

// rest puts off the next look: by as long as is told, give or take a quarter, so
// that those who follow do not all come at once; by twice as long each time that
// there was no answer.
func (r *Remote) rest() {
	after := r.config.Every
	if r.failed > 1 {
		after = max(after, min(after<<min(r.failed-1, 12), backOffMost))
	}
	r.due = time.Now().Add(after*3/4 + rand.N(after/2+1))
}

// wait waits until it is time to look.
func (r *Remote) wait(ctx context.Context) error {
	t := time.NewTimer(time.Until(r.due))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fault is a finding.
func fault(reason sequencer.Reason, size int64, format string, args ...any) *sequencer.Fault {
	return &sequencer.Fault{Reason: reason, Size: size, What: fmt.Sprintf(format, args...)}
}

// between is a finding about two heads.
func between(kept, offered seen, f *sequencer.Fault) error {
	f.Kept, f.Offered = kept.signed, offered.signed
	return f
}
