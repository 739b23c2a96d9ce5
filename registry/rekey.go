package registry

import (
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// Rekey changes keys of a registry that is not open: it signs and dates the head
// with the keys of the configuration that next returns, in one transaction.
//
// While the file is locked and signed with the old keys, next is told what those
// are and the last instant, in whole seconds, that they have dated anything with
// or may have; it makes the hand-over last before it returns. So nobody can serve
// with the old keys between the two. Where next fails nothing is changed. The
// origin stays, and so does the cosigner's name.
func Rekey(path string, old Config, next func(t bundle.Trust, at time.Time) (Config, error)) (err error) {
	r, err := Open(path, old)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	t, err := r.Trust()
	if err != nil {
		return err
	}
	s := r.state.Load()
	at := r.config.Now().UTC()
	for _, said := range []time.Time{s.logged, s.dated} {
		if said.After(at) {
			at = said
		}
	}
	to, err := next(t, at.Truncate(time.Second))
	if err != nil {
		return err
	}
	if to.Log.Key().Name() != r.Origin() || to.Cosigner.Key().Name() != r.CosignerKey().Name() {
		return fmt.Errorf("a key of another name: %s and %s", to.Log.Key().Name(), to.Cosigner.Key().Name())
	}
	signed, err := tlog.Sign(s.head, to.Log)
	if err != nil {
		return err
	}
	if signed, err = tlog.Cosign(signed, to.Cosigner, at); err != nil {
		return err
	}
	return r.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(headBucket).Put(headKey, signed) })
}
