package registry

import (
	"errors"
	"fmt"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
)

// batchMost bounds what one transaction enters, in statements and bytes, so
// that those who wait behind it do not wait long.
const (
	batchMost  = 512
	batchBytes = 4 << 20
)

// write is the one goroutine that writes. It takes whatever waits, and no more
// than that: who comes alone is not made to wait for others.
func (r *Registry) write() {
	defer close(r.done)
	for q := range r.queue {
		batch, size := []*request{q}, len(q.envelope.Token)
	drain:
		for len(batch) < batchMost && size < batchBytes {
			select {
			case q, ok := <-r.queue:
				if !ok {
					break drain
				}
				batch, size = append(batch, q), size+len(q.envelope.Token)
			default:
				break drain
			}
		}
		r.commit(batch)
	}
}

// commit enters what may be entered of a batch in one transaction: entries,
// hashes, indexes and the signed head. A crash at any point leaves the file as
// it was before or as it is after. Only then is the new head shown and are
// receipts given.
func (r *Registry) commit(batch []*request) {
	b := &writing{registry: r, from: r.state.Load(), records: map[verify.Code]verify.Record{}}
	err := r.update(b, batch)
	switch {
	case errors.Is(err, errNothingEntered):
	case err != nil:
		for _, q := range batch {
			q.answer <- answer{err: err}
		}
		return
	default:
		next := b.next // of its own: it would hold the batch, and that the state before it
		r.state.Store(&next)
		if r.search != nil { // entry 0 is entered before there is one
			r.search.grown()
		}
	}
	for i, q := range batch {
		if b.decisions[i].refused != nil {
			q.answer <- answer{err: b.decisions[i].refused}
			continue
		}
		receipt, err := r.Receipt(b.decisions[i].index)
		receipt.Fresh = b.decisions[i].fresh
		q.answer <- answer{receipt, err}
	}
}

// errNothingEntered undoes a transaction that has nothing to write.
var errNothingEntered = errors.New("nothing entered")

func (r *Registry) update(b *writing, batch []*request) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	return r.db.Update(func(tx *bolt.Tx) error {
		b.tx, b.next = tx, *b.from
		b.decisions = make([]decision, len(batch))
		for i, q := range batch {
			d, err := b.decide(q)
			if err != nil {
				return err
			}
			b.decisions[i] = d
		}
		if b.next.head.Size == b.from.head.Size {
			return errNothingEntered
		}
		return b.sign()
	})
}
