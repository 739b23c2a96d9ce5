package registry

import (
	"bytes"

	bolt "go.etcd.io/bbolt"
)

// An indexed is the file as one transaction sees it, with the rows of indexes that were
// not filed shortly before it began. Of those some may be in the file by now, and those of
// later entries be missing.
type indexed struct {
	*bolt.Tx
	unfiled *unfiled
}

// view runs a read transaction that also sees what is not filed. A head that was loaded
// before is one of which all rows are seen.
func (r *Registry) view(f func(indexed) error) error {
	unfiled := r.unfiled.Load() // before the transaction: what leaves it is in the file then
	return view(r.db, func(tx *bolt.Tx) error { return f(indexed{tx, unfiled}) })
}

// index returns an index. The name is one of indexBuckets.
func (s indexed) index(name []byte) index {
	return index{name: name, file: s.Bucket(name), unfiled: s.unfiled.rows[string(name)]}
}

// An index is the rows of one bucket, filed or not.
type index struct {
	name    []byte
	file    *bolt.Bucket
	unfiled *waiting
}

// Get returns the value of a row, nil where there is none with the key.
func (i index) Get(key []byte) []byte { return i.Cursor().Get(key) }

func (i index) Cursor() *indexCursor { return &indexCursor{index: i, in: i.file.Cursor()} }

// An indexCursor goes through the rows of an index in the order of their keys.
type indexCursor struct {
	index
	in     *bolt.Cursor
	k, v   []byte // where it stands in the file,
	wk, wv []byte // and among what waits
}

// Get returns the value of a row, nil where there is none with the key. Where the cursor
// stood does not matter.
func (c *indexCursor) Get(key []byte) []byte {
	if entry, ok := c.unfiled.Get(string(key)); ok {
		return valueOf(c.name, entry)
	}
	if k, v := c.in.Seek(key); bytes.Equal(k, key) {
		return v
	}
	return nil
}

// Seek returns the first row whose key is not before one, a nil key where there is none.
func (c *indexCursor) Seek(key []byte) (k, v []byte) {
	c.k, c.v = c.in.Seek(key)
	c.wait(key)
	return c.least()
}

func (c *indexCursor) First() (k, v []byte) { return c.Seek(nil) }

// Next returns the row after the one that was returned last.
func (c *indexCursor) Next() (k, v []byte) {
	inFile, waits := c.k, c.wk
	if inFile != nil && (waits == nil || bytes.Compare(inFile, waits) <= 0) {
		c.k, c.v = c.in.Next()
	}
	if waits != nil && (inFile == nil || bytes.Compare(waits, inFile) <= 0) {
		c.wait(append(waits[:len(waits):len(waits)], 0))
	}
	return c.least()
}

func (c *indexCursor) wait(key []byte) {
	c.wk, c.wv = nil, nil
	c.unfiled.Ascend(string(key), func(key string, entry int64) bool {
		c.wk, c.wv = []byte(key), valueOf(c.name, entry)
		return false
	})
}

func (c *indexCursor) least() (k, v []byte) {
	if c.wk == nil || c.k != nil && bytes.Compare(c.k, c.wk) <= 0 {
		return c.k, c.v
	}
	return c.wk, c.wv
}

// last returns the last key whose row is one of those wanted, nil where there is none.
func (i index) last(wanted func(k, v []byte) bool) (last []byte) {
	c := i.file.Cursor()
	for k, v := c.Last(); k != nil; k, v = c.Prev() {
		if wanted(k, v) {
			last = k
			break
		}
	}
	i.unfiled.Reverse(func(key string, entry int64) bool {
		if key <= string(last) {
			return false
		}
		if !wanted([]byte(key), valueOf(i.name, entry)) {
			return true
		}
		last = []byte(key)
		return false
	})
	return last
}
