package registry

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tegata/verify/tlog"
)

// row checks that a row an entry makes is there. It is counted with the entry it
// points at: the first that makes it.
func (a *audit) row(tx indexed, r row, e logged) error {
	v := tx.index(r.bucket).Get([]byte(r.key))
	place := fmt.Sprintf("index %s of entry %d", r.bucket, e.Index)
	switch {
	case v == nil && e.Index >= tx.unfiled.size:
		return nil // the commit has just ended: the rows are not shown yet
	case v == nil:
		return a.fault(place, "its row is missing")
	}
	to, ok := rowOf(r.bucket, []byte(r.key), v)
	if !ok || to > e.Index {
		return a.fault(place, "its row points elsewhere")
	}
	if to == e.Index {
		a.made[string(r.bucket)]++
	}
	return nil
}

// indexes checks that there is no row that no entry makes. There are as many as
// were counted, or the culprits are looked for.
func (a *audit) indexes(tx indexed) error {
	for _, name := range indexBuckets {
		if count(tx.index(name).Cursor()) == a.made[string(name)] {
			continue
		}
		c := tx.index(name).Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if err := a.justified(tx.Tx, name, k, v); err != nil {
				return err
			}
			if err := a.ctx.Err(); err != nil {
				return err
			}
		}
	}
	return a.counts(tx.Tx)
}

// count counts rows.
func count(c interface {
	First() (k, v []byte)
	Next() (k, v []byte)
}) (n int64) {
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		n++
	}
	return n
}

func (a *audit) justified(tx *bolt.Tx, bucket, k, v []byte) error {
	place := fmt.Sprintf("index %s, row %q", bucket, k)
	index, ok := rowOf(bucket, k, v)
	if !ok {
		return a.fault(place, "it is not a row")
	}
	if index >= a.head.Size {
		return a.fault(place, "it points past the head")
	}
	raw, err := rawEntry(tx, index)
	if err != nil {
		return a.fault(place, "it points at nothing")
	}
	e, err := parseLogged(index, raw)
	if err != nil {
		return nil // said of the entry itself
	}
	if says(e, bucket, k) {
		return nil
	}
	return a.fault(place, "entry %d does not say so", index)
}

// counts checks that there is nothing beside what the head covers.
func (a *audit) counts(tx *bolt.Tx) error {
	heads := int64(1)
	for _, key := range [][]byte{orderKey, filedKey} {
		if tx.Bucket(headBucket).Get(key) != nil {
			heads++
		}
	}
	for _, want := range []struct {
		bucket []byte
		n      int64
	}{{entryBucket, a.head.Size}, {hashBucket, tlog.StoredHashCount(a.head.Size)}, {headBucket, heads}} {
		if n := count(tx.Bucket(want.bucket).Cursor()); n != want.n {
			if err := a.fault("bucket "+string(want.bucket), "%d rows, want %d", n, want.n); err != nil {
				return err
			}
		}
	}
	return nil
}
