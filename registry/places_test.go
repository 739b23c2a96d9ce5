package registry_test

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/sequencertest"
	"tegata/verify/status"
	"tegata/verify/tlog"
)

// wantPlaces closes a registry, and compares the places it takes for taken with those
// of its log.
func wantPlaces(t *testing.T, r *registry.Registry) {
	t.Helper()
	var want []int64
	for i := range r.Head().Size {
		receipt, err := r.Receipt(i)
		if err != nil {
			t.Fatal(err)
		}
		if receipt.Status != tlog.NoStatus {
			want = append(want, receipt.Status)
		}
	}
	slices.Sort(want)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if got := registry.PlacesTaken(r); len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("got %d places that are taken, want %d: %v, %v", len(got), len(want), got, want)
	}
}

// TestPlaces: after a start, too, a registry knows which places are taken.
func TestPlaces(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	appendAll(t, k.Registry, labels(t, k, 0, 50))
	wantPlaces(t, k.Registry)
	k.Reopen(t)
	appendAll(t, k.Registry, labels(t, k, 50, 1))
	wantPlaces(t, k.Registry)
	k.Reopen(t)
}

// TestPlacesOfTwo has two nodes draw places at once. What the other gave is taken, and
// what was drawn for a batch that came to nothing is free again.
func TestPlacesOfTwo(t *testing.T) {
	const writers, each = 8, 20
	order := sequencertest.NewMemory()
	n := sequencertest.New(t, func(testing.TB) sequencer.Sequencer { return order })
	nodes := []*registry.Registry{n.Kit.Registry, n.Join(t)}
	tokens := labels(t, n.Kit, 0, writers*each)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for _, token := range tokens[w*each : (w+1)*each] {
				for {
					if _, err := nodes[w%2].Append(t.Context(), token); err == nil {
						break
					} else if t.Context().Err() != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	all.Wait()
	n.Same(t)
	for _, r := range nodes {
		wantPlaces(t, r)
	}
}

// TestPlacesOfLists: a list has its own places and no others.
func TestPlacesOfLists(t *testing.T) {
	const size = status.ListSize
	filed, waiting := map[string]string{}, map[string]int64{}
	for _, place := range []int64{0, size - 1, size, size + 5, 2*size - 1, 2 * size} {
		filed[string(registry.Number(place))] = "entry"
	}
	for _, place := range []int64{7, size + 7} {
		waiting[string(registry.Number(place))] = 1
	}
	err := registry.ReadIndex(filepath.Join(t.TempDir(), "rows.db"), filed, waiting, func(i registry.Index) {
		got := registry.PlacesRead(i, 1, size-2, size-1, size, size+1, size+1, size+5, size+7, 2*size-2, 2*size-1, 2*size, 2*size+1, tlog.NoStatus)
		want := []bool{false, false, false, true, false, false, false, true, false, false, false, false}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
