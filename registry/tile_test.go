package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/tlog"
)

// appendAll enters tokens, many at once, so that they share transactions.
func appendAll(tb testing.TB, r *registry.Registry, tokens [][]byte) {
	tb.Helper()
	var all sync.WaitGroup
	for w := range 64 {
		all.Go(func() {
			for i := w; i < len(tokens); i += 64 {
				if _, err := r.Append(context.Background(), tokens[i]); err != nil {
					tb.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// labels makes tokens of labels with the codes from first on, each of a model
// and trade item of its own.
func labels(tb testing.TB, k *registrytest.Kit, first, n int64) [][]byte {
	tb.Helper()
	tokens := make([][]byte, n)
	for i := range n {
		tokens[i] = k.Say(tb, verify.LabelIssued, registrytest.Code(first+i), func(m map[string]any) {
			m["label"].(map[string]any)["product"].(map[string]any)["models"] = []any{
				map[string]any{"model": fmt.Sprint("M-", first+i), "gtins": []any{gtin(first + i)}},
			}
		})
	}
	return tokens
}

// gtin is the trade item number of 13 digits that begins with n.
func gtin(n int64) string {
	for check := range 10 {
		s := fmt.Sprintf("%012d%d", n, check)
		if _, err := verify.ParseGTIN(s); err == nil {
			return s
		}
	}
	panic("no check digit fits")
}

func TestTiles(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	appendAll(t, k.Registry, labels(t, k, 0, 600-k.Registry.Head().Size))
	head := k.Registry.Head()
	if head.Size != 600 {
		t.Fatalf("got a log of %d, want 600", head.Size)
	}
	tile := func(level int, index int64, width int) []byte {
		t.Helper()
		p := tlog.TilePath{Level: level, Index: index, Width: width}
		b, err := k.Registry.Tile(p)
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		return b
	}

	// The entries give the leaves, the leaves the root and the level above.
	var leaves []tlog.Hash
	for _, p := range []struct {
		index int64
		width int
	}{{0, 256}, {1, 256}, {2, 88}} {
		entries, err := tlog.ParseBundle(tile(tlog.EntriesLevel, p.index, p.width))
		if err != nil || len(entries) != p.width {
			t.Fatalf("bundle %d: %d entries, %v, want %d", p.index, len(entries), err, p.width)
		}
		var hashes []byte
		for _, e := range entries {
			h := tlog.LeafHash(e)
			leaves = append(leaves, h)
			hashes = append(hashes, h[:]...)
		}
		if got := tile(0, p.index, p.width); !bytes.Equal(got, hashes) {
			t.Errorf("tile %d is not that of its entries", p.index)
		}
		for width := 1; width <= p.width; width += 29 {
			if got := tile(0, p.index, width); !bytes.Equal(got, hashes[:32*width]) {
				t.Errorf("tile %d of width %d is not the beginning of the tile", p.index, width)
			}
			part, err := tlog.ParseBundle(tile(tlog.EntriesLevel, p.index, width))
			if err != nil || len(part) != width || !bytes.Equal(part[width-1], entries[width-1]) {
				t.Errorf("bundle %d of width %d is not the beginning of the bundle: %v", p.index, width, err)
			}
		}
	}
	if got := rootOf(t, leaves); !bytes.Equal(got, head.Root[:]) {
		t.Errorf("root over all leaves is %x, want %x", got, head.Root)
	}
	above := append(rootOf(t, leaves[:256]), rootOf(t, leaves[256:512])...)
	if got := tile(1, 0, 2); !bytes.Equal(got, above) {
		t.Errorf("tile of level 1 is %x, want %x", got, above)
	}
	if got := tile(1, 0, 1); !bytes.Equal(got, above[:32]) {
		t.Errorf("tile of level 1 and width 1 is %x, want %x", got, above[:32])
	}

	for _, p := range []tlog.TilePath{
		{Level: 0, Index: 2, Width: 89}, {Level: 0, Index: 2, Width: 256}, {Level: 0, Index: 3, Width: 1},
		{Level: 1, Index: 0, Width: 3}, {Level: 1, Index: 0, Width: 256}, {Level: 1, Index: 1, Width: 1},
		{Level: 2, Index: 0, Width: 1}, {Level: 63, Index: 0, Width: 1}, {Level: 64, Index: 0, Width: 1},
		{Level: tlog.EntriesLevel, Index: 2, Width: 89}, {Level: tlog.EntriesLevel, Index: 3, Width: 1},
		{Level: -2, Index: 0, Width: 1}, {Level: 0, Index: -1, Width: 1}, {Level: 0, Index: 0, Width: 0},
		{Level: 0, Index: 0, Width: 257}, {Level: 0, Index: 1 << 60, Width: 1}, {},
	} {
		if b, err := k.Registry.Tile(p); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("%v: got %d bytes, %v, want %v", p, len(b), err, registry.ErrNotFound)
		}
	}
	k.CheckLog(t)
}

// TestTilesOfSmallLogs reads every tile of every size: the first widths, and
// the last hash of a level.
func TestTilesOfSmallLogs(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	for n := k.Registry.Head().Size; n < 20; n++ {
		k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(n), nil))
		for width := 1; width <= int(n)+1; width++ {
			for _, level := range []int{0, tlog.EntriesLevel} {
				if _, err := k.Registry.Tile(tlog.TilePath{Level: level, Width: width}); err != nil {
					t.Errorf("width %d of level %d in a log of %d: %v", width, level, n+1, err)
				}
			}
		}
	}
}
