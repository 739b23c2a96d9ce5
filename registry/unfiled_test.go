package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
)

// TestUnfiled tells random histories to a registry that files few rows at a time. What
// it answers from the rows that wait is what it answers once it was opened again, as a
// crash leaves it and as closing does.
func TestUnfiled(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	waited, filed := false, false
	for n := range uint64(4) {
		t.Cleanup(registry.FileRows(int(n), 30)) // when the registry is closed
		k := registrytest.New(t)
		k.Begin(t)
		h := registrytest.NewHistory(k, seed+n)
		codes := append(h.Labels(), h.Declarations()...)
		had := 0
		for i := range 150 {
			_, err := k.Registry.Append(context.Background(), h.Next(t))
			var refusal *registry.Refusal
			if err != nil && !errors.As(err, &refusal) && !errors.Is(err, envelope.ErrKey) {
				t.Fatalf("seed %d: %v", seed+n, err)
			}
			waits := registry.Unfiled(k.Registry)
			waited, filed, had = waited || waits > 0, filed || waits < had, waits
			if i%30 != 29 {
				continue
			}
			path := filepath.Join(t.TempDir(), "crashed.db")
			if err := registry.CopyFile(k.Registry, path); err != nil {
				t.Fatal(err)
			}
			crashed, err := registry.Open(path, k.Config)
			if err != nil {
				t.Fatalf("seed %d: %v", seed+n, err)
			}
			if d := cmp.Diff(found(t, k.Registry, codes), found(t, crashed, codes)); d != "" {
				t.Errorf("seed %d: after %d statements (-running +crashed):\n%s", seed+n, i+1, d)
			}
			if err := crashed.Close(); err != nil {
				t.Error(err)
			}
		}
		k.CheckLog(t)
		before := found(t, k.Registry, codes)
		k.Reopen(t)
		if d := cmp.Diff(before, found(t, k.Registry, codes)); d != "" {
			t.Errorf("seed %d (-running +closed):\n%s", seed+n, d)
		}
		k.CheckLog(t)
		if waits := registry.Unfiled(k.Registry); waits > 0 {
			t.Errorf("seed %d: %d rows wait in a file that was closed", seed+n, waits)
		}
		k.Registry.Close()
		rows, err := registry.RawRows(k.Path)
		if err != nil || slices.ContainsFunc(rows, func(r registry.RawRow) bool { return string(r.Key) == "filed" }) {
			t.Errorf("seed %d: the closed file says that rows wait, %v", seed+n, err)
		}
	}
	if !waited || !filed {
		t.Errorf("seed %d: rows waited: %v, and were filed: %v", seed, waited, filed)
	}
}

// TestUnfiledAgain issues a label again after the key that issued it was found compromised:
// what both say still points at the first of them in a file that a crash left behind.
func TestUnfiledAgain(t *testing.T) {
	t.Cleanup(registry.FileRows(0, 1000))
	k := registrytest.New(t)
	k.Begin(t)
	label := registrytest.Code(1)
	k.Append(t, k.Seal(t, "ipa", k.Make(t, verify.KeyAdded, "", func(m map[string]any) { m["from"] = m["made"] })))
	k.Append(t, k.Seal(t, "ipa+", k.Make(t, verify.LabelIssued, label, nil)))
	first := k.Registry.Head().Size
	k.Reopen(t) // its rows are filed
	k.Clock.Set(k.Clock.Now().Add(time.Hour))
	k.Append(t, k.Say(t, verify.KeyRetiredKind, "", func(m map[string]any) { m["from"] = "2026-06-01T12:00:00Z" }))
	k.Append(t, k.Say(t, verify.LabelIssued, label, nil))
	path := filepath.Join(t.TempDir(), "crashed.db")
	if err := registry.CopyFile(k.Registry, path); err != nil {
		t.Fatal(err)
	}
	crashed, err := registry.Open(path, k.Config)
	if err != nil {
		t.Fatal(err)
	}
	defer crashed.Close()
	codes, err := crashed.Find(context.Background(), registry.Query{Number: "N-" + string(label), Known: first})
	if err != nil || !slices.Equal(codes, []verify.Code{label}) {
		t.Errorf("found %v, %v, want the label as of %d", codes, err, first)
	}
	report, err := crashed.Audit(context.Background(), nil)
	if err != nil || len(report.Faults) > 0 {
		t.Errorf("audit: %v, %v", report.Faults, err)
	}
}

// TestUnfiledLost enters a statement in a transaction that is durable and says it was not:
// rows that wait since before are not filed as if they were all, neither at once nor when
// the registry is closed.
func TestUnfiledLost(t *testing.T) {
	t.Cleanup(registry.FileRows(1, 1000))
	k := registrytest.New(t)
	k.Begin(t)
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(1), nil))
	label := registrytest.Code(2)
	if err := registry.AppendLost(k.Registry, k.Say(t, verify.LabelIssued, label, nil)); !errors.Is(err, registry.ErrDamaged) {
		t.Fatalf("got %v, want %v", err, registry.ErrDamaged)
	}
	k.Reopen(t)
	codes, err := k.Registry.Find(context.Background(), registry.Query{Number: "N-" + string(label)})
	if f := lookup(t, k.Registry, label); len(f.Entries) != 1 || err != nil || !slices.Equal(codes, []verify.Code{label}) {
		t.Errorf("looked up %d entries, found %v, %v, want the label", len(f.Entries), codes, err)
	}
	k.CheckLog(t)
}

// TestUnfiledDamaged changes what a crash left behind: an entry whose rows wait, and of how
// many entries they do not.
func TestUnfiledDamaged(t *testing.T) {
	t.Cleanup(registry.FileRows(0, 1000))
	k := registrytest.New(t)
	k.Begin(t)
	k.Reopen(t) // what governs the log is filed
	label := registrytest.Code(1)
	k.Append(t, k.Say(t, verify.LabelIssued, label, nil))
	k.Append(t, k.Say(t, verify.LabelStatus, label, nil))
	said := k.Registry.Head().Size - 1
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(2), nil))
	path := filepath.Join(t.TempDir(), "crashed.db")
	for name, change := range map[string]func(registry.RawRow) (registry.RawRow, bool){
		"an entry": func(r registry.RawRow) (registry.RawRow, bool) {
			if r.Bucket != "entry" || !bytes.Equal(r.Key, registry.Number(said)) {
				return r, false
			}
			r.Value[bytes.IndexByte(r.Value, '\n')+13] ^= 1 // the last digit of when it was logged
			return r, true
		},
		"more entries than there are": func(r registry.RawRow) (registry.RawRow, bool) {
			r.Value = registry.Number(said + 100)
			return r, string(r.Key) == "filed"
		},
		"no number": func(r registry.RawRow) (registry.RawRow, bool) {
			r.Value = []byte("many")
			return r, string(r.Key) == "filed"
		},
	} {
		if err := registry.CopyFile(k.Registry, path); err != nil {
			t.Fatal(err)
		}
		rows, err := registry.RawRows(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if len(r.Value) == 0 {
				continue
			}
			if r, ok := change(r); ok {
				if err := registry.EditFile(path, r); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := registry.Open(path, k.Config); !errors.Is(err, registry.ErrDamaged) {
			t.Errorf("%s: got %v, want %v", name, err, registry.ErrDamaged)
		}
	}
}

// found is all that is found by an index.
func found(t *testing.T, r *registry.Registry, codes []verify.Code) answers {
	t.Helper()
	ctx := context.Background()
	size := r.Head().Size
	a := ask(r, codes, size)
	put := func(err error, question string, answer any) {
		if err != nil {
			t.Errorf("%s: %v", question, err)
		}
		a[question] = []string{fmt.Sprintf("%+v", answer)}
	}
	all, err := r.Codes(ctx, "", 1000)
	put(err, "codes", all)
	lists, err := r.StatusLists()
	put(err, "status lists", lists)
	for i := range lists {
		list, err := r.StatusList(ctx, i, r.Now())
		list.Issued, list.Expires = time.Time{}, time.Time{}
		put(err, fmt.Sprint("status list ", i), list)
	}
	for _, code := range codes {
		entries, _, err := r.Latest(ctx, registry.LatestQuery{Limit: 100, Code: code})
		put(err, "latest of "+string(code), entryLines(entries))
		page, err := r.Changes(ctx, registry.ChangesQuery{Code: code, Limit: 100})
		put(err, "changes of "+string(code), page.Changes)
	}
	return a
}

// TestUnfiledMost enters many labels: not many more rows wait than may, round after
// round is filed, and each label is found, wherever its rows are.
func TestUnfiledMost(t *testing.T) {
	const most, labels = 200, 300
	t.Cleanup(registry.FileRows(1, most))
	k := registrytest.New(t)
	k.Begin(t)
	waited := 0
	for i := range int64(labels) {
		k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(i), nil))
		waited = max(waited, registry.Unfiled(k.Registry))
	}
	if waited < most/2 || waited > most+20 {
		t.Errorf("%d rows waited at the most, want about %d", waited, most)
	}
	var want []verify.Code
	for i := range int64(labels) {
		code := registrytest.Code(i)
		codes, err := k.Registry.Find(context.Background(), registry.Query{Number: "N-" + string(code)})
		if err != nil || !slices.Equal(codes, []verify.Code{code}) {
			t.Errorf("%s is found as %v, %v", code, codes, err)
		}
		want = append(want, code)
	}
	slices.Sort(want)
	var codes []verify.Code
	for from := verify.Code(""); ; from = codes[len(codes)-1] + "0" {
		some, err := k.Registry.Codes(context.Background(), from, 7)
		if err != nil {
			t.Fatal(err)
		}
		if codes = append(codes, some...); len(some) == 0 {
			break
		}
	}
	if !slices.Equal(codes, want) {
		t.Errorf("%d codes, want %d in their order", len(codes), labels)
	}
	k.CheckLog(t)
}

// TestUnfiledFew enters a label of many rows and then such of few: the first files none,
// and each of the others its own and some of those that wait.
func TestUnfiledFew(t *testing.T) {
	const least = 20
	t.Cleanup(registry.FileRows(least, 1000))
	k := registrytest.New(t)
	k.Begin(t)
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(0), func(m map[string]any) {
		var models []any
		for i := range 50 {
			models = append(models, map[string]any{"model": fmt.Sprint("MANY-", i)})
		}
		m["label"].(map[string]any)["product"].(map[string]any)["models"] = models
	}))
	waits := registry.Unfiled(k.Registry)
	if waits < 50 {
		t.Fatalf("%d rows wait after a label of more", waits)
	}
	for i := int64(1); waits > 0; i++ {
		k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(i), nil))
		now := registry.Unfiled(k.Registry)
		if added := now - waits + least; now > 0 && (added < 5 || added >= least) {
			t.Errorf("label %d: %d rows waited and %d do, want fewer by less than %d", i, waits, now, least)
		}
		if waits = now; i > 50 {
			t.Fatalf("%d rows wait for good", waits)
		}
	}
	k.CheckLog(t)
}
