package registry

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tegata/verify/tlog"
)

// Consistency returns the proof that the tree of the first size entries begins
// with all of that of the first old (RFC 6962 section 2.1.2), checked to lead to
// the signed head. It is empty where old is 0 or size. The error is
// [ErrNotFound] where the log never had these sizes in this order.
func (r *Registry) Consistency(old, size int64) (proof []tlog.Hash, err error) {
	s := r.state.Load()
	if old < 0 || old > size || size > s.head.Size {
		return nil, fmt.Errorf("from %d to %d entries of %d: %w", old, size, s.head.Size, ErrNotFound)
	}
	err = view(r.db, func(tx *bolt.Tx) error {
		read := remember(hashes(tx))
		root, err := tlog.TreeHash(size, read)
		if err != nil {
			return err
		}
		if _, err := continues(size, root, s.head.Size, s.head.Root, read); err != nil {
			return err
		}
		oldRoot, err := tlog.TreeHash(old, read)
		if err != nil {
			return err
		}
		proof, err = continues(old, oldRoot, size, root, read)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("from %d to %d entries: %w", old, size, err)
	}
	return proof, nil
}

// continues proves that one tree begins with the other, and checks the proof.
func continues(old int64, oldRoot tlog.Hash, size int64, root tlog.Hash, read tlog.HashReader) ([]tlog.Hash, error) {
	proof, err := tlog.Consistency(size, old, read)
	if err != nil {
		return nil, err
	}
	if err := tlog.CheckConsistency(proof, size, root, old, oldRoot); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return proof, nil
}
