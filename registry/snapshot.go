package registry

import (
	"context"

	"tegata/verify"
)

// A Snapshot is the registry as it stands at one head, so that evidence of
// several kinds, and about several codes, rests on the same. It holds no
// transaction, and may be kept as long as the registry is open.
type Snapshot struct {
	registry *Registry
	state    *state
	log      verify.Log
}

// Snapshot returns the registry at the present head, under a checkpoint that is
// dated anew where it is time.
func (r *Registry) Snapshot() (*Snapshot, error) {
	if _, err := r.Checkpoint(); err != nil {
		return nil, err
	}
	s := r.state.Load()
	return &Snapshot{r, s, r.headOf(s)}, nil
}

// Head returns the head, with the instant at which the snapshot was made.
func (s *Snapshot) Head() verify.Log { return s.log }

// Lookup is [Registry.Lookup] at the snapshot's head.
func (s *Snapshot) Lookup(ctx context.Context, code verify.Code) (verify.Facts, error) {
	f, err := s.registry.lookup(ctx, s.state, code)
	f.Log = s.log
	return f, err
}

// Receipt is [Registry.Receipt] at the snapshot's head.
func (s *Snapshot) Receipt(index int64) (Receipt, error) { return s.registry.receipt(s.state, index) }
