package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// check compares the index with what the log makes of it, block by block.
func (s *searcher) check(ctx context.Context, fault func(place, format string, args ...any) error) error {
	err := s.view(func(index *bolt.Tx) error {
		p, err := readPosition(index)
		if err != nil {
			return err
		}
		return s.registry.view(func(tx indexed) error {
			return (&searchCheck{ctx: ctx, index: index, tx: tx, size: p.size}).run()
		})
	})
	if errors.Is(err, ErrDamaged) {
		return fault("search index", "%v: it is made anew", err)
	}
	return err
}

// searchCheck is one audit of the index.
type searchCheck struct {
	ctx   context.Context
	index *bolt.Tx
	tx    indexed
	size  int64
	texts int64
}

var errOther = fmt.Errorf("%w: it is not what the log makes it", ErrDamaged)

// run makes all rows again, a block at a time.
func (c *searchCheck) run() error {
	rows := int64(0)
	for first := int64(0); first < c.size; first += blockSpan {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		want, err := c.block(first, min(first+blockSpan, c.size))
		if err != nil {
			return err
		}
		for term, blocks := range want {
			for block, postings := range blocks {
				if !bytes.Equal(c.index.Bucket(termBucket).Get(termKey(term, block)), termRow(nil).with(postings)) {
					return errOther
				}
				rows++
			}
		}
	}
	if count(c.index.Bucket(termBucket).Cursor()) != rows || count(c.index.Bucket(textBucket).Cursor()) != c.texts {
		return errOther
	}
	return nil
}

// block makes the rows of the places from first to before, and checks the texts
// there.
func (c *searchCheck) block(first, before int64) (searchRows, error) {
	rows := searchRows{}
	for place := first; place < before; place++ {
		raw, err := rawEntry(c.tx.Tx, place)
		if err != nil {
			return nil, err
		}
		e, err := parseLogged(place, raw)
		if err != nil {
			return nil, err
		}
		if !e.Kind.First() {
			continue
		}
		if at, err := placeOf(c.tx, e.Code); err != nil || at != place {
			continue
		}
		about, err := aboutBy(c.tx.index(codeBucket).Cursor(), c.size, e.Code, func(index int64) (logged, error) {
			raw, err := rawEntry(c.tx.Tx, index)
			if err != nil {
				return logged{}, err
			}
			return parseLogged(index, raw)
		})
		if err != nil {
			return nil, err
		}
		t := textOf(e.Code, about)
		if !bytes.Equal(c.index.Bucket(textBucket).Get(number(place)), t.marshal()) {
			return nil, errOther
		}
		c.texts++
		rows.add(place, t.terms())
	}
	return rows, nil
}
