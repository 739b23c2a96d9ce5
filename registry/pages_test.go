package registry_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
)

// A largeFile is a file with branches, of which the test damages copies. It is
// opened as one that is too large to be followed whole first.
type largeFile struct {
	*registrytest.Kit
	path  string
	whole []byte
	pages []registry.Page
	size  int    // of a page
	token []byte // of a statement that may be entered
}

func newLargeFile(t *testing.T) *largeFile {
	t.Helper()
	k := registrytest.New(t)
	k.Begin(t)
	appendAll(t, k.Registry, labels(t, k, 0, 450))
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(1000), func(m map[string]any) { // of several pages
		var models []any
		for i := range 300 {
			models = append(models, map[string]any{"model": fmt.Sprint("LONG-", i)})
		}
		m["label"].(map[string]any)["product"].(map[string]any)["models"] = models
	}))
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(1001), nil))
	k.Reopen(t) // all rows are filed: entries whose rows wait would be read when it is opened
	f := &largeFile{Kit: k, path: filepath.Join(t.TempDir(), "copy.db"), token: k.Say(t, verify.LabelIssued, registrytest.Code(1002), nil)}
	if err := registry.CopyFile(k.Registry, f.path); err != nil {
		t.Fatal(err)
	}
	if err := registry.FreePages(f.path, 1600); err != nil { // their list flows over
		t.Fatal(err)
	}
	var err error
	if f.pages, f.size, err = registry.Pages(f.path); err != nil {
		t.Fatal(err)
	}
	if f.whole, err = os.ReadFile(f.path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(registry.FollowBranches())
	return f
}

// with writes a copy in which a page was changed.
func (f *largeFile) with(t *testing.T, page int, change func(page []byte)) {
	t.Helper()
	b := bytes.Clone(f.whole)
	change(b[page*f.size:])
	if err := os.WriteFile(f.path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// kind lists the pages of a kind.
func (f *largeFile) kind(t *testing.T, kind string) (pages []registry.Page) {
	t.Helper()
	for _, p := range f.pages {
		if p.Kind == kind {
			pages = append(pages, p)
		}
	}
	if len(pages) == 0 {
		t.Fatalf("there is no %s page", kind)
	}
	return pages
}

// refused checks that the file is not opened, and returns why.
func (f *largeFile) refused(t *testing.T, what string) error {
	t.Helper()
	r, err := registry.Open(f.path, f.Config)
	if !errors.Is(err, registry.ErrDamaged) {
		t.Errorf("%s: got %v, want %v", what, err, registry.ErrDamaged)
	}
	if err == nil {
		r.Close()
	}
	return err
}

var host = binary.NativeEndian

// Of a branch page, the elements begin at byte 16: where the key is (4 bytes), its
// length (4), and the page below (8).
func TestDamagedBranches(t *testing.T) {
	f := newLargeFile(t)
	tall := 0
	for _, p := range f.kind(t, "branch") {
		second := int(host.Uint64(f.whole[p.ID*f.size+32+8:]))
		if below := f.whole[second*f.size:]; host.Uint16(below[8:]) == 0x01 {
			tall++
			f.with(t, p.ID, func(b []byte) { copy(b[32+8:32+16], below[16+8:16+16]) })
			if err := f.refused(t, fmt.Sprintf("branch %d: one element leads lower than the others", p.ID)); err == nil || !strings.Contains(err.Error(), "above the leaves") {
				t.Errorf("branch %d: got %v, want that it is not level", p.ID, err)
			}
		}
		for what, change := range map[string]func(b []byte){
			"another id":        func(b []byte) { host.PutUint64(b, uint64(p.ID+1)) },
			"another kind":      func(b []byte) { host.PutUint16(b[8:], 0x02) },
			"no elements":       func(b []byte) { host.PutUint16(b[10:], 0) },
			"too many elements": func(b []byte) { host.PutUint16(b[10:], 0xffff) },
			"it flows over":     func(b []byte) { host.PutUint32(b[12:], 1) },
			"a key outside":     func(b []byte) { host.PutUint32(b[16:], 1<<20) },
			"leads to itself":   func(b []byte) { host.PutUint64(b[16+8:], uint64(p.ID)) },
			"leads out":         func(b []byte) { host.PutUint64(b[16+8:], 1<<40) },
			"leads to meta":     func(b []byte) { host.PutUint64(b[16+8:], 1) },
			"leads twice":       func(b []byte) { copy(b[32+8:32+16], b[16+8:16+16]) },
			"last leads twice":  func(b []byte) { last := 16 * host.Uint16(b[10:]); copy(b[last+8:last+16], b[16+8:16+16]) },
		} {
			f.with(t, p.ID, change)
			f.refused(t, fmt.Sprintf("branch %d: %s", p.ID, what))
		}
	}
	if tall == 0 {
		t.Error("no branch stands above branches")
	}
}

func TestDamagedFreeList(t *testing.T) {
	f := newLargeFile(t)
	list := f.kind(t, "freelist")[0]
	free := int(host.Uint16(f.whole[list.ID*f.size+10:]))
	if free < 3 {
		t.Fatalf("%d pages are free: too few for the test", free)
	}
	var used []int
	over := map[int]bool{}
	for _, p := range f.pages {
		if p.Kind == "branch" || p.Kind == "leaf" || p.Kind == "freelist" || p.Kind == "meta" {
			for n := range p.Over + 1 {
				used = append(used, p.ID+n)
				over[p.ID+n] = n > 0
			}
		}
	}
	if !slices.ContainsFunc(used, func(page int) bool { return over[page] }) {
		t.Fatal("no page flows over")
	}
	// The list as it would be with one page more, in its place.
	for i, page := range used {
		if i%11 > 0 && !over[page] {
			continue
		}
		f.with(t, list.ID, func(b []byte) {
			ids := make([]uint64, 0, free+1)
			for i := range free {
				id := host.Uint64(b[16+8*i:])
				if len(ids) == i && id > uint64(page) {
					ids = append(ids, uint64(page))
				}
				ids = append(ids, id)
			}
			if len(ids) == free {
				ids = append(ids, uint64(page))
			}
			host.PutUint16(b[10:], uint16(len(ids)))
			for i, id := range ids {
				host.PutUint64(b[16+8*i:], id)
			}
		})
		f.refused(t, fmt.Sprintf("page %d listed as free", page))
	}
	for what, change := range map[string]func(b []byte){
		"out of order": func(b []byte) { first := host.Uint64(b[16:]); copy(b[16:24], b[24:32]); host.PutUint64(b[24:], first) },
		"twice":        func(b []byte) { copy(b[16:24], b[24:32]) },
		"outside":      func(b []byte) { host.PutUint64(b[16+8*(free-1):], 1<<40) },
		"too many":     func(b []byte) { host.PutUint16(b[10:], 0xfff0) },
		"another kind": func(b []byte) { host.PutUint16(b[8:], 0x02) },
	} {
		f.with(t, list.ID, change)
		f.refused(t, what)
	}
}

// TestDamagedLeaves damages leaves, which are not all read before the file is
// opened: then nothing is written to it, and what is read is as it was or an error.
// Of a leaf page, the elements begin at byte 16: what it is (4 bytes), where the
// key is (4), its length (4), that of the value (4).
func TestDamagedLeaves(t *testing.T) {
	f := newLargeFile(t)
	opened := 0
	for i, p := range f.kind(t, "leaf") {
		for j, change := range []func(b []byte){
			func(b []byte) { host.PutUint64(b, uint64(p.ID+1)) },        // another id
			func(b []byte) { host.PutUint32(b[12:], uint32(p.Over+1)) }, // flows over
			func(b []byte) { host.PutUint32(b[16+12:], 1<<20) },         // an element outside
			func(b []byte) { host.PutUint32(b[16:], 1) },                // a bucket in it
			func(b []byte) { clear(b[:f.size]) },                        // nothing
		} {
			if (i+j)%5 > 0 && p.Over == 0 {
				continue
			}
			what := fmt.Sprintf("leaf %d, damage %d", p.ID, j)
			want := bytes.Clone(f.whole)
			if change(want[p.ID*f.size:]); bytes.Equal(want, f.whole) {
				continue // buckets are in the leaf of the root
			}
			f.with(t, p.ID, change)
			r, err := registry.Open(f.path, f.Config)
			if err != nil {
				if !errors.Is(err, registry.ErrDamaged) {
					t.Errorf("%s: got %v, want %v", what, err, registry.ErrDamaged)
				}
				continue
			}
			opened++
			if _, err := r.Append(context.Background(), f.token); !errors.Is(err, registry.ErrDamaged) {
				t.Errorf("%s: append: got %v, want %v", what, err, registry.ErrDamaged)
			}
			if err := r.Ready(context.Background()); !errors.Is(err, registry.ErrDamaged) {
				t.Errorf("%s: ready: got %v, want %v", what, err, registry.ErrDamaged)
			}
			for _, code := range []verify.Code{registrytest.Code(0), registrytest.Code(150), registrytest.Code(449), registrytest.Code(1000)} {
				got, err := r.Lookup(context.Background(), code)
				if err == nil && len(got.Entries) > 0 {
					compare(t, what, answers{"record": entryLines(lookup(t, f.Registry, code).Entries)}, answers{"record": entryLines(got.Entries)})
				} else if err != nil && !errors.Is(err, registry.ErrDamaged) {
					t.Errorf("%s: %s: got %v, want %v", what, code, err, registry.ErrDamaged)
				}
			}
			if err := r.Close(); err != nil {
				t.Errorf("%s: close: %v", what, err)
			}
			if now, err := os.ReadFile(f.path); err != nil || !bytes.Equal(now, want) {
				t.Errorf("%s: the file was written to, %v", what, err)
			}
		}
	}
	if leaves := len(f.kind(t, "leaf")); opened < leaves/2 {
		t.Errorf("%d files were opened, of %d leaves", opened, leaves)
	}
}

// TestLargeFileWithout opens a file without damage as a large one.
func TestLargeFileWithout(t *testing.T) {
	f := newLargeFile(t)
	f.with(t, 0, func([]byte) {})
	r, err := registry.Open(f.path, f.Config)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Append(context.Background(), f.token); err != nil {
		t.Error(err)
	}
	if err := r.Ready(context.Background()); err != nil {
		t.Error(err)
	}
}
