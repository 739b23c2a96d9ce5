package registry

import (
	"context"
	"fmt"

	"tegata/verify"
	"tegata/verify/match"
)

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
