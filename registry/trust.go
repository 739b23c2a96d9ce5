package registry

import (
	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// Trust returns the trust file as the registry states it of itself. Whoever
// takes it compares its fingerprint with somebody they believe.
func (r *Registry) Trust() (bundle.Trust, error) {
	t := bundle.Trust{
		Origin:       r.Origin(),
		LogKeys:      []bundle.Pinned[tlog.LogKey]{{Key: r.LogKey()}},
		CosignerKeys: []bundle.Pinned[tlog.CosignerKey]{{Key: r.CosignerKey()}},
		AnswerKeys:   []bundle.Pinned[verify.JWK]{{Key: r.config.Answer.Key().JWK()}},
	}
	s := r.state.Load()
	err := view(r.db, func(tx *bolt.Tx) error {
		e, err := entryIn(tx, s.head, 0)
		if err != nil {
			return err
		}
		t.Entry0 = tlog.LeafHash(e.raw)
		if b, ok := e.Body.(*verify.Created); ok {
			t.OperatorKeys = b.Party.Keys
		}
		return nil
	})
	return t, err
}
