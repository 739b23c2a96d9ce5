package tlog

import (
	"bytes"
	"errors"
	"math"
	"testing"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

func TestParseTilePath(t *testing.T) {
	for path, want := range map[string]TilePath{
		"tile/0/000":                               {0, 0, 256},
		"tile/0/x001/x234/067":                     {0, 1234067, 256},
		"tile/0/x001/000":                          {0, 1000, 256},
		"tile/63/999.p/255":                        {63, 999, 255},
		"tile/entries/273.p/112":                   {EntriesLevel, 273, 112},
		"tile/entries/x001/x234/067":               {EntriesLevel, 1234067, 256},
		"tile/1/x009/x223/x372/x036/x854/x775/807": {1, math.MaxInt64, 256},
	} {
		got, err := ParseTilePath(path)
		if err != nil || got != want || want.String() != path {
			t.Errorf("%s: got %+v, %v, want %+v, printed %s", path, got, err, want, want)
		}
	}
	for _, path := range []string{
		"", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile/00/000", "tile/64/000", "tile/-1/000",
		"tile/+1/000", "tile/data/000", "tile/8/0/000", "tile/Entries/000", "tile//000", "tile/0/0", "tile/0/00", "tile/0/0000",
		"tile/0/x000/001", "tile/0/001/001", "tile/0/x001", "tile/0/x001/x001", "tile/0/x1/001", "tile/0/1000", "tile/0/-01",
		"tile/0/+01", "tile/0/x001//001", "tile/0/X001/001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
		"tile/0/000.p/", "tile/0/000.p", "tile/0/000.p/-1", "tile/0/000.p/1/", "tile/0/000.p/1.p/1", "tile/0/００0",
		"tile/1/x009/x223/x372/x036/x854/x775/808", "tile/0/000?x", "tile/0/000%2ep/1",
	} {
		if p, err := ParseTilePath(path); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: got %+v, %v, want ErrMalformed", path, p, err)
		}
	}
}

// The example of c2sp.org/tlog-tiles: a tree of 70,000.
func TestTileExists(t *testing.T) {
	for _, c := range []struct {
		path string
		size int64
		want bool
	}{
		{"tile/0/272", 70_000, true},
		{"tile/0/273", 70_000, false},
		{"tile/0/273.p/112", 70_000, true},
		{"tile/0/273.p/113", 70_000, false},
		{"tile/0/274.p/1", 70_000, false},
		{"tile/1/000", 70_000, true},
		{"tile/1/001.p/17", 70_000, true},
		{"tile/1/001.p/18", 70_000, false},
		{"tile/2/000.p/1", 70_000, true},
		{"tile/2/000.p/2", 70_000, false},
		{"tile/3/000.p/1", 70_000, false},
		{"tile/entries/273.p/112", 70_000, true},
		{"tile/entries/273.p/113", 70_000, false},
		{"tile/0/273.p/1", 70_000, true},   // of the tree of 69,889
		{"tile/0/272.p/200", 70_000, true}, // of the tree of 69,832, though full by now
		{"tile/0/000", 256, true},
		{"tile/1/000.p/1", 256, true},
		{"tile/0/001.p/1", 256, false},
		{"tile/0/000.p/255", 255, true},
		{"tile/0/000", 255, false},
		{"tile/1/000.p/1", 255, false},
		{"tile/0/000.p/1", 0, false},
		{"tile/entries/000.p/1", 0, false},
		{"tile/63/000.p/1", MaxSize, false},
		{"tile/7/000.p/1", MaxSize, true},
		{"tile/6/000", MaxSize, true},
		{"tile/1/x009/x223/x372/x036/x854/x775/807", MaxSize, false},
	} {
		p, err := ParseTilePath(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if got := TileExists(p, c.size); got != c.want {
			t.Errorf("%s in a tree of %d: got %v, want %v", c.path, c.size, got, c.want)
		}
	}
	for _, p := range []TilePath{{-2, 0, 1}, {0, -1, 1}, {0, 0, 0}, {0, 0, -1}, {0, 0, 257}} {
		if TileExists(p, 70_000) {
			t.Errorf("%+v: got true, want false", p)
		}
	}
}

// Every tile that a log must publish as it grows exists, and holds the hashes
// of the tree, by the library that other logs use; the widest of its place is
// the widest that exists.
func TestReadTile(t *testing.T) {
	entries := numbered(66_000)
	ours, _ := trees(t, entries)
	for _, size := range []int64{1, 255, 256, 257, 65_535, 65_536, 66_000} {
		for _, tile := range sumdb.NewTiles(8, 0, size) {
			p := TilePath{tile.L, tile.N, tile.W}
			if !TileExists(p, size) {
				t.Fatalf("%s in a tree of %d: got false, want true", p, size)
			}
			b, err := ReadTile(p, ours)
			if err != nil || len(b) != tile.W*32 {
				t.Fatalf("%s: got %d bytes, %v, want %d", p, len(b), err, tile.W*32)
			}
			last := StoredHashIndex(8*tile.L, tile.N*256+int64(tile.W)-1)
			if h := ours[last]; !bytes.Equal(b[len(b)-32:], h[:]) {
				t.Errorf("%s ends in %x, want %x", p, b[len(b)-32:], h)
			}
			if p.Width++; p.Width <= TileWidth && TileExists(p, size) {
				t.Errorf("%s in a tree of %d: got true, want false", p, size)
			}
		}
	}
	for _, p := range []TilePath{{EntriesLevel, 0, 1}, {EntriesLevel, 1, 1}, {0, 0, 0}, {0, -1, 1}, {9, 0, 1}, {0, 1 << 60, 1}, {0, 1000, 1}} {
		if b, err := ReadTile(p, ours); err == nil {
			t.Errorf("%s: got %d bytes, want an error", p, len(b))
		}
	}
}

func FuzzParseTilePath(f *testing.F) {
	for _, s := range []string{"tile/0/x001/x234/067", "tile/entries/273.p/112", "tile/63/000.p/1"} {
		f.Add(s, int64(70_000))
	}
	f.Fuzz(func(t *testing.T, path string, size int64) {
		p, err := ParseTilePath(path)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("got %v, want ErrMalformed", err)
			}
			return
		}
		if p.String() != path {
			t.Errorf("got %s, want %s", p, path)
		}
		if TileExists(p, size) && size < math.MaxInt64 && !TileExists(p, size+1) {
			t.Errorf("%s is in a tree of %d and not in the next", p, size)
		}
	})
}
