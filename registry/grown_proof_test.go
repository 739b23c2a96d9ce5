package registry

import (
	"errors"
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
			if g.wrong != nil {
				t.Fatalf("%d after %d: %v", size, before, g.wrong)
			}
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

// Where the proofs of a batch do not lead to its root, no receipt is given.
func TestProofsOfBatchWrong(t *testing.T) {
	nothing := tlog.HashReaderFunc(func([]int64) ([]tlog.Hash, error) { return nil, ErrDamaged })
	for size := int64(1); size < 9; size++ {
		batch := func() (*grown, *state) {
			g := new(grown)
			if err := g.begin(tlog.Checkpoint{}, nothing); err != nil {
				t.Fatal(err)
			}
			for n := range size {
				hashes, err := tlog.StoredHashes(n, tlog.LeafHash([]byte{byte(n)}), g)
				if err != nil {
					t.Fatal(err)
				}
				g.hashes = append(g.hashes, hashes...)
			}
			root, err := tlog.TreeHash(size, g)
			if err != nil {
				t.Fatal(err)
			}
			return g, &state{head: tlog.Checkpoint{Size: size, Root: root}}
		}
		last := size - 1
		for name, change := range map[string]func(*grown, *state){
			"":         func(*grown, *state) {},
			"the root": func(_ *grown, s *state) { s.head.Root[0] ^= 1 },
			"a leaf":   func(g *grown, _ *state) { g.hashes[tlog.StoredHashIndex(0, last)][0] ^= 1 },
			"all":      func(g *grown, _ *state) { g.hashes = nil },
		} {
			g, s := batch()
			change(g, s)
			g.end(s)
			_, err := (&stood{tree: g}).receipt(last)
			if name == "" && err != nil || name != "" && !errors.Is(err, ErrDamaged) {
				t.Errorf("%d entries, with %q changed: got %v", size, name, err)
			}
		}
	}
}
