package tlog

import (
	"errors"
	"fmt"
	"testing"
)

// TestTileReader: hashes come from tiles only if they lead to the root, so that
// the root of every smaller size is that of the tree's own past.
func TestTileReader(t *testing.T) {
	var stored []Hash
	read := HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		out := make([]Hash, len(indexes))
		for i, n := range indexes {
			out[i] = stored[n]
		}
		return out, nil
	})
	const size = 70_000 // tiles of three levels
	for n := range int64(size) {
		hashes, err := StoredHashes(n, LeafHash(fmt.Append(nil, n)), read)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
	}
	root, err := TreeHash(size, read)
	if err != nil {
		t.Fatal(err)
	}
	fetched := 0
	fetch := func(p TilePath) ([]byte, error) {
		fetched++
		if !TileExists(p, size) {
			return nil, fmt.Errorf("no tile %s", p)
		}
		return ReadTile(p, read)
	}
	for _, past := range []int64{1, 255, 256, 257, 65_535, 65_536, 65_537, size - 1, size} {
		want, err := TreeHash(past, read)
		if err != nil {
			t.Fatal(err)
		}
		fetched = 0
		got, err := TreeHash(past, TileReader(size, root, fetch))
		if err != nil || got != want {
			t.Errorf("root of the first %d: got %v, %v, want %v", past, got, err, want)
		}
		if fetched > 8 {
			t.Errorf("root of the first %d: fetched %d tiles, want at most 8", past, fetched)
		}
	}

	// A tile of which one bit is another, in any place of it.
	for at := range 10 {
		lying := func(p TilePath) ([]byte, error) {
			b, err := fetch(p)
			if err == nil {
				b[at*len(b)/10] ^= 1
			}
			return b, err
		}
		if got, err := TreeHash(300, TileReader(size, root, lying)); !errors.Is(err, ErrProof) {
			t.Errorf("a tile changed at %d tenths: got %v, %v, want %v", at, got, err, ErrProof)
		}
	}
	cut := func(p TilePath) ([]byte, error) { b, err := fetch(p); return b[:len(b)-1], err }
	if _, err := TreeHash(300, TileReader(size, root, cut)); !errors.Is(err, ErrProof) {
		t.Errorf("a tile cut off: got %v, want %v", err, ErrProof)
	}
	gone := errors.New("gone")
	nothing := func(TilePath) ([]byte, error) { return nil, gone }
	if _, err := TreeHash(300, TileReader(size, root, nothing)); !errors.Is(err, gone) || errors.Is(err, ErrProof) {
		t.Errorf("no tiles: got %v, want %v", err, gone)
	}
}

// TestWith: a key of the same name and type, with another point.
func TestWith(t *testing.T) {
	a, err := NewLogSigner(origin, private(1))
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewLogSigner("other.example", private(2))
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Key().With(b.Key().Ed25519()); got.Name() != a.Key().Name() || string(got.Ed25519()) != string(b.Key().Ed25519()) {
		t.Errorf("got %v, want the name of %v and the key of %v", got, a.Key(), b.Key())
	}
	if again, err := ParseLogKey(a.Key().With(b.Key().Ed25519()).String()); err != nil || again != a.Key().With(b.Key().Ed25519()) {
		t.Errorf("got %v, %v, want the key read back", again, err)
	}
	raw := a.Key().Ed25519()
	raw[0] ^= 1
	if string(raw) == string(a.Key().Ed25519()) {
		t.Error("a caller can change the key")
	}
}
