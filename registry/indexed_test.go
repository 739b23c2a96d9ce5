package registry_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tegata/registry"
)

// TestIndexed reads indexes some rows of which wait, as one would read a map of all rows.
func TestIndexed(t *testing.T) {
	folder, files := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringMatching(`[a-c]{1,3}`)
		some := rapid.MapOf(key, rapid.Int64Range(0, 99))
		filed, waiting := map[string]string{}, some.Draw(t, "waiting")
		for k, entry := range some.Draw(t, "filed") {
			if waits, both := waiting[k]; both {
				entry = waits // a row that is being filed
			}
			filed[k] = string(registry.Number(entry))
		}
		all := maps.Clone(filed)
		for k, entry := range waiting {
			all[k] = string(registry.Number(entry))
		}
		keys := slices.Sorted(maps.Keys(all))
		from := rapid.StringMatching(`[a-c]{0,3}`).Draw(t, "from")
		limit := key.Draw(t, "limit")
		files++
		err := registry.ReadIndex(filepath.Join(folder, fmt.Sprint(files)), filed, waiting, func(i registry.Index) {
			c := i.Cursor()
			var got []string
			for k, v := c.Seek([]byte(from)); k != nil; k, v = c.Next() {
				if string(v) != all[string(k)] {
					t.Errorf("row %s has %q, want %q", k, v, all[string(k)])
				}
				got = append(got, string(k))
			}
			at, _ := slices.BinarySearch(keys, from)
			if !slices.Equal(got, keys[at:]) {
				t.Errorf("from %q: got %q, want %q", from, got, keys[at:])
			}
			for _, k := range append(keys, from, "d") {
				want, there := all[k]
				if v := i.Get([]byte(k)); string(v) != want || there != (v != nil) {
					t.Errorf("get %q: got %q, %v, want %q", k, v, v != nil, want)
				}
			}
			last := registry.LastOf(i, func(k, v []byte) bool { return string(k) < limit })
			if at, _ := slices.BinarySearch(keys, limit); at == 0 && last != nil || at > 0 && string(last) != keys[at-1] {
				t.Errorf("last before %q: got %q of %q", limit, last, keys)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
