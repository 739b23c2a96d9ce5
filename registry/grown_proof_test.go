package registry

import (
	"slices"
	"testing"

	"tegata/verify/tlog"
)

// The proofs of a batch are those that the library makes of all hashes there are, in
// trees of every shape.
func TestProofsOfBatch(t *testing.T) {
	var stored []tlog.Hash
	all := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, n := range indexes {
			out[i] = stored[n]
		}
		return out, nil
	})
	for before := range int64(36) {
		for size := before + 1; size < before+36; size++ {
			head := tlog.Checkpoint{Size: before}
			stored = stored[:0]
			g := new(grown)
			for n := range size {
				if n == before {
					var err error
					if head.Root, err = tlog.TreeHash(before, all); err != nil {
						t.Fatal(err)
					}
					old := slices.Clone(stored)
					if err := g.begin(head, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return []tlog.Hash{old[indexes[0]]}, nil })); err != nil {
						t.Fatal(err)
					}
				}
				hashes, err := tlog.StoredHashes(n, tlog.LeafHash([]byte{byte(n)}), all)
				if err != nil {
					t.Fatal(err)
				}
				if stored = append(stored, hashes...); n < before {
					continue
				}
				if mine, err := tlog.StoredHashes(n, hashes[0], g); err != nil || !slices.Equal(mine, hashes) {
					t.Fatalf("entry %d after %d: got %v, %v, want %v", n, before, mine, err, hashes)
				}
				g.hashes = append(g.hashes, hashes...)
			}
			root, err := tlog.TreeHash(size, g)
			if err != nil {
				t.Fatal(err)
			}
			g.end(&state{head: tlog.Checkpoint{Size: size, Root: root}})
			for index := before; index < size; index++ {
				want, err := tlog.Inclusion(size, index, all)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := g.proof(index); err != nil || !slices.Equal(got, want) {
					t.Fatalf("entry %d of %d after %d: got %v, %v, want %v", index, size, before, got, err, want)
				}
			}
		}
	}
}
