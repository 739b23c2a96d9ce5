package tlog

import (
	"fmt"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// TileReader returns a reader of the stored hashes of the tree with this size
// and root. It reads them from tiles of hashes, which fetch returns by their
// path, 32 bytes for each hash, and hands out none that does not lead to the
// root: whoever serves the tiles need not be believed. So the root of any smaller
// size, worked out with [TreeHash], is that of the tree's own past.
//
// Errors of the reader are those of fetch, or wrap [ErrProof].
func TileReader(size int64, root Hash, fetch func(TilePath) ([]byte, error)) HashReader {
	tiles := &tileSource{fetch: fetch}
	reader := sumdb.TileHashReader(sumdb.Tree{N: size, Hash: root}, tiles)
	return HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		tiles.failed = nil
		hashes, err := reader.ReadHashes(indexes)
		switch {
		case tiles.failed != nil:
			return nil, tiles.failed
		case err != nil:
			return nil, fmt.Errorf("%w: %w", ErrProof, err)
		}
		return hashes, nil
	})
}

// tileSource is a sumdb.TileReader.
type tileSource struct {
	fetch  func(TilePath) ([]byte, error)
	failed error // of fetch
}

func (s *tileSource) Height() int { return tileHeight }

func (s *tileSource) ReadTiles(tiles []sumdb.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		b, err := s.fetch(TilePath{Level: t.L, Index: t.N, Width: t.W})
		if err != nil {
			s.failed = err
			return nil, err
		}
		data[i] = b
	}
	return data, nil
}

func (s *tileSource) SaveTiles([]sumdb.Tile, [][]byte) {}
