package registry

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tegata/verify/tlog"
)

// Tile returns the bytes of a tile of hashes or of a bundle of entries
// (c2sp.org/tlog-tiles), each checked to be in the tree of the signed head. What
// it returns for a path never changes. The error is [ErrNotFound] where the log
// is not so large.
func (r *Registry) Tile(p tlog.TilePath) (data []byte, err error) {
	s := r.state.Load()
	if !tlog.TileExists(p, s.head.Size) {
		return nil, fmt.Errorf("%s: %w", p, ErrNotFound)
	}
	err = view(r.db, func(tx *bolt.Tx) (err error) {
		tile := make([]tlog.Hash, p.Width)
		if p.Level == tlog.EntriesLevel {
			entries := make([][]byte, p.Width)
			for i := range entries {
				if entries[i], err = rawEntry(tx, p.Index*tlog.TileWidth+int64(i)); err != nil {
					return err
				}
				tile[i] = tlog.LeafHash(entries[i])
			}
			data = tlog.MarshalBundle(entries)
		} else {
			if data, err = tlog.ReadTile(p, hashes(tx)); err != nil {
				return err
			}
			for i := range tile {
				copy(tile[i][:], data[i*len(tile[i]):])
			}
		}
		return checkTile(p, tile, s.head, hashes(tx))
	})
	if err != nil {
		return nil, err
	}
	return data, nil
}

// checkTile checks that the tree of the head has these hashes where the tile
// says. A hash of level L stands for 256^L entries: the tree above them is one
// of its own, whose leaves they are, and a proof of the first entry of a hash is,
// from the hash upwards, one of the hash.
func checkTile(p tlog.TilePath, tile []tlog.Hash, head tlog.Checkpoint, r tlog.HashReader) error {
	height := 8 * max(p.Level, 0)
	size := (head.Size-1)>>height + 1
	r = remember(r)
	for i, h := range tile {
		index := p.Index*tlog.TileWidth + int64(i)
		proof, err := tlog.Inclusion(head.Size, index<<height, r)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrDamaged, p, err)
		}
		if err := tlog.CheckInclusion(proof[height:], size, head.Root, index, h); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrDamaged, p, err)
		}
	}
	return nil
}

// remember returns a reader that asks r for each hash once: proofs of
// neighbours have most of theirs in common.
func remember(r tlog.HashReader) tlog.HashReader {
	have := map[int64]tlog.Hash{}
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, n := range indexes {
			h, ok := have[n]
			if !ok {
				read, err := r.ReadHashes([]int64{n})
				if err != nil {
					return nil, err
				}
				h, have[n] = read[0], read[0]
			}
			out[i] = h
		}
		return out, nil
	})
}
