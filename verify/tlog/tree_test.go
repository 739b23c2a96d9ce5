package tlog

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/merkle/testonly"
)

// stored keeps a tree's hashes as a store does: by stored hash index.
type stored []Hash

func (s stored) ReadHashes(indexes []int64) ([]Hash, error) {
	hashes := make([]Hash, len(indexes))
	for i, at := range indexes {
		if at < 0 || at >= int64(len(s)) {
			return nil, fmt.Errorf("hash %d of %d", at, len(s))
		}
		hashes[i] = s[at]
	}
	return hashes, nil
}

// add appends the leaf of entry n and whatever it completes.
func (s *stored) add(tb testing.TB, n int64, leaf Hash) {
	tb.Helper()
	if got, want := StoredHashIndex(0, n), int64(len(*s)); got != want {
		tb.Fatalf("StoredHashIndex(0, %d): got %d, want %d", n, got, want)
	}
	hashes, err := StoredHashes(n, leaf, *s)
	if err != nil {
		tb.Fatal(err)
	}
	*s = append(*s, hashes...)
	if got, want := StoredHashCount(n+1), int64(len(*s)); got != want {
		tb.Fatalf("StoredHashCount(%d): got %d, want %d", n+1, got, want)
	}
}

// trees returns the same tree twice: ours, and one by other people.
func trees(tb testing.TB, entries [][]byte) (stored, *testonly.Tree) {
	tb.Helper()
	var ours stored
	theirs := testonly.New(rfc6962.DefaultHasher)
	theirs.AppendData(entries...)
	for i, e := range entries {
		ours.add(tb, int64(i), LeafHash(e))
	}
	return ours, theirs
}

func numbered(n int) [][]byte {
	entries := make([][]byte, n)
	for i := range entries {
		entries[i] = fmt.Appendf(nil, "entry %d", i)
	}
	return entries
}

func root(tb testing.TB, size int64, r HashReader) Hash {
	tb.Helper()
	h, err := TreeHash(size, r)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

func toTheirs(hashes []Hash) [][]byte {
	out := make([][]byte, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}

func toOurs(hashes [][]byte) []Hash {
	out := make([]Hash, len(hashes))
	for i := range hashes {
		out[i] = Hash(hashes[i])
	}
	return out
}

// checkInclusion proves one entry in one tree and lets both sides check both
// sides' proof, then sees our check refuse everything next to it.
func checkInclusion(t *testing.T, ours stored, theirs *testonly.Tree, size, index int64, entry []byte) {
	t.Helper()
	p, err := Inclusion(size, index, ours)
	if err != nil {
		t.Fatalf("Inclusion(%d, %d): %v", size, index, err)
	}
	theirP, err := theirs.InclusionProof(uint64(index), uint64(size))
	if err != nil {
		t.Fatal(err)
	}
	r, leaf := root(t, size, ours), LeafHash(entry)
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(size), leaf[:], toTheirs(p), r[:]); err != nil {
		t.Errorf("their check of our proof of %d in %d: %v", index, size, err)
	}
	if err := CheckInclusion(toOurs(theirP), size, r, index, leaf); err != nil {
		t.Errorf("our check of their proof of %d in %d: %v", index, size, err)
	}
	refused := map[string]error{
		"other leaf": CheckInclusion(p, size, r, index, LeafHash(append(entry, '!'))),
		"more":       CheckInclusion(append(p[:len(p):len(p)], leaf), size, r, index, leaf),
	}
	if size > 1 {
		refused["other root"] = CheckInclusion(p, size, leaf, index, leaf)
		refused["fewer"] = CheckInclusion(p[1:], size, r, index, leaf)
		refused["other index"] = CheckInclusion(p, size, r, (index+1)%size, leaf)
		q := append([]Hash{}, p...)
		q[len(q)/2][7] ^= 1
		refused["other hash"] = CheckInclusion(q, size, r, index, leaf)
	}
	for what, err := range refused {
		if !errors.Is(err, ErrProof) {
			t.Errorf("%s, entry %d in %d: got %v, want ErrProof", what, index, size, err)
		}
	}
}

// checkConsistency is checkInclusion for two sizes of the tree.
func checkConsistency(t *testing.T, ours stored, theirs *testonly.Tree, size, old int64) {
	t.Helper()
	p, err := Consistency(size, old, ours)
	if err != nil {
		t.Fatalf("Consistency(%d, %d): %v", size, old, err)
	}
	theirP, err := theirs.ConsistencyProof(uint64(old), uint64(size))
	if err != nil {
		t.Fatal(err)
	}
	oldRoot, r := root(t, old, ours), root(t, size, ours)
	if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old), uint64(size), toTheirs(p), oldRoot[:], r[:]); err != nil {
		t.Errorf("their check of our proof from %d to %d: %v", old, size, err)
	}
	if err := CheckConsistency(toOurs(theirP), size, r, old, oldRoot); err != nil {
		t.Errorf("our check of their proof from %d to %d: %v", old, size, err)
	}
	other := oldRoot
	other[31] ^= 1
	refused := map[string]error{
		"other old root": CheckConsistency(p, size, r, old, other),
		"more":           CheckConsistency(append(p[:len(p):len(p)], r), size, r, old, oldRoot),
	}
	if old > 0 {
		refused["other root"] = CheckConsistency(p, size, other, old, oldRoot)
	}
	if len(p) > 0 {
		refused["fewer"] = CheckConsistency(p[1:], size, r, old, oldRoot)
		q := append([]Hash{}, p...)
		q[len(q)/2][7] ^= 1
		refused["other hash"] = CheckConsistency(q, size, r, old, oldRoot)
	}
	for what, err := range refused {
		if !errors.Is(err, ErrProof) {
			t.Errorf("%s, from %d to %d: got %v, want ErrProof", what, old, size, err)
		}
	}
}

func TestTreeAllSizes(t *testing.T) {
	entries := numbered(100)
	ours, theirs := trees(t, entries)
	for size := int64(0); size <= int64(len(entries)); size++ {
		if got, want := root(t, size, ours), theirs.HashAt(uint64(size)); !bytes.Equal(got[:], want) {
			t.Fatalf("TreeHash(%d): got %x, want %x", size, got[:], want)
		}
		for index := range size {
			checkInclusion(t, ours, theirs, size, index, entries[index])
		}
		for old := range size + 1 {
			checkConsistency(t, ours, theirs, size, old)
		}
	}
}

func TestTreeLarge(t *testing.T) {
	entries := numbered(66_000)
	ours, theirs := trees(t, entries)
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int64{255, 256, 257, 4095, 4096, 65_535, 65_536, 65_537, 66_000} {
		if got, want := root(t, size, ours), theirs.HashAt(uint64(size)); !bytes.Equal(got[:], want) {
			t.Fatalf("TreeHash(%d): got %x, want %x", size, got[:], want)
		}
		for _, n := range []int64{0, 1, size / 2, size - 1, random.Int64N(size), random.Int64N(size)} {
			checkInclusion(t, ours, theirs, size, n, entries[n])
			checkConsistency(t, ours, theirs, size, n)
		}
	}
}

// The eight-leaf tree that the Certificate Transparency projects test with.
func TestTreeVectors(t *testing.T) {
	ours, _ := trees(t, testonly.LeafInputs())
	for i, want := range testonly.RootHashes() {
		if got := root(t, int64(i), ours); !bytes.Equal(got[:], want) {
			t.Errorf("TreeHash(%d): got %x, want %x", i, got[:], want)
		}
	}
}

func TestTreeOutOfRange(t *testing.T) {
	ours, _ := trees(t, numbered(8))
	r := root(t, 8, ours)
	for _, c := range [][2]int64{ // size, index or old size
		{8, 9}, {8, -1}, {0, 1}, {-1, -1}, {-1, 0}, {MaxSize + 1, 5}, {math.MaxInt64, 5}, {math.MinInt64, 0},
	} {
		if p, err := Inclusion(c[0], c[1], ours); err == nil {
			t.Errorf("Inclusion(%d, %d): got %v, want an error", c[0], c[1], p)
		}
		if p, err := Consistency(c[0], c[1], ours); err == nil {
			t.Errorf("Consistency(%d, %d): got %v, want an error", c[0], c[1], p)
		}
		if err := CheckInclusion(ours[:8], c[0], r, c[1], r); !errors.Is(err, ErrProof) {
			t.Errorf("CheckInclusion of %d in %d: got %v, want ErrProof", c[1], c[0], err)
		}
		if err := CheckConsistency(ours[:8], c[0], r, c[1], r); !errors.Is(err, ErrProof) {
			t.Errorf("CheckConsistency from %d to %d: got %v, want ErrProof", c[1], c[0], err)
		}
	}
	for _, n := range []int64{-1, MaxSize + 1, math.MaxInt64} {
		if _, err := TreeHash(n, ours); err == nil {
			t.Errorf("TreeHash(%d): got no error", n)
		}
		if _, err := StoredHashes(n, r, ours); err == nil {
			t.Errorf("StoredHashes(%d): got no error", n)
		}
	}
	// The empty tree has one root only.
	if err := CheckConsistency(nil, 0, r, 0, root(t, 0, nil)); !errors.Is(err, ErrProof) {
		t.Errorf("empty tree with another root: got %v, want ErrProof", err)
	}
}

func TestTreeLargestSize(t *testing.T) {
	// A subtree of a tree of one and the same leaf has one hash at each level.
	var same [57]Hash
	same[0] = LeafHash([]byte("a"))
	for i := range 56 {
		copy(same[i+1][:], rfc6962.DefaultHasher.HashChildren(same[i][:], same[i][:]))
	}
	if err := CheckInclusion(same[:56], MaxSize, same[56], MaxSize-1, same[0]); err != nil {
		t.Error(err)
	}
	if err := CheckConsistency(same[55:56], MaxSize, same[56], MaxSize/2, same[55]); err != nil {
		t.Error(err)
	}
	if got, want := StoredHashCount(MaxSize), int64(2*MaxSize-1); got != want {
		t.Errorf("StoredHashCount(MaxSize): got %d, want %d", got, want)
	}
}

// TestAncestor climbs from every leaf of whole subtrees to the stored hash above.
func TestAncestor(t *testing.T) {
	ours, _ := trees(t, numbered(64))
	for index := range int64(64) {
		for levels := range 7 {
			var beside []Hash
			for level := range levels {
				beside = append(beside, ours[StoredHashIndex(level, index>>level^1)])
			}
			at := StoredHashIndex(levels, index>>levels)
			if got := Ancestor(ours[StoredHashIndex(0, index)], index, beside); got != ours[at] {
				t.Errorf("entry %d, %d levels up: got %v, want %v", index, levels, got, ours[at])
			}
			if got := LevelOf(at); got != levels {
				t.Errorf("level of place %d: got %d, want %d", at, got, levels)
			}
		}
	}
}
