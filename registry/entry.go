package registry

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// logged is an entry as it stands in the log.
type logged struct {
	verify.Entry
	raw    []byte // its bytes, of one that is being entered
	token  string // the envelope
	status int64  // status-list index, or tlog.NoStatus
}

// rawEntry returns a copy of the bytes of an entry.
func rawEntry(tx *bolt.Tx, index int64) ([]byte, error) {
	raw, err := storedEntry(tx, index)
	return append([]byte(nil), raw...), err
}

// storedEntry returns the bytes of an entry as they stand in the file, which are not to
// be read once the transaction has ended.
func storedEntry(tx *bolt.Tx, index int64) ([]byte, error) {
	raw := tx.Bucket(entryBucket).Get(number(index))
	if raw == nil {
		return nil, fmt.Errorf("%w: entry %d is missing", ErrDamaged, index)
	}
	return raw, nil
}

// entryIn reads an entry and checks that the tree of the head holds these very
// bytes at this index.
func entryIn(tx *bolt.Tx, head tlog.Checkpoint, index int64) (logged, error) {
	return (*checked)(nil).entryIn(tx, head, index)
}

// entryIn reads an entry and checks that the tree of the head, which is signed,
// holds these very bytes at this index.
func (c *checked) entryIn(tx *bolt.Tx, head tlog.Checkpoint, index int64) (logged, error) {
	raw, err := storedEntry(tx, index)
	if err != nil {
		return logged{}, err
	}
	if err := c.holds(tx, head, index, tlog.LeafHash(raw)); err != nil {
		return logged{}, err
	}
	e, err := parseLogged(index, raw)
	if err != nil {
		return logged{}, fmt.Errorf("%w: entry %d: %w", ErrDamaged, index, err)
	}
	return e, nil
}

// parseLogged takes the bytes of an entry apart, whoever logged it.
func parseLogged(index int64, raw []byte) (logged, error) {
	e, stored, err := bundle.ParseEntry(index, raw)
	return logged{Entry: e, token: stored.Token, status: stored.Status}, err
}

// about reads the entries about a code that are in the tree of the head, in log
// order.
func about(tx indexed, head tlog.Checkpoint, code verify.Code) ([]verify.Entry, error) {
	return aboutBy(tx.index(codeBucket).Cursor(), head.Size, code, func(index int64) (logged, error) { return entryIn(tx.Tx, head, index) })
}

// aboutBy is about, with the index of codes, and the way to read an entry of the first
// size ones.
func aboutBy(c *indexCursor, size int64, code verify.Code, read func(int64) (logged, error)) ([]verify.Entry, error) {
	var entries []verify.Entry
	prefix := []byte(code)
	for k, _ := c.Seek(prefix); len(k) == len(prefix)+8 && string(k[:len(prefix)]) == string(code); k, _ = c.Next() {
		index, ok := parseNumber(k[len(prefix):])
		if !ok || index >= size {
			continue
		}
		e, err := read(index)
		if err != nil {
			return nil, err
		}
		if e.Code != code {
			return nil, fmt.Errorf("%w: entry %d is about another code", ErrDamaged, index)
		}
		if n := len(entries); n > 0 && entries[n-1].Index >= index {
			return nil, fmt.Errorf("%w: entry %d is not in its place among those about %s", ErrDamaged, index, code)
		}
		entries = append(entries, e.Entry)
	}
	return entries, nil
}
