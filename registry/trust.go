package registry

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// Trust returns the trust file as the registry states it of itself, with its
// former keys. Whoever takes it compares its fingerprint with somebody they
// believe. The error says also where hand-overs do not lead to the keys in use.
//
// That of a mirror is the one it was given, with the mirror's own answer key: it
// is the mirror that answers.
func (r *Registry) Trust() (bundle.Trust, error) {
	if r.Mirror() {
		t := r.config.Original.Trust()
		t.Witnesses, t.Quorum = nil, 0 // whom to believe each verifier chooses
		t.AnswerKeys = []bundle.Pinned[verify.JWK]{{Key: r.config.Answer.Key().JWK()}}
		return t, nil
	}
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
		raw, err := storedEntry(tx, 0)
		if err != nil {
			return err
		}
		t.Entry0 = tlog.LeafHash(raw)
		if b, ok := e.Body.(*verify.Created); ok {
			t.OperatorKeys = b.Party.Keys
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	now, err := t.Before(r.config.HandOvers...).Follow(r.config.HandOvers...)
	if err != nil {
		return t, err
	}
	if now.LogKeys[0] != t.LogKeys[0] || now.CosignerKeys[0] != t.CosignerKeys[0] || now.AnswerKeys[0] != t.AnswerKeys[0] {
		return t, fmt.Errorf("%w: the hand-overs lead to other keys than those in use", bundle.ErrUntrusted)
	}
	return now, nil
}

// HandOvers returns how the registry's former keys gave way to those in use, in
// order; of a mirror, those of the log.
func (r *Registry) HandOvers() []bundle.HandOver {
	if r.Mirror() {
		return r.config.Original.now.Load().handOvers
	}
	return r.config.HandOvers
}
