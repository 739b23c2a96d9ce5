package tlog

import (
	"errors"
	"fmt"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// A Hash is a SHA-256 hash of a leaf or a node, 32 bytes; as text, standard
// base64 with padding.
type Hash = sumdb.Hash

// A HashReader reads stored hashes by their index (see [StoredHashIndex]). It
// returns as many as were asked for, in that order, or an error.
type HashReader = sumdb.HashReader

// A HashReaderFunc is a function that is a [HashReader].
type HashReaderFunc = sumdb.HashReaderFunc

// MaxSize is the largest tree this package takes, in entries: seven levels of
// full tiles. Beyond 2^62 the arithmetic on stored hashes would not end.
const MaxSize = 1 << 56

// ErrProof is wrapped where a well-formed proof does not show what it should.
var ErrProof = errors.New("proof does not hold")

// LeafHash returns the hash of an entry's bytes: SHA-256 of 0x00 and the entry
// (RFC 6962 section 2.1).
func LeafHash(entry []byte) Hash { return sumdb.RecordHash(entry) }

// StoredHashIndex returns the place, counted from 0, of hash n of a level in
// the order in which hashes come into being and are stored; level 0 are the
// leaves. A place once taken never changes.
func StoredHashIndex(level int, n int64) int64 { return sumdb.StoredHashIndex(level, n) }

// LevelOf returns the level of the hash at that place.
func LevelOf(index int64) int {
	level, _ := sumdb.SplitStoredHashIndex(index)
	return level
}

// StoredHashCount returns how many hashes are stored for a tree of size entries.
func StoredHashCount(size int64) int64 { return sumdb.StoredHashCount(size) }

// StoredHashes returns what must be stored when the entry with index n and this
// leaf hash is appended, from StoredHashIndex(0, n) onwards: the leaf and every
// subtree it completes, just under two hashes on average. It asks r once, for
// at most log₂ n earlier ones.
func StoredHashes(n int64, leaf Hash, r HashReader) ([]Hash, error) {
	if n < 0 || n >= MaxSize {
		return nil, fmt.Errorf("entry %d is outside any tree", n)
	}
	return sumdb.StoredHashesForRecordHash(n, leaf, r)
}

// TreeHash returns the root of the tree of the first size entries; of none, the
// SHA-256 of nothing. It asks r at most once, for at most log₂ size hashes.
func TreeHash(size int64, r HashReader) (Hash, error) {
	if size < 0 || size > MaxSize {
		return Hash{}, fmt.Errorf("no tree has size %d", size)
	}
	return sumdb.TreeHash(size, r)
}

// Inclusion returns the proof that the tree of size entries holds the entry
// with that index: the leaf's sibling first, the root's child last (RFC 6962
// section 2.1.1).
func Inclusion(size, index int64, r HashReader) ([]Hash, error) {
	if index < 0 || index >= size || size > MaxSize {
		return nil, fmt.Errorf("entry %d is not in a tree of %d", index, size)
	}
	return sumdb.ProveRecord(size, index, r)
}

// CheckInclusion checks that the tree with this size and root has this leaf at
// this index. The error wraps [ErrProof].
func CheckInclusion(proof []Hash, size int64, root Hash, index int64, leaf Hash) error {
	if index < 0 || index >= size || size > MaxSize {
		return fmt.Errorf("%w: entry %d is not in a tree of %d", ErrProof, index, size)
	}
	if err := sumdb.CheckRecord(proof, size, root, index, leaf); err != nil {
		return fmt.Errorf("%w: entry %d in the tree of %d", ErrProof, index, size)
	}
	return nil
}

// Ancestor returns the hash that stands as many levels above the entry with that
// index and leaf hash as there are hashes beside its way up, the leaf's sibling
// first: those a proof of inclusion begins with, in a whole subtree.
func Ancestor(leaf Hash, index int64, beside []Hash) Hash {
	for _, h := range beside {
		if index&1 == 0 {
			leaf = sumdb.NodeHash(leaf, h)
		} else {
			leaf = sumdb.NodeHash(h, leaf)
		}
		index >>= 1
	}
	return leaf
}

// Consistency returns the proof that the tree of size entries begins with all
// of the tree of old entries (RFC 6962 section 2.1.2). It is empty where there
// is nothing to show: old is size or 0.
func Consistency(size, old int64, r HashReader) ([]Hash, error) {
	if old < 0 || old > size || size > MaxSize {
		return nil, fmt.Errorf("a tree of %d does not begin with one of %d", size, old)
	}
	if old == 0 {
		return []Hash{}, nil
	}
	return sumdb.ProveTree(size, old, r)
}

// CheckConsistency checks that the tree with this size and root begins with all
// of the tree of old entries and root oldRoot. The error wraps [ErrProof].
func CheckConsistency(proof []Hash, size int64, root Hash, old int64, oldRoot Hash) error {
	if old < 0 || old > size || size > MaxSize {
		return fmt.Errorf("%w: a tree of %d does not begin with one of %d", ErrProof, size, old)
	}
	if old > 0 {
		if err := sumdb.CheckTree(proof, size, root, old, oldRoot); err != nil {
			return fmt.Errorf("%w: tree of %d from that of %d", ErrProof, size, old)
		}
		return nil
	}
	// RFC 6962 proves nothing about the empty tree: every tree begins with it,
	// but it has one root only.
	empty, err := sumdb.TreeHash(0, nil)
	if err != nil || len(proof) != 0 || oldRoot != empty || size == 0 && root != empty {
		return fmt.Errorf("%w: tree of %d from the empty one", ErrProof, size)
	}
	return nil
}
