package registry

import (
	"context"
	"fmt"
	"sort"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/tlog"
)

// Lookup returns the facts about a code at the present head: every entry about
// it, its basis and the declarations of the same trade items, each checked to
// be in the tree of the signed head. Facts without entries say that the code is
// not in this registry. An entry that does not check is [ErrDamaged], and there
// are no facts.
func (r *Registry) Lookup(ctx context.Context, code verify.Code) (verify.Facts, error) {
	f, _, err := r.LookupOn(ctx, code)
	return f, err
}

// LookupOn is Lookup with what an answer from the facts rests on: on the code, on
// every declaration that it was ever said to rest on, on declarations of the same
// trade items, on which records name those, and on what governs the log.
func (r *Registry) LookupOn(ctx context.Context, code verify.Code) (verify.Facts, Ground, error) {
	g, err := r.grounded(ctx, r.state.Load(), code)
	return g.facts, g.ground, err
}

// lookup looks a code up at a head that is or was the present one.
func (r *Registry) lookup(ctx context.Context, s *state, code verify.Code) (verify.Facts, error) {
	g, err := r.grounded(ctx, s, code)
	return g.facts, err
}

// grounded is lookup with what an answer from the facts rests on.
func (r *Registry) grounded(ctx context.Context, s *state, code verify.Code) (g grounded, err error) {
	if g, ok := r.kept(s, code); ok {
		return g, ctx.Err()
	}
	err = r.view(func(tx indexed) (err error) {
		g, err = r.gather(s, code, &reading{ctx, tx, s.head, &r.checked, nil}) // nothing is read twice for one code
		return err
	})
	return g, err
}

// gather reads the facts about a code.
func (r *Registry) gather(s *state, code verify.Code, from *reading) (grounded, error) {
	f, err := verify.Gather(code, from)
	if err != nil {
		return grounded{}, fmt.Errorf("code %s: %w", code, err)
	}
	f.Governance, f.Log = s.governance, r.headOf(s)
	f = f.Fold()
	g := grounded{f, r.GroundOf(f.Log.Size, Query{}, f)}
	if len(f.Entries) > 0 {
		r.folded.keep(g)
	}
	return g, nil
}

// reading is the log as one transaction reads it: what is in the tree of the
// head. Where what was read is kept, no entry is read and checked twice.
type reading struct {
	ctx  context.Context
	tx   indexed
	head tlog.Checkpoint
	from *checked
	read map[int64]logged
}

func (r *Registry) newReading(ctx context.Context, tx indexed, head tlog.Checkpoint) *reading {
	return &reading{ctx, tx, head, &r.checked, map[int64]logged{}}
}

func (r *reading) entry(index int64) (logged, error) {
	if e, ok := r.read[index]; ok {
		return e, nil
	}
	e, err := r.from.entryIn(r.tx.Tx, r.head, index)
	if err == nil && r.read != nil {
		r.read[index] = e
	}
	return e, err
}

func (r *reading) About(code verify.Code) ([]verify.Entry, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	return aboutBy(r.tx.index(codeBucket).Cursor(), r.head.Size, code, r.entry)
}

func (r *reading) Naming(item verify.GTIN) ([]verify.Code, error) {
	codes, _ := codesUnder(r.tx.index(gtinBucket), string(item))
	return codes, nil
}

// KnownAt returns the state of the log of the first size entries, which lasted
// until the next one was logged. So an answer given while that was the head is
// given again whenever it is asked for. The error is [ErrNotFound] where the
// log never had that many.
func (r *Registry) KnownAt(size int64) (k verify.Known, err error) {
	s := r.state.Load()
	k.Size = size
	switch {
	case size < 1 || size > s.head.Size:
		return k, fmt.Errorf("size %d: %w", size, ErrNotFound)
	case size == s.head.Size:
		return k, nil
	}
	err = view(r.db, func(tx *bolt.Tx) error {
		e, err := r.checked.entryIn(tx, s.head, size)
		k.Time = e.Logged
		return err
	})
	return k, err
}

// KnownWhen returns the state of the log at an instant. The error is
// [ErrNotFound] where nothing was logged by then.
func (r *Registry) KnownWhen(t time.Time) (k verify.Known, err error) {
	s := r.state.Load()
	err = view(r.db, func(tx *bolt.Tx) error {
		var failed error
		size := sort.Search(int(s.head.Size), func(i int) bool {
			e, err := r.checked.entryIn(tx, s.head, int64(i))
			if err != nil {
				failed = err
			}
			return e.Logged.After(t)
		})
		if size == 0 && failed == nil {
			failed = fmt.Errorf("at %s: %w", t.Format(time.RFC3339), ErrNotFound)
		}
		k = verify.Known{Size: int64(size), Time: t}
		return failed
	})
	return k, err
}

// Codes returns the codes that something was said about, in their order, from
// the first that is not before from, at most most of them.
func (r *Registry) Codes(ctx context.Context, from verify.Code, most int) (codes []verify.Code, err error) {
	s := r.state.Load()
	err = r.view(func(tx indexed) error {
		c := tx.index(codeBucket).Cursor()
		for k, _ := c.Seek([]byte(from)); len(k) > 8 && len(codes) < most; {
			code := verify.Code(k[:len(k)-8])
			if index, ok := parseNumber(k[len(k)-8:]); ok && index < s.head.Size {
				codes = append(codes, code)
			}
			// On to the next code: no index is as large as this.
			k, _ = c.Seek(append([]byte(code), 0xff))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return codes, ctx.Err()
}
