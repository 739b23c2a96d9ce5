package remote

import (
	"context"
	"errors"
	"fmt"

	"tegata/registry/sequencer"
	"tegata/verify/tlog"
)

// entries returns what follows size entries up to the newest head, a bundle's worth
// or several, each entry proved to be in its tree.
func (r *Remote) entries(ctx context.Context, size int64) (sequencer.Batch, error) {
	b, err := r.part(ctx, size, false)
	if found := (*sequencer.Fault)(nil); errors.As(err, &found) || errors.Is(err, errAbsent) {
		clear(r.tiles)
		b, err = r.part(ctx, size, true)
	}
	if errors.Is(err, errAbsent) {
		if r.behind++; r.behind >= patience {
			return b, fault(sequencer.Missing, size, "a checkpoint of %d entries is served, and not all of them: %v", r.newest.Size, err)
		}
		return b, err
	}
	if err == nil {
		r.behind = 0
	}
	return b, err
}

func (r *Remote) part(ctx context.Context, size int64, anew bool) (sequencer.Batch, error) {
	b := sequencer.Batch{First: size, Known: r.newest.Size}
	reader, bytes := r.reader(ctx, r.newest.Checkpoint, anew), 0
	var err error
	if size > 0 {
		b.Before, err = tlog.TreeHash(size, reader)
	}
	if err := r.proved(err, size); err != nil {
		return b, err
	}
	for b.Size() < r.newest.Size && len(b.Entries) < sequencer.EntriesMost && bytes < sequencer.BytesMost {
		at := b.Size()
		entries, err := r.bundle(ctx, at, anew)
		if err != nil {
			return b, err
		}
		indexes := make([]int64, len(entries))
		for i := range entries {
			indexes[i] = tlog.StoredHashIndex(0, at+int64(i))
		}
		leaves, err := reader.ReadHashes(indexes)
		if err := r.proved(err, size); err != nil {
			return b, err
		}
		for i, e := range entries {
			if tlog.LeafHash(e) != leaves[i] {
				return b, fault(sequencer.Altered, size, "entry %d: it is not the one in the tree of the checkpoint of %d entries", at+int64(i), r.newest.Size)
			}
			bytes += len(e)
		}
		b.Entries = append(b.Entries, entries...)
	}
	if b.Size() == r.newest.Size {
		b.Head = r.newest.signed
	}
	return b, nil
}

// bundle fetches the bundle that holds an entry, and returns that entry and those
// behind it. A log may have done away with a bundle that is not full once it is.
func (r *Remote) bundle(ctx context.Context, at int64, anew bool) ([][]byte, error) {
	p := tlog.TilePath{Level: tlog.EntriesLevel, Index: at / tlog.TileWidth}
	p.Width = int(min(tlog.TileWidth, r.newest.Size-p.Index*tlog.TileWidth))
	data, from, err := r.tile(ctx, p, anew)
	if err != nil {
		return nil, err
	}
	entries, err := tlog.ParseBundle(data)
	if err != nil {
		return nil, fault(sequencer.Malformed, at, "%s: %v", from, err)
	}
	if len(entries) != from.Width {
		return nil, fault(sequencer.Missing, at, "%s: %d entries, want %d", from, len(entries), from.Width)
	}
	return entries[at%tlog.TileWidth : p.Width], nil
}

// hashSize is the bytes of a hash.
const hashSize = len(tlog.Hash{})

// kept are tiles of hashes by their path, so that parts of one tree are proved
// without asking for the same again.
type kept map[tlog.TilePath][]byte

// keptMost bounds them: 8 KiB each.
const keptMost = 512

// reader reads stored hashes of the tree of a head, each proved to be in it.
func (r *Remote) reader(ctx context.Context, head tlog.Checkpoint, anew bool) tlog.HashReader {
	return tlog.TileReader(head.Size, head.Root, func(p tlog.TilePath) ([]byte, error) {
		if data, ok := r.tiles[p]; ok {
			return data, nil
		}
		data, from, err := r.tile(ctx, p, anew)
		if err != nil {
			return nil, err
		}
		if len(data) != from.Width*hashSize {
			return nil, fmt.Errorf("%w: %s: %d bytes, want %d", tlog.ErrProof, from, len(data), from.Width*hashSize)
		}
		if len(r.tiles) >= keptMost {
			clear(r.tiles)
		}
		r.tiles[p] = data[:p.Width*hashSize]
		return r.tiles[p], nil
	})
}

// proved says what an error of a reader of hashes is: a finding where the tiles do
// not lead to the root.
func (r *Remote) proved(err error, size int64) error {
	if errors.Is(err, tlog.ErrProof) {
		clear(r.tiles)
		return fault(sequencer.Altered, size, "the tiles of hashes do not lead to the root of the checkpoint: %v", err)
	}
	return err
}

// tile fetches a tile or bundle, or the full one where that of its width is not
// there, and says which.
func (r *Remote) tile(ctx context.Context, p tlog.TilePath, anew bool) ([]byte, tlog.TilePath, error) {
	most := int64(tlog.TileWidth * hashSize)
	if p.Level == tlog.EntriesLevel {
		most = tlog.TileWidth * (2 + tlog.MaxEntry)
	}
	answer, err := r.get(ctx, "/"+p.String(), asking{most: most, anew: anew})
	if errors.Is(err, errAbsent) && p.Width < tlog.TileWidth {
		full := tlog.TilePath{Level: p.Level, Index: p.Index, Width: tlog.TileWidth}
		if whole, again := r.get(ctx, "/"+full.String(), asking{most: most, anew: anew}); again == nil {
			return whole.body, full, nil
		}
	}
	return answer.body, p, err
}
