package registry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/registry/sequencer"
)

// followPause is how long to wait before whoever decides the order is asked again
// after it could not be asked.
const followPause = 500 * time.Millisecond

// heardWait is how long the writer waits to hear what was entered by others.
const heardWait = 3 * time.Second

// A follower takes what others entered from the sequencer to the writer.
type follower struct {
	heard chan heard
	ctx   context.Context // of every question; it ends when the registry is closed
	end   context.CancelFunc
	size  atomic.Int64 // of the tail, for whoever asks what follows

	// The head so far, of which some entries may be of a head that is still to
	// come. It is the writer's own.
	tail state

	mu     sync.Mutex
	last   Following
	target int64 // as large as the log was known to be when it became late
}

// heard is a batch on its way to the writer.
type heard struct {
	batch  sequencer.Batch
	answer chan error // takes one, without waiting
}

func newFollower() *follower {
	f := &follower{heard: make(chan heard)}
	f.ctx, f.end = context.WithCancel(context.Background())
	return f
}

// Following is how a node stands that takes entries from others.
type Following struct {
	Size    int64     // of the log here, with what is of a head that is still to come
	Known   int64     // how large the log was known to be last
	Heard   time.Time // when who decides the order answered last; zero: not since it was opened
	Failed  error     // why it did not answer last; nil: it did
	Stopped error     // why nothing more is taken; nil: it goes on
	Late    time.Time // since when that is so, or entries are known of that are not here; zero: neither
}

// Behind is how many entries are known of and not here.
func (f Following) Behind() int64 { return max(0, f.Known-f.Size) }

// Following says how far the registry has followed who decides the order of
// entries. Where its own file does, all is zero but the sizes.
func (r *Registry) Following() Following {
	f := r.follower
	f.mu.Lock()
	defer f.mu.Unlock()
	r.noteLate()
	last := f.last
	last.Size = f.size.Load()
	last.Known = max(last.Known, last.Size)
	return last
}

// follow hands what others entered to the writer, batch by batch, until the
// registry is closed or something is not what it should be: then it stays at the
// last good state.
func (r *Registry) follow() {
	f := r.follower
	for f.ctx.Err() == nil {
		batch, err := r.config.Sequencer.Next(f.ctx, f.size.Load())
		if err == nil {
			r.noteHeard(batch)
			err = r.hand(batch)
		}
		if f.ctx.Err() != nil {
			return
		}
		if fault := (*sequencer.Fault)(nil); errors.As(err, &fault) {
			r.stopped(err)
		}
		f.mu.Lock()
		changed := (f.last.Failed == nil) != (err == nil)
		f.last.Failed = err
		stopped := f.last.Stopped != nil
		r.noteLate()
		f.mu.Unlock()
		if stopped {
			return
		}
		if r.config.Noticed != nil && changed {
			r.config.Noticed(r.Following())
		}
		if err != nil {
			select {
			case <-f.ctx.Done():
			case <-time.After(followPause):
			}
		}
	}
}

// stopped notes that nothing more is to be taken.
func (r *Registry) stopped(why error) {
	f := r.follower
	f.mu.Lock()
	first := f.last.Stopped == nil
	if first {
		f.last.Stopped = why
	}
	r.noteLate()
	f.mu.Unlock()
	if first && r.config.Noticed != nil {
		r.config.Noticed(r.Following())
	}
}

// noteHeard notes that the sequencer answered.
func (r *Registry) noteHeard(b sequencer.Batch) {
	f := r.follower
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last.Heard, f.last.Known = r.config.Now(), max(f.last.Known, b.Known, b.Size())
	r.noteLate()
}

// noteLate notes since when it is late: where others enter something all the time,
// since what was known of then is here, not since all is. The caller holds the
// follower's lock.
func (r *Registry) noteLate() {
	f := r.follower
	switch size := f.size.Load(); {
	case f.last.Stopped != nil && !f.last.Late.IsZero(), size < f.target:
	case f.last.Stopped != nil || f.last.Known > size:
		f.last.Late, f.target = r.config.Now(), f.last.Known
	default:
		f.last.Late = time.Time{}
	}
}

// hand has the writer take a batch.
func (r *Registry) hand(b sequencer.Batch) error {
	h := heard{b, make(chan error, 1)}
	select {
	case r.follower.heard <- h:
	case <-r.done:
		return ErrClosed
	}
	select {
	case err := <-h.answer:
		return err
	case <-r.done:
		return ErrClosed
	}
}

// hear waits for a batch of others, and takes it. The writer calls it when
// somebody else was faster.
func (r *Registry) hear() error {
	select {
	case h := <-r.follower.heard:
		err := r.take(h.batch)
		h.answer <- err
		return err
	case <-r.follower.ctx.Done():
		return ErrClosed
	case <-time.After(heardWait):
		return fmt.Errorf("%w: others have entered something, and it is not given", sequencer.ErrUnavailable)
	}
}

// Join opens a registry that follows others, and makes its file from what they
// entered where there is none, or where that was not ended. It returns once the
// registry has a head and is as large as the log was then known to be; where it
// has a head and who decides the order cannot be asked, at once.
//
// The error is a [*sequencer.Fault] where what was given is not what it should
// be. What was copied until then stays, and is gone on with.
func Join(ctx context.Context, path string, config Config) (_ *Registry, err error) {
	db, err := openFile(path, false)
	if errors.Is(err, os.ErrNotExist) {
		if err = makeCopy(path, config.Order); err == nil {
			db, err = openFile(path, false)
		}
	}
	if err != nil {
		return nil, err
	}
	r := newRegistry(config, db)
	if err := r.reopen(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	r.begin(path)
	if err := r.joined(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	if _, err := r.Trust(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), r.Close())
	}
	return r, nil
}

// makeCopy makes a file into which the log of others is to be copied. It is made
// beside its place, so that after a crash there is none there or a whole one.
func makeCopy(path, order string) error {
	made := path + ".new"
	if err := os.Remove(made); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	db, err := openFile(made, true)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		if err := makeBuckets(tx); err != nil {
			return err
		}
		return errors.Join(tx.Bucket(headBucket).Put(aheadKey, number(0)), putOrder(tx, order))
	})
	if err = errors.Join(err, db.Close()); err == nil {
		err = os.Link(made, path) // refuses where another was faster
	}
	return errors.Join(err, os.Remove(made))
}

// joinedPoll is how often it is looked whether a copy is whole.
const joinedPoll = 20 * time.Millisecond

// joined waits until there is a head, and nothing is known of that is not here.
func (r *Registry) joined(ctx context.Context) error {
	for {
		s, f := r.state.Load(), r.Following()
		switch {
		case s.signed == nil && f.Stopped != nil:
			return f.Stopped
		case s.signed == nil && errors.Is(f.Failed, sequencer.ErrGone) && !errors.Is(f.Failed, sequencer.ErrUnavailable):
			return f.Failed
		case s.signed != nil && (f.Stopped != nil || f.Failed != nil):
			return nil
		case s.signed != nil && !f.Heard.IsZero() && f.Behind() == 0 && s.head.Size == f.Size:
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(joinedPoll):
		}
	}
}
