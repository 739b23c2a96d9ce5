package registry

import (
	"context"
	"fmt"
	"sort"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/match"
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
	return aboutBy(r.tx, r.head.Size, code, r.entry)
}

func (r *reading) Naming(item verify.GTIN) ([]verify.Code, error) {
	codes, _ := codesUnder(r.tx.index(gtinBucket), string(item))
	return codes, nil
}

// codesUnder lists the codes of the rows (name, 0, code) of a bucket, and tells
// whether there are more.
func codesUnder(i index, name string) (codes []verify.Code, more bool) {
	prefix := append([]byte(name), 0)
	c := i.Cursor()
	for k, _ := c.Seek(prefix); len(k) >= len(prefix) && string(k[:len(prefix)]) == string(prefix); k, _ = c.Next() {
		if len(codes) == findMost {
			return codes, true
		}
		codes = append(codes, verify.Code(k[len(prefix):]))
	}
	return codes, false
}

// A Query names records otherwise than by their code. Exactly one of its
// members is set, but for Scheme, which goes with Number, and Known.
type Query struct {
	Scheme verify.Scheme // zero: JC-STAR, the scheme that gives numbers
	Number string
	Model  string
	GTIN   verify.GTIN
	Holder string
	Known  int64 // only what the log's first so many entries said; 0: all of it
}

// findMost is the most records a query finds.
const findMost = 100

// Find returns the codes of the records that fit the query, at most 100, in
// the order of their codes. A record is found by what it ever said: whether it
// still covers a model is for its verdict to say.
func (r *Registry) Find(ctx context.Context, q Query) (codes []verify.Code, err error) {
	s := r.state.Load()
	err = r.view(func(tx indexed) (err error) {
		codes, _, err = find(r.newReading(ctx, tx, s.head), q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return codes, ctx.Err()
}

// LookupAll returns the facts about the records that fit the query, as Lookup
// does about each that Find finds, and tells whether there may be more.
func (r *Registry) LookupAll(ctx context.Context, q Query) (found []verify.Facts, more bool, err error) {
	s := r.state.Load()
	err = r.view(func(tx indexed) error {
		from := r.newReading(ctx, tx, s.head)
		var codes []verify.Code
		var err error
		codes, more, err = find(from, q)
		for _, code := range codes {
			g, ok := r.kept(s, code)
			if !ok {
				g, err = r.gather(s, code, from)
			}
			if err != nil {
				return err
			}
			found = append(found, g.facts)
		}
		return err
	})
	if err != nil {
		return nil, false, err
	}
	return found, more, ctx.Err()
}

func find(from *reading, q Query) (codes []verify.Code, more bool, err error) {
	f := finding{from, from.head.Size}
	if q.Known > 0 {
		f.known = min(q.Known, f.known)
	}
	switch {
	case q.Number != "":
		scheme := q.Scheme
		if scheme == "" {
			scheme = verify.JCSTAR
		}
		key := append(append([]byte(scheme), 0), match.Number(q.Number)...)
		if v := from.tx.index(numberBucket).Get(key); v != nil {
			codes, err = f.add(codes, numberBucket, key, v)
		}
	case q.Model != "":
		codes, more, err = f.named(modelBucket, match.Model(q.Model))
	case q.GTIN != "":
		codes, more, err = f.named(gtinBucket, string(q.GTIN))
	case q.Holder != "":
		codes, more, err = f.named(holderBucket, match.Name(q.Holder))
	}
	return codes, more, err
}

// A finding is the search for codes in one transaction.
type finding struct {
	*reading
	known int64 // rows of this entry and later ones are passed over
}

// named lists the codes of the rows (name, 0, code) of a bucket whose entries
// say so, and tells whether there are more rows than were looked at.
func (f finding) named(bucket []byte, name string) (codes []verify.Code, more bool, err error) {
	all, more := codesUnder(f.tx.index(bucket), name)
	for _, code := range all {
		key := append(append([]byte(name), 0), code...)
		if codes, err = f.add(codes, bucket, key, f.tx.index(bucket).Get(key)); err != nil {
			return nil, false, err
		}
	}
	return codes, more, nil
}

// add adds the code of the entry that a row points at, which must say the row's
// key. A row past the head is of a transaction that is just ending.
func (f finding) add(codes []verify.Code, bucket, key, value []byte) ([]verify.Code, error) {
	index, ok := parseNumber(value)
	if !ok {
		return nil, fmt.Errorf("%w: index %s, row %q", ErrDamaged, bucket, key)
	}
	if index >= f.known {
		return codes, nil
	}
	e, err := f.entry(index)
	if err != nil {
		return nil, err
	}
	if !says(e, bucket, key) {
		return nil, fmt.Errorf("%w: index %s, row %q: entry %d does not say so", ErrDamaged, bucket, key, index)
	}
	return append(codes, e.Code), nil
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
