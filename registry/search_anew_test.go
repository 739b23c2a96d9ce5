package registry_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify/match"
)

// searchFile is where the search index of a kit is.
func searchFile(k *registrytest.Kit) string {
	return filepath.Join(filepath.Dir(k.Path), "registry-search.db")
}

// closed closes the kit's registry while f does something to its files.
func closed(t *testing.T, k *registrytest.Kit, f func()) {
	t.Helper()
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	f()
	k.Reopen(t)
}

// TestSearchMadeAnew: whatever becomes of the index, it is made again from the
// log, and finds the same.
func TestSearchMadeAnew(t *testing.T) {
	s := newShelf(t)
	for range 60 {
		s.grow(t)
	}
	s.Indexed(t)
	file := searchFile(s.Kit)
	var older []byte
	closed(t, s.Kit, func() { older = read(t, file) })
	for range 40 {
		s.grow(t)
	}
	s.Indexed(t)
	other := newShelf(t)
	for range 40 {
		other.grow(t)
	}
	other.Indexed(t)
	if err := other.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	edit := func(rows ...registry.RawRow) func() {
		return func() {
			if err := registry.EditFile(file, rows...); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		name string
		do   func()
	}{
		{"nothing", func() {}},
		{"gone", func() { remove(t, file) }},
		{"empty", func() { write(t, file, nil) }},
		{"not a file of ours", func() { write(t, file, []byte(strings.Repeat("what is this? ", 1000))) }},
		{"cut short", func() { b := read(t, file); write(t, file, b[:len(b)/2]) }},
		{"pages overwritten", func() {
			b := read(t, file)
			for i := range b[4*4096:] {
				b[4*4096+i] ^= 0x55
			}
			write(t, file, b)
		}},
		{"an older copy", func() { write(t, file, older) }},
		{"of another log", func() { write(t, file, read(t, searchFile(other.Kit))) }},
		{"another form", edit(registry.RawRow{Bucket: "about", Key: []byte("position"), Value: []byte{9}})},
	} {
		t.Run(test.name, func(t *testing.T) {
			closed(t, s.Kit, test.do)
			s.Indexed(t)
			for range 30 {
				q := s.ask()
				q.Holder, q.Category = "", ""
				if _, err := match.Words(q.Text); err != nil {
					continue
				}
				if got, want := find(t, s.Registry, q), s.scan(q); !slices.Equal(got, want) {
					t.Errorf("%+v: got %v, want %v", q, got, want)
				}
			}
			s.CheckLog(t)
		})
	}
}

// TestSearchLies: what the index says and the log does not is never told, is
// found by an audit, and is mended.
func TestSearchLies(t *testing.T) {
	s := newShelf(t)
	for range 30 {
		s.grow(t)
	}
	s.Indexed(t)
	file := searchFile(s.Kit)
	var rows []registry.RawRow
	closed(t, s.Kit, func() {
		var err error
		if rows, err = registry.RawRows(file); err != nil {
			t.Fatal(err)
		}
	})
	row := func(bucket string, change func(*registry.RawRow)) registry.RawRow {
		i := slices.IndexFunc(rows, func(r registry.RawRow) bool { return r.Bucket == bucket && len(r.Value) > 1 })
		r := rows[i]
		r.Key, r.Value = slices.Clone(r.Key), slices.Clone(r.Value)
		change(&r)
		return r
	}
	for _, test := range []struct {
		name  string
		row   registry.RawRow
		query bool // a look at every record finds it, not only an audit
	}{
		{"a text that was never said", row("text", func(r *registry.RawRow) { r.Value = append(r.Value, "p\x05gold!"...) }), true},
		{"another code", row("text", func(r *registry.RawRow) { copy(r.Value, registrytest.Code(99)) }), true},
		{"a text cut off", row("text", func(r *registry.RawRow) { r.Value = r.Value[:len(r.Value)-1] }), true},
		{"a text of no record", row("text", func(r *registry.RawRow) { r.Key = registry.Number(2) }), true},
		{"a text is missing", row("text", func(r *registry.RawRow) { r.Value = nil }), false},
		{"a row is missing", row("term", func(r *registry.RawRow) { r.Value = nil }), false},
		{"a row of nothing", row("term", func(r *registry.RawRow) { r.Key[5]++ }), false},
		{"a row of a later block", row("term", func(r *registry.RawRow) { r.Key[9]++ }), false},
		{"a row that is not one", row("term", func(r *registry.RawRow) { r.Value = []byte{0x80} }), false},
		{"a place is missing", row("term", func(r *registry.RawRow) { r.Value = r.Value[:1] }), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			lie := func() {
				closed(t, s.Kit, func() {
					if err := registry.EditFile(file, test.row); err != nil {
						t.Fatal(err)
					}
				})
			}
			lie()
			if test.query {
				_, err := searchOnceOpen(t, s.Registry, registry.SearchQuery{Limit: 100})
				if !errors.Is(err, registry.ErrDamaged) {
					t.Errorf("got %v, want %v", err, registry.ErrDamaged)
				}
				s.Indexed(t)
				if got, want := find(t, s.Registry, registry.SearchQuery{}), s.scan(registry.SearchQuery{}); !slices.Equal(got, want) {
					t.Errorf("made anew: got %v, want %v", got, want)
				}
				s.CheckLog(t)
				lie()
			}
			if _, err := searchOnceOpen(t, s.Registry, registry.SearchQuery{Text: "nothing at all"}); err != nil {
				t.Fatal(err)
			}
			report, err := s.Registry.Audit(context.Background(), nil)
			if err != nil || len(report.Faults) != 1 || report.Faults[0].Place != "search index" {
				t.Errorf("audit: got %v, %v, want one fault of the search index", report.Faults, err)
			}
			mended(t, s.Kit)
		})
	}
}

// searchOnceOpen searches when the index is open.
func searchOnceOpen(t *testing.T, r *registry.Registry, q registry.SearchQuery) (page registry.SearchPage, err error) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if page, err = r.Search(t.Context(), q); err != nil || page.Size > 0 {
			return page, err
		}
	}
	t.Fatal("the index does not open")
	return page, nil
}

// mended waits until an audit finds nothing.
func mended(t *testing.T, k *registrytest.Kit) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		report, err := k.Registry.Audit(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Faults) == 0 {
			k.Indexed(t)
			return
		}
		if time.Now().After(end) {
			t.Fatalf("still %v", report.Faults)
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, file string, b []byte) {
	t.Helper()
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

// TestSearchBehind: what the index has not come to yet is not found, is no
// damage, and how far it has come is said.
func TestSearchBehind(t *testing.T) {
	s := newShelf(t)
	for len(s.records) < 5 {
		s.grow(t)
	}
	s.Indexed(t)
	registry.StopSearch(s.Registry)
	before := s.Registry.Head().Size
	want := find(t, s.Registry, registry.SearchQuery{})
	old := s.records[0]
	s.amend(t, old)
	for n := len(s.records); len(s.records) == n; {
		s.grow(t)
	}
	if got := find(t, s.Registry, registry.SearchQuery{}); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	late := old.product[len(old.product)-1]
	for _, text := range []string{old.product[0], late} {
		if _, err := match.Words(text); err != nil {
			continue
		}
		page, err := s.Registry.Search(t.Context(), registry.SearchQuery{Text: text, Limit: 1})
		if err != nil || page.Size != before {
			t.Errorf("%q: got a size of %d, %v, want %d", text, page.Size, err, before)
		}
	}
	s.Reopen(t)
	s.Indexed(t)
	if got, want := find(t, s.Registry, registry.SearchQuery{}), s.scan(registry.SearchQuery{}); !slices.Equal(got, want) {
		t.Errorf("opened again: got %v, want %v", got, want)
	}
	s.CheckLog(t)
}

// TestSearchEnded: a registry that is closed searches no more.
func TestSearchEnded(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Registry.Search(t.Context(), registry.SearchQuery{Text: "カメ"}); !errors.Is(err, registry.ErrClosed) {
		t.Errorf("got %v, want %v", err, registry.ErrClosed)
	}
}
