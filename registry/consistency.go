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
		root, err := rootOf(size, s.head, read)
		if err != nil {
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

// Root returns the root of the tree of the first size entries, checked to be what
// the tree of the signed head begins with. The error is [ErrNotFound] where the
// log never had that size.
func (r *Registry) Root(size int64) (root tlog.Hash, err error) {
	s := r.state.Load()
	if size < 0 || size > s.head.Size {
		return root, fmt.Errorf("%d entries of %d: %w", size, s.head.Size, ErrNotFound)
	}
	err = view(r.db, func(tx *bolt.Tx) (err error) {
		root, err = rootOf(size, s.head, remember(hashes(tx)))
		return err
	})
	if err != nil {
		return root, fmt.Errorf("the first %d entries: %w", size, err)
	}
	return root, nil
}

func rootOf(size int64, head tlog.Checkpoint, read tlog.HashReader) (tlog.Hash, error) {
	root, err := tlog.TreeHash(size, read)
	if err != nil {
		return root, err
	}
	_, err = continues(size, root, head.Size, head.Root, read)
	return root, err
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
