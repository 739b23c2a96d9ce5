package tlog

import (
	"fmt"
	"strconv"
	"strings"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

const (
	// TileWidth is the number of hashes in a full tile, and of entries in a full
	// bundle: a tile stands for eight levels of the tree (c2sp.org/tlog-tiles).
	TileWidth = 1 << tileHeight
	// EntriesLevel is the Level of a bundle of entries.
	EntriesLevel = -1

	tileHeight = 8
)

// A TilePath names a tile or a bundle of entries: at most 256 of them, the first
// being hash (or entry) 256·Index of its level.
type TilePath struct {
	Level int   // EntriesLevel, 0 for leaf hashes, up to 63; a hash of level L stands for 256^L entries
	Index int64 // of the tile within its level
	Width int   // 1 to 256; fewer than 256 is a partial tile
}

// String returns the path, without a slash in front: tile/0/x001/x234/067.p/8.
func (p TilePath) String() string {
	level := "entries"
	if p.Level != EntriesLevel {
		level = strconv.Itoa(p.Level)
	}
	index := fmt.Sprintf("%03d", p.Index%1000)
	for n := p.Index / 1000; n > 0; n /= 1000 {
		index = fmt.Sprintf("x%03d/%s", n%1000, index)
	}
	path := "tile/" + level + "/" + index
	if p.Width != TileWidth {
		path += ".p/" + strconv.Itoa(p.Width)
	}
	return path
}

// ParseTilePath reads a path as [TilePath.String] writes it, in that spelling
// only.
func ParseTilePath(path string) (TilePath, error) {
	p, ok := parseTilePath(path)
	if !ok || p.String() != path {
		return TilePath{}, fmt.Errorf("%w tile path %q", ErrMalformed, path)
	}
	return p, nil
}

// parseTilePath is lax about the digits of the index: printing them again shows
// whether they stand as they should.
func parseTilePath(path string) (TilePath, bool) {
	rest, ok := strings.CutPrefix(path, "tile/")
	level, rest, deep := strings.Cut(rest, "/")
	digits, width, partial := strings.Cut(rest, ".p/")
	if !ok || !deep {
		return TilePath{}, false
	}
	p := TilePath{Level: EntriesLevel, Width: TileWidth}
	if level != "entries" {
		n, ok := parseNumber(level)
		if !ok || n > 63 {
			return TilePath{}, false
		}
		p.Level = int(n)
	}
	if partial {
		n, ok := parseNumber(width)
		if !ok || n < 1 || n >= TileWidth {
			return TilePath{}, false
		}
		p.Width = int(n)
	}
	index, err := strconv.ParseInt(indexDigits.Replace(digits), 10, 64)
	p.Index = index
	return p, err == nil && index >= 0
}

var indexDigits = strings.NewReplacer("x", "", "/", "")

// TileExists reports whether a log of size entries has this tile or bundle. A
// full one exists once all of it does. A partial one exists, at every width up
// to what there is, since a log must serve those of every size it ever signed
// and may keep them beside the full one: a reader who holds the checkpoint of a
// minute ago finds its tiles, however the log has grown.
func TileExists(p TilePath, size int64) bool {
	if p.Level < EntriesLevel || p.Index < 0 || p.Width < 1 || p.Width > TileWidth || size < 0 {
		return false
	}
	hashes := size >> (tileHeight * max(p.Level, 0)) // at that level
	full := hashes / TileWidth
	return p.Index < full || p.Index == full && int64(p.Width) <= hashes%TileWidth
}

// ReadTile returns the bytes of a tile of hashes, 32 each, from stored ones. It
// asks r once, for all of them. Whether the tile exists is for the caller to
// know; of a bundle of entries there are no hashes.
func ReadTile(p TilePath, r HashReader) ([]byte, error) {
	if p.Level < 0 || !TileExists(p, MaxSize) {
		return nil, fmt.Errorf("no tree has hashes for %s", p)
	}
	return sumdb.ReadTileData(sumdb.Tile{H: tileHeight, L: p.Level, N: p.Index, W: p.Width}, r)
}
