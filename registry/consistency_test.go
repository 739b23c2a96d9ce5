package registry_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"tegata/registry"
	"tegata/registry/registrytest"
)

// TestConsistencyProofs has another implementation check the proof of every two
// sizes that the log had.
func TestConsistencyProofs(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	first := k.Registry.Head().Size
	roots := map[int64][]byte{}
	for _, token := range append([][]byte{nil}, labels(t, k, 0, 20)...) {
		if token != nil {
			k.Append(t, token)
		}
		h := k.Registry.Head()
		roots[h.Size] = h.Root[:]
	}
	size := k.Registry.Head().Size
	for old := first; old <= size; old++ {
		for n := old; n <= size; n++ {
			if root, err := k.Registry.Root(old); err != nil || string(root[:]) != string(roots[old]) {
				t.Errorf("of %d entries: got root %s, %v, want %x", old, root, err, roots[old])
			}
			hashes, err := k.Registry.Consistency(old, n)
			if err != nil {
				t.Fatalf("%d to %d: %v", old, n, err)
			}
			theirs := make([][]byte, len(hashes))
			for i := range hashes {
				theirs[i] = hashes[i][:]
			}
			if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(old), uint64(n), theirs, roots[old], roots[n]); err != nil {
				t.Errorf("%d to %d: %v", old, n, err)
			}
		}
	}
	if p, err := k.Registry.Consistency(0, size); err != nil || p == nil || len(p) != 0 {
		t.Errorf("from nothing: got %v, %v, want an empty proof", p, err)
	}
	for _, c := range [][2]int64{{-1, 3}, {4, 3}, {0, size + 1}, {size + 1, size + 1}, {3, 1 << 62}} {
		if root, err := k.Registry.Root(c[1]); c[1] > size && !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("of %d entries: got %s, %v, want %v", c[1], root, err, registry.ErrNotFound)
		}
		if p, err := k.Registry.Consistency(c[0], c[1]); !errors.Is(err, registry.ErrNotFound) || p != nil {
			t.Errorf("%v: got %v, %v, want %v", c, p, err, registry.ErrNotFound)
		}
	}
}

// TestConsistencyOfDamage changes each stored hash: a proof is the one that it
// was, or there is none.
func TestConsistencyOfDamage(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	appendAll(t, k.Registry, labels(t, k, 0, 9)) // opening reads what governs, these it does not
	all := func() map[string]string {
		out := map[string]string{}
		size := k.Registry.Head().Size
		for old := range size + 1 {
			for n := old; n <= size; n++ {
				p, err := k.Registry.Consistency(old, n)
				if err == nil {
					out[fmt.Sprint(old, " to ", n)] = fmt.Sprint(p)
				} else if !errors.Is(err, registry.ErrDamaged) {
					t.Errorf("%d to %d: got %v, want %v", old, n, err, registry.ErrDamaged)
				}
			}
		}
		return out
	}
	want := all()
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := registry.RawRows(k.Path)
	if err != nil {
		t.Fatal(err)
	}
	lost := 0
	for _, r := range rows {
		if r.Bucket != "hash" {
			continue
		}
		bad := slices.Clone(r.Value)
		bad[3] ^= 1
		if err := registry.EditFile(k.Path, registry.RawRow{Bucket: "hash", Key: r.Key, Value: bad}); err != nil {
			t.Fatal(err)
		}
		if reg, err := registry.Open(k.Path, k.Config); err == nil {
			k.Registry = reg
			got := all()
			for what, p := range got {
				if p != want[what] {
					t.Errorf("hash %x changed: %s: got %s, want %s or an error", r.Key, what, p, want[what])
				}
			}
			lost += len(want) - len(got)
			if err := reg.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := registry.EditFile(k.Path, r); err != nil {
			t.Fatal(err)
		}
	}
	if lost == 0 {
		t.Error("no proof was refused")
	}
}
