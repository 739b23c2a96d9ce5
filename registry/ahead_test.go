package registry_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// TestAhead: a log whose signatures are looked at ahead, so many at a time, is
// entered as it is without that; and where one is of another entry it ends at the
// same, for the same reason.
func TestAhead(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	history := registrytest.NewHistory(k, uint64(time.Now().UnixNano()))
	for range 60 {
		k.Registry.Append(t.Context(), history.Next(t)) // some may not be entered
	}
	size := k.Registry.Head().Size
	b, err := k.Registry.Tile(tlog.TilePath{Level: tlog.EntriesLevel, Width: int(size)})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := tlog.ParseBundle(b)
	if err != nil {
		t.Fatal(err)
	}
	entered := func(entries [][]byte, ahead int) string {
		p := bundle.NewReplay()
		for i, raw := range entries {
			if ahead > 0 && i%ahead == 0 {
				p.Ahead(int64(i), entries[i:min(i+ahead, len(entries))])
			}
			if _, err := p.Enter(raw); err != nil {
				return fmt.Sprint(i, ": ", err)
			}
		}
		return fmt.Sprint(len(entries))
	}
	if got, want := entered(entries, 16), fmt.Sprint(size); got != want {
		t.Errorf("got %s, want all %s", got, want)
	}
	for i := 1; i < len(entries); i++ {
		altered := slices.Clone(entries)
		e, err := tlog.ParseEntry(entries[i])
		if err != nil {
			t.Fatal(err)
		}
		other, err := tlog.ParseEntry(entries[i-1])
		if err != nil {
			t.Fatal(err)
		}
		const signature = 86 // characters
		e.Token = e.Token[:len(e.Token)-signature] + other.Token[len(other.Token)-signature:]
		altered[i] = e.Marshal()
		got, want := entered(altered, 16), entered(altered, 0)
		if got != want || got != fmt.Sprint(i, ": ", "signature does not verify") {
			t.Errorf("entry %d: got %s, want %s", i, got, want)
		}
	}
}
