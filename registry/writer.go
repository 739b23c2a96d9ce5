package registry

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/registry/sequencer"
)

// write is the one goroutine that writes. It takes whatever waits, and no more
// than that: who comes alone is not made to wait for others. What one transaction
// enters is bounded, so that those who wait behind it do not wait long. First it
// follows the whole file: what is damaged is not written to.
func (r *Registry) write() {
	defer close(r.done)
	if err := checkWhole(r.db, r.takes); err != nil {
		r.unsound.Store(&err)
	}
	var idle <-chan time.Time
	var waits *unfiled
	for {
		if u := r.unfiled.Load(); u.count > 0 && u != waits {
			waits, idle = u, time.After(fileAfter)
		}
		select {
		case h := <-r.follower.heard:
			h.answer <- r.take(h.batch)
		case s, ok := <-r.queue:
			if !ok {
				return
			}
			r.assemble()
			r.commit(r.drain(s))
		case <-idle:
			if err := r.fileRows(); err != nil {
				idle = time.After(time.Second) // a disk that is full, or worse: /readyz tells
			}
		}
	}
}

// assemble lets those go on who are about to come, as long as some do: they are in time
// for this transaction.
func (r *Registry) assemble() {
	most, _ := r.batchMost()
	for had := -1; had < len(r.queue) && len(r.queue) < most; {
		had = len(r.queue)
		runtime.Gosched()
	}
}

// sound returns what is wrong with the file, where that is known.
func (r *Registry) sound() error {
	if err := r.unsound.Load(); err != nil {
		return *err
	}
	return nil
}

// drain returns what waits, beginning with s.
func (r *Registry) drain(s *submission) []*submission {
	batch, size := []*submission{s}, len(s.of.envelope.Token)
	most, bytes := r.batchMost()
	for len(batch) < most && size < bytes {
		select {
		case s, ok := <-r.queue:
			if !ok {
				return batch
			}
			batch, size = append(batch, s), size+len(s.of.envelope.Token)
		default:
			return batch
		}
	}
	return batch
}

// commit enters what is signed of what was submitted, and may be entered, in one
// transaction: entries, hashes, the signed head and the rows of indexes that are due. A
// crash at any point leaves the file as it was before or as it is after. Only then is
// the new head shown and are answers given. Where others were faster, theirs is taken
// first, and all is decided anew.
func (r *Registry) commit(submitted []*submission) {
	begun := r.config.Now()
	batch := r.compare(submitted)
	if len(batch) == 0 {
		return
	}
	decisions, err := r.enter(batch)
	for errors.Is(err, sequencer.ErrBehind) {
		if r.state.Load().signed == nil {
			err = fmt.Errorf("%w: a log is there already", ErrExists)
		} else if err = r.hear(); err == nil {
			decisions, err = r.enter(batch)
		}
	}
	if fault := (*sequencer.Fault)(nil); errors.As(err, &fault) {
		r.stopped(err)
	}
	took := max(0, r.config.Now().Sub(begun)) // a clock may go back
	r.pace.Store(int64(took) / int64(len(batch)))
	if tell := r.config.Committed; tell != nil {
		tell(len(batch), took)
	}
	for i, q := range batch {
		a := answer{err: err}
		if err == nil {
			a = answerOf(decisions[i])
		}
		r.answer(q, a)
	}
}

func answerOf(d decision) answer {
	switch {
	case d.refused != nil:
		return answer{err: d.refused}
	case d.full:
		return answer{err: ErrFull}
	}
	return answer{index: d.index, fresh: d.fresh}
}

// enter decides about a batch, and shows the head with it.
func (r *Registry) enter(batch []*request) ([]decision, error) {
	decisions := make([]decision, len(batch))
	err := r.update(len(batch), func(b *writing) error {
		if b.from.head.Size > r.state.Load().head.Size {
			return fmt.Errorf("%w: the head of what was entered last is still to come", sequencer.ErrUnavailable)
		}
		for i, q := range batch {
			d, err := b.decide(q)
			if err != nil {
				return err
			}
			decisions[i] = d
		}
		follows := sequencer.Batch{First: b.from.head.Size, Before: b.from.head.Root}
		if b.next.head.Size == b.from.head.Size {
			if slices.ContainsFunc(decisions, func(d decision) bool { return d.refused != nil }) {
				// What others have entered meanwhile may be what it wants.
				if err := r.config.Sequencer.Append(context.Background(), follows); err != nil {
					return err
				}
			}
			return errNothingEntered
		}
		if err := b.sign(); err != nil {
			return err
		}
		follows.Entries, follows.Head = b.raw, b.next.signed
		return r.config.Sequencer.Append(context.Background(), follows)
	})
	if errors.Is(err, errNothingEntered) {
		err = nil
	}
	return decisions, err
}

// errNothingEntered undoes a transaction that has nothing to write.
var errNothingEntered = errors.New("nothing entered")

// update runs a transaction of the writer that enters at most most entries, and shows
// what follows from it once it is durable.
func (r *Registry) update(most int, f func(*writing) error) error {
	if err := r.sound(); err != nil {
		return err
	}
	from := r.follower.tail
	b := newWriting(r, &from, most)
	b.full = r.Full()
	err := change(r.db, func(tx *bolt.Tx) error {
		b.tx = indexed{tx, r.unfiled.Load().change()}
		if err := b.begin(); err != nil {
			r.unsound.Store(&err)
			return err
		}
		if err := f(b); err != nil {
			return err
		}
		return b.file()
	})
	if err != nil {
		r.places.free(b.drawn)
	}
	if noRoom(err) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	} else if err != nil {
		return err
	}
	r.unfiled.Store(b.tx.unfiled)
	r.marks.entered(b)
	next := b.next // of its own: it would hold the batch, and that the state before it
	r.follower.tail = next
	b.tree.end(&next)
	r.follower.size.Store(next.head.Size)
	if !b.ahead {
		r.state.Store(&next)
	}
	if r.search != nil { // entry 0 is entered before there is one
		r.search.grown()
	}
	return nil
}
