package registry

import (
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tegata/registry/sequencer"
)

// orderKey has the name of who decides the order of entries, where it is not the
// file itself. It is in the file, and so in every copy of it: one that went on by
// itself would make a second history.
var orderKey = []byte("order")

// ErrOrder says that a file and its configuration name different ones to decide the
// order of entries.
var ErrOrder = errors.New("the order of entries is decided elsewhere")

// Order names who decides the order of entries; empty: the file does.
func (r *Registry) Order() string { return r.config.Order }

// Decide has another decide the order of entries, once the registry is opened again;
// empty: its file. It is for whoever knows that all other nodes do as this one. A node
// that has entries whose head is still to come cannot go on anywhere else: it has
// less than was entered.
func (r *Registry) Decide(order string) error {
	if head, size := r.Head().Size, r.Following().Size; head < size {
		return fmt.Errorf("%w: of %d entries here the last %d have no head yet: serve it as it was until it has caught up, or take another node", ErrOrder, size, size-head)
	}
	return r.db.Update(func(tx *bolt.Tx) error { return putOrder(tx, order) })
}

func putOrder(tx *bolt.Tx, order string) error {
	if order == "" {
		return tx.Bucket(headBucket).Delete(orderKey)
	}
	return tx.Bucket(headBucket).Put(orderKey, []byte(order))
}

// loadOrder compares who decides the order with the configuration. Where that names
// nobody, the registry is read, and nothing can be entered.
func (r *Registry) loadOrder(tx *bolt.Tx) error {
	order := string(tx.Bucket(headBucket).Get(orderKey))
	switch {
	case order == r.config.Order, r.Mirror(): // a mirror enters nothing
	case r.config.Order == "":
		r.config.Order, r.config.Sequencer = order, elsewhere{order: order}
	case order == "":
		return fmt.Errorf("%w: by this file, and not by %s", ErrOrder, r.config.Order)
	default:
		return fmt.Errorf("%w: by %s, and not by %s", ErrOrder, order, r.config.Order)
	}
	return nil
}

// elsewhere is the sequencer of a registry that was opened without its own.
type elsewhere struct {
	sequencer.Local
	order string
}

func (e elsewhere) Append(context.Context, sequencer.Batch) error {
	return fmt.Errorf("%w: by %s, which was not asked", ErrOrder, e.order)
}
