package registry_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
)

// latestOf reads all pages, and returns the indexes of the entries.
func latestOf(t *testing.T, r *registry.Registry, q registry.LatestQuery) (indexes []int64) {
	t.Helper()
	for {
		entries, next, err := r.Latest(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) > q.Limit || next >= q.Before && q.Before > 0 {
			t.Fatalf("before %d: got %d entries and next %d", q.Before, len(entries), next)
		}
		for _, e := range entries {
			if n := len(indexes); n > 0 && e.Index >= indexes[n-1] {
				t.Fatalf("got entry %d after %d", e.Index, indexes[n-1])
			}
			indexes = append(indexes, e.Index)
		}
		if next == 0 {
			return indexes
		}
		q.Before = next
	}
}

// What was said last is all of it, page by page; of a code what the facts about it
// are, and what changes the trust in them.
func TestLatest(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	k := registrytest.New(t)
	k.Begin(t)
	h := registrytest.NewHistory(k, seed)
	for range 120 {
		_, err := k.Registry.Append(context.Background(), h.Next(t))
		var refusal *registry.Refusal
		if err != nil && !errors.As(err, &refusal) && !errors.Is(err, envelope.ErrKey) {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	head, g := k.Registry.Head().Size, k.Registry.Governance()
	var all, governing []int64
	for i := head - 1; i >= 0; i-- {
		all = append(all, i)
	}
	for _, e := range g.Entries() {
		if reach := g.Reach(e.Index); reach.All || len(reach.Keys) > 0 {
			governing = append(governing, e.Index)
		}
	}
	if got := latestOf(t, k.Registry, registry.LatestQuery{Limit: 7}); !slices.Equal(got, all) {
		t.Errorf("seed %d: got %v, want all %d", seed, got, head)
	}
	check := func(q registry.LatestQuery, want []int64) {
		t.Helper()
		q.Limit = 3
		if len(want) > 0 {
			want = append(want, governing...)
		}
		slices.Sort(want)
		want = slices.Compact(want)
		slices.Reverse(want)
		if got := latestOf(t, k.Registry, q); !slices.Equal(got, want) {
			t.Errorf("seed %d: %+v: got %v, want %v", seed, q, got, want)
		}
	}
	var labels []int64
	for _, code := range append(h.Labels(), h.Declarations()...) {
		var want []int64
		f := lookup(t, k.Registry, code)
		for _, entries := range slices.Concat([][]verify.Entry{f.Entries}, f.Basis, f.Related) {
			for _, e := range entries {
				want = append(want, e.Index)
			}
		}
		check(registry.LatestQuery{Code: code}, want)
		if slices.Contains(h.Labels(), code) {
			for _, e := range f.Entries {
				labels = append(labels, e.Index)
			}
		}
	}
	check(registry.LatestQuery{Holder: "AOBA networks  k.k."}, labels)
	check(registry.LatestQuery{Holder: "nobody"}, nil)
}
