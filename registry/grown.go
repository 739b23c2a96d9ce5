package registry

import (
	"cmp"
	"fmt"
	"time"

	"tegata/verify/tlog"
)

// stood is what the receipt of an entry says that its bytes would tell.
type stood struct {
	logged time.Time
	status int64
	leaf   tlog.Hash
	tree   *grown
}

// grown is what a batch adds to the tree, with what it read of the tree before it:
// whatever the proofs of its entries need, so that they are made without the file.
// Left of a new entry stands an old subtree only where that was as large as could be:
// of those the root before it is made.
type grown struct {
	file   tlog.HashReader // within the transaction; nil once that has ended
	from   int64           // how many entries there were before the batch
	first  int64           // stored-hash index of the first of hashes
	hashes []tlog.Hash     // which the batch stored, in their order
	before map[int64]tlog.Hash

	head   tlog.Checkpoint // of the tree with the batch
	signed []byte
	rest   []tlog.Hash // by level, of the entries after the last subtree of that level
	wrong  error       // why no proofs are given
}

// begin begins a batch that follows a head. It reads what the root of that is made of,
// so that nothing is built on a hash that is another by now, and signed: the error is
// then [ErrDamaged].
func (g *grown) begin(head tlog.Checkpoint, file tlog.HashReader) error {
	g.file, g.from, g.first, g.before = file, head.Size, tlog.StoredHashIndex(0, head.Size), map[int64]tlog.Hash{}
	if head.Size == 0 {
		return nil
	}
	root, err := tlog.TreeHash(head.Size, g)
	if err == nil && root != head.Root {
		err = fmt.Errorf("%w: the hashes do not give the root of the %d entries before", ErrDamaged, head.Size)
	}
	return err
}

// next is where the next hash is stored.
func (g *grown) next() int64 { return g.first + int64(len(g.hashes)) }

// ReadHashes returns hashes of the tree, those from before the batch from the file.
func (g *grown) ReadHashes(indexes []int64) (out []tlog.Hash, err error) {
	out = make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		if out[i], err = g.hash(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (g *grown) hash(n int64) (tlog.Hash, error) {
	if n >= g.first && n < g.next() {
		return g.hashes[n-g.first], nil
	}
	h, ok := g.before[n]
	if ok {
		return h, nil
	}
	if g.file == nil {
		return h, fmt.Errorf("%w: hash %d is not of the batch", ErrDamaged, n)
	}
	read, err := g.file.ReadHashes([]int64{n})
	if err != nil {
		return h, err
	}
	g.before[n] = read[0]
	return read[0], nil
}

// end is called once the batch is durable. From then on many may read at once. The
// proofs of all its entries are made of the same hashes: whether those of the first and
// of the last one hold is looked at once, and if they do not none is given.
func (g *grown) end(s *state) {
	g.file, g.head, g.signed = nil, s.head, s.signed
	g.wrong = g.finish()
	for _, index := range []int64{g.from, g.head.Size - 1} {
		if g.wrong != nil || index < g.from || index >= g.head.Size {
			return
		}
		leaf, _ := g.hash(tlog.StoredHashIndex(0, index))
		proof, err := g.proof(index)
		if err == nil {
			err = tlog.CheckInclusion(proof, g.head.Size, g.head.Root, index, leaf)
		}
		g.wrong = err
	}
}

// finish works out rest.
func (g *grown) finish() error {
	var rest tlog.Hash
	for level := 0; 1<<level < g.head.Size; level++ {
		g.rest = append(g.rest, rest)
		if g.head.Size>>level&1 == 0 {
			continue
		}
		h, err := g.hash(tlog.StoredHashIndex(level, g.head.Size>>level-1))
		if err != nil {
			return err
		}
		if g.head.Size&(1<<level-1) != 0 {
			h = tlog.Ancestor(rest, 1, []tlog.Hash{h})
		}
		rest = h
	}
	return nil
}

// proof is [tlog.Inclusion] of an entry of the batch, for which nothing is hashed: what
// is not stored of the tree, as it is not whole yet, is the same for all.
func (g *grown) proof(index int64) ([]tlog.Hash, error) {
	proof := make([]tlog.Hash, 0, len(g.rest))
	for level, rest := range g.rest {
		switch beside := index>>level ^ 1; {
		case (beside+1)<<level <= g.head.Size:
			h, err := g.hash(tlog.StoredHashIndex(level, beside))
			if err != nil {
				return nil, err
			}
			proof = append(proof, h)
		case beside<<level < g.head.Size:
			proof = append(proof, rest)
		}
	}
	return proof, nil
}

// receipt returns the receipt of an entry that was just entered, at the head with its
// batch.
func (e *stood) receipt(index int64) (Receipt, error) {
	g := e.tree
	proof, err := g.proof(index)
	if err = cmp.Or(g.wrong, err); err != nil {
		return Receipt{}, fmt.Errorf("%w: entry %d: %w", ErrDamaged, index, err)
	}
	return Receipt{Index: index, Logged: e.logged, Status: e.status, Leaf: e.leaf, Proof: proof, Checkpoint: g.signed, Fresh: true}, nil
}
