package registry

import (
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/verify/tlog"
)

// A Receipt shows that a statement is in the log: its place, when it was
// entered, and the proof that the tree of the checkpoint holds it.
type Receipt struct {
	Index      int64
	Logged     time.Time
	Status     int64 // status-list index, or tlog.NoStatus
	Leaf       tlog.Hash
	Proof      []tlog.Hash
	Checkpoint []byte
	Fresh      bool // entered just now, not found entered
}

// Receipt returns the receipt of an entry, at the present head. The error is
// [ErrNotFound] where there is no such entry.
func (r *Registry) Receipt(index int64) (Receipt, error) { return r.receipt(r.state.Load(), index) }

// receipt returns the receipt of an entry at a head that is or was the present
// one.
func (r *Registry) receipt(s *state, index int64) (receipt Receipt, err error) {
	if index < 0 || index >= s.head.Size {
		return Receipt{}, fmt.Errorf("entry %d: %w", index, ErrNotFound)
	}
	err = view(r.db, func(tx *bolt.Tx) error {
		raw, err := rawEntry(tx, index)
		if err != nil {
			return err
		}
		leaf := tlog.LeafHash(raw)
		proof, err := r.checked.inclusion(tx, s.head, index, leaf)
		if err != nil {
			return err
		}
		e, err := tlog.ParseEntry(raw)
		if err != nil {
			return fmt.Errorf("%w: entry %d: %w", ErrDamaged, index, err)
		}
		receipt = Receipt{Index: index, Logged: e.Logged, Status: e.Status, Leaf: leaf, Proof: proof, Checkpoint: s.signed}
		return nil
	})
	return receipt, err
}

// Envelope returns the token of an entry. The error is [ErrNotFound] where there
// is no such entry.
func (r *Registry) Envelope(index int64) (token string, err error) {
	s := r.state.Load()
	if index < 0 || index >= s.head.Size {
		return "", fmt.Errorf("entry %d: %w", index, ErrNotFound)
	}
	err = view(r.db, func(tx *bolt.Tx) error {
		e, err := r.checked.entryIn(tx, s.head, index)
		token = e.token
		return err
	})
	return token, err
}
