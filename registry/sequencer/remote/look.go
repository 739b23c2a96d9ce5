package remote

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tegata/registry/sequencer"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// look waits until it is time, and takes the checkpoint that is served where it is
// newer than the newest so far. Size is how much of the log is there. What is
// wrong is looked at again, past all caches, before it is told.
func (r *Remote) look(ctx context.Context, size int64) (newer bool, err error) {
	if err := r.wait(ctx); err != nil {
		return false, err
	}
	r.rest()
	newer, err = r.checkpoint(ctx, size, false)
	if found := (*sequencer.Fault)(nil); errors.As(err, &found) {
		newer, err = r.checkpoint(ctx, size, true)
	}
	return newer, err
}

func (r *Remote) checkpoint(ctx context.Context, size int64, anew bool) (newer bool, err error) {
	tag := r.tag
	if anew {
		tag = ""
	}
	answer, err := r.get(ctx, "/checkpoint", asking{most: checkpointMost, tag: tag, anew: anew})
	if err != nil || answer.same {
		return false, err
	}
	head, err := r.open(ctx, answer.body, size)
	if err != nil {
		return false, err
	}
	if head.dated.After(r.config.Now().Add(clockAhead)) {
		return false, fmt.Errorf("checkpoint: it was dated %s, which is later than it is here: one of the clocks is wrong", head.dated.Format(time.RFC3339))
	}
	had := r.newest
	switch {
	case head.Size == had.Size && head.Root != had.Root && had.signed != nil:
		return false, between(had, head, fault(sequencer.Forked, size, "two checkpoints of %d entries, both signed by the log, with the roots %s and %s", head.Size, had.Root, head.Root))
	case head.Size < max(size, had.Size) || head.Size == had.Size && head.dated.Before(had.dated):
		return false, r.older(ctx, head, size)
	}
	r.behind = 0 // a larger one is newer whatever its date: clocks go back
	if had.signed != nil && head.Size > had.Size {
		if err := r.continues(ctx, had, head, size); err != nil {
			return false, err
		}
	}
	r.newest, r.tag = head, answer.tag
	return string(head.signed) != string(had.signed), nil
}

// older bears with a checkpoint from before the newest one for a while, if it is of
// the same history.
func (r *Remote) older(ctx context.Context, head seen, size int64) error {
	if r.newest.Size > head.Size {
		err := r.continues(ctx, head, r.newest, size)
		if found := (*sequencer.Fault)(nil); errors.As(err, &found) {
			found.Kept, found.Offered = found.Offered, found.Kept // the longer one was believed first
		}
		if err != nil {
			return err
		}
	}
	if r.behind++; r.behind < patience {
		return nil
	}
	was := fmt.Sprintf("one of %d entries", max(size, r.newest.Size))
	if r.newest.signed != nil {
		was += ", dated " + r.newest.dated.Format(time.RFC3339)
	}
	return fault(sequencer.Older, size, "for %d looks in a row a checkpoint of %d entries is served, dated %s, where %s was there before: an old copy",
		r.behind, head.Size, head.dated.Format(time.RFC3339), was)
}

// continues checks that the tree of the newer head has all that of the older one.
func (r *Remote) continues(ctx context.Context, old, new seen, size int64) error {
	root, err := tlog.TreeHash(old.Size, r.reader(ctx, new.Checkpoint, false))
	if err == nil && root != old.Root {
		return between(old, new, fault(sequencer.Forked, size, "the checkpoint of %d entries does not continue the one of %d: the roots of those are %s and %s", new.Size, old.Size, root, old.Root))
	}
	return r.proved(err, size)
}

// open opens a checkpoint with the trust file, and where it does not hold, with
// what hand-overs make of the file. The error is a finding where whoever must have
// signed it did not; where too few witnesses have seen it, they may yet.
func (r *Remote) open(ctx context.Context, signed []byte, size int64) (seen, error) {
	head, err := openWith(r.trust, signed)
	if err == nil {
		return head, nil
	}
	if errors.Is(err, tlog.ErrMalformed) || errors.Is(err, bundle.ErrQuorum) {
		return seen{}, fmt.Errorf("checkpoint: %w", err)
	}
	all, again := r.HandOvers(ctx)
	if again != nil {
		return seen{}, fmt.Errorf("checkpoint: %w; hand-overs of its keys: %w", err, again)
	}
	followed, again := r.trust.Follow(all...)
	if again != nil {
		return seen{}, fault(sequencer.Unsigned, size, "checkpoint: %v; and its hand-overs of keys do not hold: %v", err, again)
	}
	head, again = openWith(followed, signed)
	switch {
	case errors.Is(again, bundle.ErrQuorum):
		return seen{}, fmt.Errorf("checkpoint: %w", again)
	case again != nil:
		return seen{}, fault(sequencer.Unsigned, size, "checkpoint: %v; and no hand-over by the former key and the operator leads to another", err)
	}
	if r.config.Took != nil {
		if err := r.config.Took(followed, all); err != nil {
			return seen{}, fmt.Errorf("hand-overs of its keys cannot be kept: %w", err)
		}
	}
	r.trust = followed
	return head, nil
}

// openWith opens a checkpoint with a trust file.
func openWith(t bundle.Trust, signed []byte) (seen, error) {
	head, cosigned, err := t.OpenCheckpoint(signed)
	if err != nil {
		return seen{}, err
	}
	s := seen{Checkpoint: head, signed: signed}
	for _, c := range cosigned {
		if !slices.Contains(t.Witnesses, c.By) && c.Time.After(s.dated) {
			s.dated = c.Time
		}
	}
	return s, nil
}

// HandOvers asks how the registry's former keys gave way to those in use. They are as
// [bundle.ParseHandOvers] leaves them. What is no more than a copy of the log has none.
func (r *Remote) HandOvers(ctx context.Context) ([]bundle.HandOver, error) {
	answer, err := r.get(ctx, "/api/v1/handovers", asking{most: bundle.HandOversSize, anew: true})
	if errors.Is(err, errAbsent) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return bundle.ParseHandOvers(answer.body)
}
