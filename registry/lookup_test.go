package registry_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
)

// Codes of the story.
const (
	router      verify.Code = "7K3MQ2ZT9XWE" // own procedure
	declaration verify.Code = "4HD8RVN1C5PE"
	camera      verify.Code = "2WQ6TJX0M3KW" // simplified, rests on the declaration
	router200   verify.Code = "000000000012" // third party
)

func TestLookup(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Time{})
	for _, c := range []struct {
		code                   verify.Code
		entries, basis, others int
	}{
		{router, 9, 0, 0},
		{declaration, 5, 0, 0},
		{camera, 1, 5, 0}, // the declaration of the same trade item is its basis: once is enough
		{router200, 1, 0, 0},
		{registrytest.Code(77), 0, 0, 0},
		{"", 0, 0, 0},
		{"7K3M", 0, 0, 0},
	} {
		f := lookup(t, k.Registry, c.code)
		if f.Code != c.code || len(f.Entries) != c.entries || len(slices.Concat(f.Basis...)) != c.basis || len(f.Related) != c.others {
			t.Errorf("%s: got %d entries, %d of the basis, %d related, want %d, %d, %d",
				c.code, len(f.Entries), len(slices.Concat(f.Basis...)), len(f.Related), c.entries, c.basis, c.others)
		}
		if f.Log != k.Registry.Head() {
			t.Errorf("%s: the facts are of %v, want %v", c.code, f.Log, k.Registry.Head())
		}
		if v := verify.Judge(f, verify.Question{}); (v.Validity.Status == verify.StatusUnknown) != (c.entries == 0) {
			t.Errorf("%s: got %s with %d entries", c.code, v.Validity.Status, c.entries)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := k.Registry.Lookup(ctx, router); !errors.Is(err, context.Canceled) {
		t.Errorf("asked by nobody any more: got %v, want %v", err, context.Canceled)
	}
	if _, err := k.Registry.Find(ctx, registry.Query{Model: "WX-100"}); !errors.Is(err, context.Canceled) {
		t.Errorf("asked by nobody any more: got %v, want %v", err, context.Canceled)
	}
}

func TestFind(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Time{})
	for _, c := range []struct {
		name  string
		query registry.Query
		want  []verify.Code
	}{
		{"number", registry.Query{Number: "DEMO-2026-000123"}, []verify.Code{router}},
		{"number in small letters", registry.Query{Number: " demo-2026-000123 "}, []verify.Code{router}},
		{"number in full width", registry.Query{Number: "ＤＥＭＯ－２０２６－０００１２３"}, []verify.Code{router}},
		{"number of its scheme", registry.Query{Number: "DEMO-2026-000456", Scheme: verify.JCSTAR}, []verify.Code{camera}},
		{"number of another scheme", registry.Query{Number: "DEMO-2026-000456", Scheme: verify.PSTI}, nil},
		{"number not given", registry.Query{Number: "DEMO-2026-000124"}, nil},
		{"beginning of a number", registry.Query{Number: "DEMO-2026"}, nil},
		{"model", registry.Query{Model: "WX-100"}, []verify.Code{router}},
		{"model without hyphen", registry.Query{Model: "wx 100n"}, []verify.Code{router}},
		{"model in full width", registry.Query{Model: "ＷＸ－２００"}, []verify.Code{router200}},
		{"model of two records", registry.Query{Model: "TC-2"}, []verify.Code{camera, declaration}},
		{"beginning of a model", registry.Query{Model: "WX"}, nil},
		{"trade item", registry.Query{GTIN: "04912345678904"}, []verify.Code{router}},
		{"trade item of two records", registry.Query{GTIN: "05012345678900"}, []verify.Code{camera, declaration}},
		{"trade item not listed", registry.Query{GTIN: "04912345678928"}, nil},
		{"holder", registry.Query{Holder: "aoba  networks k.k."}, []verify.Code{router200, router}},
		{"holder in Japanese", registry.Query{Holder: "青葉ネットワークス株式会社"}, []verify.Code{router200, router}},
		{"holder in half width", registry.Query{Holder: "青葉ﾈｯﾄﾜｰｸｽ株式会社"}, []verify.Code{router200, router}},
		{"maker of a declaration", registry.Query{Holder: "THAMES IOT LTD"}, []verify.Code{camera, declaration}},
		{"nothing", registry.Query{}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := k.Registry.Find(context.Background(), c.query)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestFindAmended finds a record by what it said first and by what it says now,
// and no more than a hundred of them.
func TestFindAmended(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	code := registrytest.Code(1000)
	k.Append(t, k.Say(t, verify.LabelIssued, code, nil))
	k.Append(t, k.Say(t, verify.LabelAmended, code, func(m map[string]any) {
		delete(m, "contact")
		m["models"] = []any{map[string]any{"model": "ZZ-9", "gtins": []any{"4912345678928"}}}
		m["holder"] = map[string]any{"name": map[string]any{"en": "Hirose K.K."}, "address": "1 Hirose, Sendai"}
	}))
	for _, q := range []registry.Query{
		{Model: "WX-100"}, {Model: "ZZ9"}, {GTIN: "04912345678904"}, {GTIN: "04912345678928"}, {Holder: "Aoba Networks K.K."}, {Holder: "hirose k.k."},
	} {
		if got, err := k.Registry.Find(context.Background(), q); err != nil || len(got) != 1 || got[0] != code {
			t.Errorf("%+v: got %v, %v, want %s", q, got, err, code)
		}
	}
	// What only the amendment said is not found in the log before it.
	before := k.Registry.Head().Size - 1
	for q, want := range map[registry.Query]int{{Model: "ZZ9", Known: before}: 0, {Model: "ZZ9", Known: before + 1}: 1, {Model: "WX-100", Known: before}: 1} {
		if got, err := k.Registry.Find(context.Background(), q); err != nil || len(got) != want {
			t.Errorf("%+v: got %v, %v, want %d", q, got, err, want)
		}
	}
	for n := range int64(120) {
		k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(n), nil))
	}
	got, err := k.Registry.Find(context.Background(), registry.Query{Model: "WX-100"})
	if err != nil || len(got) != 100 {
		t.Errorf("got %d records, %v, want 100", len(got), err)
	}
	for q, want := range map[registry.Query]bool{{Model: "WX-100"}: true, {Model: "WX-100", Known: before}: true, {Model: "ZZ9"}: false} {
		if _, more, err := k.Registry.LookupAll(context.Background(), q); err != nil || more != want {
			t.Errorf("%+v: got %t, %v, want %t", q, more, err, want)
		}
	}
}

// TestRelated looks up a label whose trade items other declarations name.
func TestRelated(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	sameItem := func(m map[string]any) {
		product := m["declaration"].(map[string]any)["product"].(map[string]any)
		product["models"] = []any{map[string]any{"model": "WX-100", "gtins": []any{"4912345678904"}}}
	}
	label := registrytest.Code(1)
	k.Append(t, k.Say(t, verify.LabelIssued, label, nil))
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(2), nil)) // another label of the item is no declaration
	k.Append(t, k.Say(t, verify.DeclarationPublished, registrytest.Code(3), nil))
	if f := lookup(t, k.Registry, label); len(f.Related) != 0 {
		t.Errorf("got %d related declarations, want none", len(f.Related))
	}
	for n := range int64(10) {
		k.Append(t, k.Say(t, verify.DeclarationPublished, registrytest.Code(10+n), sameItem))
		f := lookup(t, k.Registry, label)
		if want := min(int(n)+1, 8); len(f.Related) != want || len(f.Related[n%8]) != 1 {
			t.Errorf("got %d related declarations, want %d", len(f.Related), want)
		}
	}
}

// TestBasisOfReissuedLabel looks up a label that was issued again, on another
// basis, after the key that issued it was found compromised.
func TestBasisOfReissuedLabel(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	on := func(basis verify.Code) func(map[string]any) {
		return func(m map[string]any) {
			m["label"].(map[string]any)["basis"] = map[string]any{"route": "uk_psti_simplified", "declaration": basis}
		}
	}
	label, good, bad := registrytest.Code(1), registrytest.Code(2), registrytest.Code(3)
	k.Append(t, k.Say(t, verify.DeclarationPublished, good, nil))
	k.Append(t, k.Say(t, verify.DeclarationPublished, bad, nil))
	k.Append(t, k.Seal(t, "ipa", k.Make(t, verify.KeyAdded, "", func(m map[string]any) { m["from"] = m["made"] })))
	stolen := k.Make(t, verify.LabelIssued, label, on(bad))
	k.Append(t, k.Seal(t, "ipa+", stolen))
	k.Clock.Set(k.Clock.Now().Add(time.Hour))
	k.Append(t, k.Say(t, verify.KeyRetiredKind, "", func(m map[string]any) { m["from"] = "2026-06-01T12:00:00Z" }))
	k.Append(t, k.Say(t, verify.LabelIssued, label, on(good)))

	f := lookup(t, k.Registry, label)
	if n := len(f.Basis); n != 2 || f.Basis[0][0].Code != bad || f.Basis[1][0].Code != good {
		t.Errorf("got the bases %v, want %s and %s", f.Basis, bad, good)
	}
	if r := f.Record(verify.Known{}); r.Untrusted || r.Label.Basis.Declaration != good {
		t.Errorf("got a label on %s, untrusted %t, want on %s", r.Label.Basis.Declaration, r.Untrusted, good)
	}
	k.CheckLog(t)
}

func TestKnown(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Time{})
	size := k.Registry.Head().Size
	for n := int64(1); n <= size; n++ {
		known, err := k.Registry.KnownAt(n)
		if err != nil || known.Size != n {
			t.Fatalf("size %d: got %v, %v", n, known, err)
		}
		last, err := k.Registry.Receipt(n - 1)
		if err != nil {
			t.Fatal(err)
		}
		if n < size {
			next, err := k.Registry.Receipt(n)
			if err != nil || !known.Time.Equal(next.Logged) {
				t.Errorf("size %d: got until %v, want %v", n, known.Time, next.Logged)
			}
		} else if !known.Time.IsZero() {
			t.Errorf("the head: got until %v, want no end", known.Time)
		}
		when, err := k.Registry.KnownWhen(last.Logged)
		if err != nil || when.Size < n || !when.Time.Equal(last.Logged) {
			t.Errorf("at %v: got %+v, %v, want at least %d", last.Logged, when, err, n)
		}
		if before, err := k.Registry.KnownWhen(last.Logged.Add(-time.Millisecond)); err == nil && before.Size >= n {
			t.Errorf("just before entry %d: got %+v", n-1, before)
		}
	}
	for _, n := range []int64{-1, 0, size + 1, 1 << 62} {
		if _, err := k.Registry.KnownAt(n); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("size %d: got %v, want %v", n, err, registry.ErrNotFound)
		}
	}
	if _, err := k.Registry.KnownWhen(time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC)); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("before the log began: got %v, want %v", err, registry.ErrNotFound)
	}
}
