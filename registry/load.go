package registry

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"

	bolt "go.etcd.io/bbolt"

	"tegata/registry/sequencer"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// reopen reads what a file says.
func (r *Registry) reopen() error {
	if err := remake(r.db); err != nil {
		return err
	}
	if err := view(r.db, r.load); err != nil {
		return err
	}
	if len(r.config.HandOvers) > 0 && r.state.Load().signed != nil {
		if _, err := r.Trust(); err != nil {
			return err
		}
	}
	return nil
}

// load reads the head and what governs the log, checking both.
func (r *Registry) load(file *bolt.Tx) error {
	for _, name := range buckets {
		if file.Bucket(name) == nil {
			return fmt.Errorf("%w: it has no bucket %s, so it is not a registry, or not a whole one", ErrDamaged, name)
		}
	}
	if err := r.loadOrder(file); err != nil {
		return err
	}
	unfiled, err := loadUnfiled(file)
	if err != nil {
		return err
	}
	r.unfiled.Store(unfiled)
	tx := indexed{file, unfiled}
	s := *r.state.Load()
	signed := tx.Bucket(headBucket).Get(headKey)
	ahead, following := parseNumber(tx.Bucket(headBucket).Get(aheadKey))
	if signed != nil || !following {
		if s, err = r.loadHead(tx, append([]byte(nil), signed...), following); err != nil {
			return err
		}
		r.state.Store(&s)
	}
	r.follower.tail = s
	if following && ahead > s.head.Size {
		tail, err := loadTail(tx, s, ahead)
		if err != nil {
			return err
		}
		r.follower.tail = tail
	}
	r.follower.size.Store(r.follower.tail.head.Size)
	return nil
}

// loadTail reads what is ahead of the head: entries that were checked when they
// were taken, whose head is still to come.
func loadTail(tx indexed, s state, ahead int64) (tail state, err error) {
	tail = s
	tail.head.Size = ahead
	if tail.head.Root, err = tlog.TreeHash(ahead, hashes(tx.Tx)); err != nil {
		return tail, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	last, err := entryIn(tx.Tx, tail.head, ahead-1)
	if err != nil {
		return tail, err
	}
	tail.logged = last.Logged
	tail.governance, err = loadGovernance(tx, ahead, func(index int64) (logged, error) { return entryIn(tx.Tx, tail.head, index) })
	return tail, err
}

// loadHead reads what the signed head covers. Only where others are followed may
// there be more.
func (r *Registry) loadHead(tx indexed, signed []byte, following bool) (s state, err error) {
	if s, err = r.openHead(signed); errors.Is(err, bundle.ErrQuorum) {
		return s, fmt.Errorf("%w: it asks for more than when this was copied: move the file away, and the log is copied anew", err)
	} else if err != nil {
		return s, fmt.Errorf("%w: head: %w", ErrDamaged, err)
	}
	root, err := tlog.TreeHash(s.head.Size, hashes(tx.Tx))
	if err != nil || root != s.head.Root {
		return s, fmt.Errorf("%w: the hashes do not give the root of the signed head", ErrDamaged)
	}
	last, err := entryIn(tx.Tx, s.head, s.head.Size-1)
	if err != nil {
		return s, err
	}
	s.logged = last.Logged
	most := int64(math.MaxInt64)
	if following {
		most = s.head.Size
	}
	s.governance, err = loadGovernance(tx, most, func(index int64) (logged, error) { return entryIn(tx.Tx, s.head, index) })
	return s, err
}

// loadGovernance reads what governs a log, of the first size entries.
func loadGovernance(tx indexed, size int64, read func(int64) (logged, error)) (*verify.Governance, error) {
	var said []verify.Entry
	c := tx.index(govBucket).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		index, ok := parseNumber(k)
		if n := len(said); !ok || n > 0 && said[n-1].Index >= index {
			return nil, fmt.Errorf("%w: index governance", ErrDamaged)
		}
		if index >= size {
			break
		}
		e, err := read(index)
		if err == nil && e.Code != "" {
			err = fmt.Errorf("%w: index governance: entry %d is about a code", ErrDamaged, index)
		}
		if err != nil {
			return nil, err
		}
		said = append(said, e.Entry)
	}
	g := verify.FoldGovernance(said)
	if !g.Begun() {
		return nil, fmt.Errorf("%w: entry 0 is not found", ErrDamaged)
	}
	return g, nil
}

// openHead opens a signed checkpoint of this log. One of its own file need not be
// dated: the cosigner may be new.
func (r *Registry) openHead(signed []byte) (s state, err error) {
	var cosigned []tlog.Cosignature
	heads := r.heads
	if r.Mirror() {
		heads = r.config.Original.Trust() // whose keys may have been handed over
	}
	if heads.Origin == "" {
		s.head, cosigned, err = tlog.OpenCheckpoint(signed, r.LogKey(), r.CosignerKey())
	} else {
		s.head, cosigned, err = heads.OpenCheckpoint(signed)
	}
	if err != nil {
		return s, err
	}
	for _, c := range cosigned {
		if !slices.Contains(heads.Witnesses, c.By) && c.Time.After(s.dated) {
			s.dated = c.Time
		}
	}
	s.signed = signed
	return s, nil
}

// heads says whose heads are believed where others say what is entered: those of
// the keys in use, and of former ones until they were handed over. It is the zero
// Trust where nobody else does.
func (c Config) heads() bundle.Trust {
	if c.Original != nil || c.Sequencer == (sequencer.Local{}) {
		return bundle.Trust{}
	}
	t := bundle.Trust{
		Origin:       c.Log.Key().Name(),
		LogKeys:      []bundle.Pinned[tlog.LogKey]{{Key: c.Log.Key()}},
		CosignerKeys: []bundle.Pinned[tlog.CosignerKey]{{Key: c.Cosigner.Key()}},
	}
	for _, h := range c.HandOvers {
		x, err := base64.RawURLEncoding.DecodeString(h.Old.X)
		if err != nil || len(x) != ed25519.PublicKeySize {
			continue
		}
		switch h.What {
		case bundle.LogPurpose:
			t.LogKeys = append(t.LogKeys, bundle.Pinned[tlog.LogKey]{Key: c.Log.Key().With(x), Until: h.At})
		case bundle.CosignerPurpose:
			t.CosignerKeys = append(t.CosignerKeys, bundle.Pinned[tlog.CosignerKey]{Key: c.Cosigner.Key().With(x), Until: h.At})
		}
	}
	return t
}
