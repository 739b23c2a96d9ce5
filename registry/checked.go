package registry

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"

	bolt "go.etcd.io/bbolt"

	"tegata/verify/tlog"
)

// checkedLevel is the lowest level of the tree of which hashes are kept: each
// stands for 32 entries. Of a million entries that is 4 MB; a level lower would
// be twice that, and save one read of six.
const checkedLevel = 5

// checked keeps upper hashes of the tree that were found to be in the tree of a
// signed head, so that of the next entry below them only the way up to them is
// read and hashed. A hash that was true once stays so: a log only grows.
//
// A nil *checked keeps nothing.
type checked struct {
	mu     sync.RWMutex
	hashes map[int64]tlog.Hash // by stored-hash index, of whole subtrees
}

// get returns those of the hashes that are kept.
func (c *checked) get(indexes []int64, out []tlog.Hash) (missing bool) {
	var none tlog.Hash
	if c != nil {
		c.mu.RLock()
		defer c.mu.RUnlock()
	}
	for i, n := range indexes {
		if c != nil {
			out[i] = c.hashes[n]
		}
		missing = missing || out[i] == none
	}
	return missing
}

// keep keeps hashes that are true.
func (c *checked) keep(hashes map[int64]tlog.Hash) {
	if c == nil || len(hashes) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hashes == nil {
		c.hashes = map[int64]tlog.Hash{}
	}
	maps.Copy(c.hashes, hashes)
}

// A checkedReader reads hashes within a transaction, those that are kept from
// memory, and notes those to be kept once what they prove has been checked.
type checkedReader struct {
	*checked
	file  tlog.HashReader
	fresh map[int64]tlog.Hash
}

func (c *checked) reader(tx *bolt.Tx) *checkedReader {
	return &checkedReader{c, hashes(tx), map[int64]tlog.Hash{}}
}

func (r *checkedReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	if !r.get(indexes, out) {
		return out, nil
	}
	var missing []int64
	for i, n := range indexes {
		if out[i] == (tlog.Hash{}) {
			missing = append(missing, n)
		}
	}
	read, err := r.file.ReadHashes(missing)
	if err != nil {
		return nil, err
	}
	for i, n := range indexes {
		if out[i] != (tlog.Hash{}) {
			continue
		}
		if out[i], read = read[0], read[1:]; tlog.LevelOf(n) >= checkedLevel {
			r.fresh[n] = out[i]
		}
	}
	return out, nil
}

// inclusion returns the proof that the tree of the head holds this leaf at this
// index, and checks it.
func (c *checked) inclusion(tx *bolt.Tx, head tlog.Checkpoint, index int64, leaf tlog.Hash) ([]tlog.Hash, error) {
	r := c.reader(tx)
	proof, err := tlog.Inclusion(head.Size, index, r)
	if err == nil {
		err = tlog.CheckInclusion(proof, head.Size, head.Root, index, leaf)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: entry %d: %w", ErrDamaged, index, err)
	}
	if index>>checkedLevel < head.Size>>checkedLevel && c.get([]int64{above(index)}, make([]tlog.Hash, 1)) {
		r.fresh[above(index)] = tlog.Ancestor(leaf, index, proof[:checkedLevel])
	}
	c.keep(r.fresh)
	return proof, nil
}

// above is the place of the hash that stands above an entry at the checked level.
func above(index int64) int64 { return tlog.StoredHashIndex(checkedLevel, index>>checkedLevel) }

// holds checks that the tree of the head holds this leaf at this index.
func (c *checked) holds(tx *bolt.Tx, head tlog.Checkpoint, index int64, leaf tlog.Hash) error {
	var top [1]tlog.Hash
	if index < head.Size && !c.get([]int64{above(index)}, top[:]) {
		if read, ok := beside(tx, index); ok && tlog.Ancestor(leaf, index, read[:]) == top[0] {
			return nil
		}
	}
	_, err := c.inclusion(tx, head, index, leaf) // it tells what is wrong
	return err
}

// beside reads the hashes beside the way up from an entry to the checked level. They
// stand near each other in the file, so that going from one to the next takes less
// than looking for each.
func beside(tx *bolt.Tx, index int64) (read [checkedLevel]tlog.Hash, ok bool) {
	var places, order [checkedLevel]int64
	for level := range places {
		places[level] = tlog.StoredHashIndex(level, index>>level^1)
	}
	order = places
	slices.Sort(order[:])
	c := tx.Bucket(hashBucket).Cursor()
	k, v := c.Seek(number(order[0]))
	for _, place := range order {
		for len(k) == 8 && int64(binary.BigEndian.Uint64(k)) < place {
			k, v = c.Next()
		}
		if n, is := parseNumber(k); !is || n != place || len(v) != len(read[0]) {
			return read, false
		}
		copy(read[slices.Index(places[:], place)][:], v)
	}
	return read, true
}
