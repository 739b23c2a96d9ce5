package registry

import (
	"context"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// Bundle returns everything that is needed to judge a code offline, as of the
// present head; [bundle.Open] reads it. Of a code that nothing was said about
// it holds the registry's word that this is so.
func (r *Registry) Bundle(ctx context.Context, code verify.Code) ([]byte, error) {
	s, err := r.Snapshot()
	if err != nil {
		return nil, err
	}
	return s.Bundle(ctx, code)
}

// Bundle is [Registry.Bundle] at the snapshot's head.
func (s *Snapshot) Bundle(ctx context.Context, code verify.Code) ([]byte, error) {
	r, head := s.registry, s.state.head
	f, err := s.Lookup(ctx, code)
	if err != nil {
		return nil, err
	}
	m := bundle.NewManifest(f, s.state.signed)
	payload, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	b := bundle.Bundle{Checkpoint: string(s.state.signed), Entries: []bundle.Included{}}
	if b.Manifest, err = r.config.Answer.SealAs(envelope.Manifest, payload); err != nil {
		return nil, err
	}
	err = view(r.db, func(tx *bolt.Tx) error {
		for _, index := range m.All() {
			if err := ctx.Err(); err != nil {
				return err
			}
			raw, err := rawEntry(tx, index)
			if err != nil {
				return err
			}
			proof, err := r.checked.inclusion(tx, head, index, tlog.LeafHash(raw))
			if err != nil {
				return err
			}
			b.Entries = append(b.Entries, bundle.Included{Index: index, Entry: string(raw), Proof: append([]tlog.Hash{}, proof...)})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("bundle of %s: %w", code, err)
	}
	return b.Marshal(), nil
}
