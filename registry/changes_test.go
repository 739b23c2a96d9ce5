package registry_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
)

// changesBetween reads the changes from one size to another, a page of at most
// limit at a time, and returns them with the codes of each put together.
func changesBetween(t *testing.T, r *registry.Registry, q registry.ChangesQuery, until int64) (all []registry.Change, pages int) {
	t.Helper()
	for q.Since < until {
		page, err := r.Changes(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		if page.Next < q.Since || page.Next == q.Since && page.Part == q.Part {
			t.Fatalf("since %d, part %q: got next %d, part %q, which is no further", q.Since, q.Part, page.Next, page.Part)
		}
		for _, c := range page.Changes {
			if n := len(all); n > 0 && all[n-1].Index == c.Index {
				if !all[n-1].More {
					t.Fatalf("entry %d: got it again, though it said that that was all", c.Index)
				}
				all[n-1].Codes, all[n-1].More = append(all[n-1].Codes, c.Codes...), c.More
			} else if c.Index < until {
				all = append(all, c)
			}
		}
		q.Since, q.Part = page.Next, page.Part
		pages++
	}
	return all, pages
}

// TestChangesMissNothing tells random histories. Between any two sizes of the log,
// every code about which the facts or the answer differ is named; and who asks for
// one code or one holder is told the same about it.
func TestChangesMissNothing(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	differing, spared := 0, 0
	for n := range uint64(4) {
		d, s := changesOf(t, seed+n)
		differing, spared = differing+d, spared+s
	}
	if differing == 0 || spared == 0 {
		t.Errorf("seed %d: got %d codes that differ and %d that were not named, want some of both", seed, differing, spared)
	}
}

func changesOf(t *testing.T, seed uint64) (differing, spared int) {
	t.Helper()
	k := registrytest.New(t)
	k.Begin(t)
	h := registrytest.NewHistory(k, seed)
	for range 100 {
		_, err := k.Registry.Append(context.Background(), h.Next(t))
		var refusal *registry.Refusal
		if err != nil && !errors.As(err, &refusal) && !errors.Is(err, envelope.ErrKey) {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	head := k.Registry.Head()
	codes := append(h.Labels(), h.Declarations()...)
	states := make([]map[verify.Code]verify.Facts, head.Size+1)
	replay := verify.NewReplay()
	for i := range head.Size {
		e, _ := replayed(t, k.Registry, i)
		if faults := replay.Enter(e); len(faults) > 0 {
			t.Fatalf("seed %d: entry %d: %v", seed, i, faults)
		}
		states[i+1] = map[verify.Code]verify.Facts{}
		for _, code := range codes {
			// At one time, so that nothing differs but what was said.
			states[i+1][code] = replay.Facts(code, verify.Log{Size: i + 1, Time: head.Time})
		}
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 150 {
		from := 1 + rng.Int64N(head.Size-1)
		until := from + 1 + rng.Int64N(min(head.Size-from, 8))
		changes, _ := changesBetween(t, k.Registry, registry.ChangesQuery{Since: from, Limit: 1 + rng.IntN(5)}, until)
		if int64(len(changes)) != until-from {
			t.Fatalf("seed %d: from %d to %d: got %d entries", seed, from, until, len(changes))
		}
		for _, code := range codes {
			names := func(c registry.Change) bool { return c.All || slices.Contains(c.Codes, code) }
			named := slices.ContainsFunc(changes, names)
			if !named {
				spared++
			}
			if d := differ(states[from][code], states[until][code]); d != "" {
				if differing++; !named {
					t.Errorf("seed %d: %s differs between %d and %d and is not named:\n%s", seed, code, from, until, d)
				}
			}
			alone, _ := changesBetween(t, k.Registry, registry.ChangesQuery{Since: from, Limit: 2, Code: code}, until)
			for _, c := range changes {
				if names(c) != slices.ContainsFunc(alone, func(a registry.Change) bool { return a.Index == c.Index && names(a) }) {
					t.Errorf("seed %d: entry %d: asked for %s alone, got another answer", seed, c.Index, code)
				}
			}
		}
	}
	return differing, spared
}

// differ says in what the facts of one size, or the answers from them, differ from
// those of another; empty: in nothing.
func differ(a, b verify.Facts) string {
	indexes := func(f verify.Facts) (all [][]int64) {
		for _, entries := range slices.Concat([][]verify.Entry{f.Entries}, f.Basis, [][]verify.Entry{nil}, f.Related) {
			var list []int64
			for _, e := range entries {
				list = append(list, e.Index)
			}
			all = append(all, list)
		}
		return all
	}
	if d := cmp.Diff(indexes(a), indexes(b)); d != "" {
		return d
	}
	for _, in := range verify.Jurisdictions {
		for _, days := range []int{-300, -30, 0, 200} {
			q := verify.Question{In: in, At: a.Log.Time.AddDate(0, 0, days)}
			v, w := verify.Judge(a, q), verify.Judge(b, q)
			v.Log, w.Log, v.Question, w.Question = verify.Log{}, verify.Log{}, verify.Question{}, verify.Question{}
			if d := cmp.Diff(v, w); d != "" {
				return d
			}
		}
	}
	return ""
}

// A stolen key's own labels are named once the theft is told, those of a key that
// it brought in, and those it said something about; no others. Once it is told
// that the statement about the theft was itself a thief's, they are named again.
func TestChangesOfCompromise(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	later := func() { k.Clock.Set(k.Clock.Now().Add(time.Minute)) }
	addKey := func(by, name verify.PartyID) {
		t.Helper()
		k.Append(t, k.Seal(t, by, k.Make(t, verify.KeyAdded, "", func(m map[string]any) {
			m["from"], m["key"] = m["made"], k.Signer(t, name).Key().JWK()
		})))
	}
	issue := func(by verify.PartyID, n int64) {
		t.Helper()
		k.Append(t, k.Seal(t, by, k.Make(t, verify.LabelIssued, registrytest.Code(n), nil)))
	}
	retire := func(by, stolen verify.PartyID, from time.Time) []registry.Change {
		t.Helper()
		since := k.Registry.Head().Size
		k.Append(t, k.Seal(t, by, k.Make(t, verify.KeyRetiredKind, "", func(m map[string]any) {
			m["by"], m["party"] = "ipa", "ipa"
			m["from"], m["kid"], m["compromised"] = from.Format(time.RFC3339), k.Signer(t, stolen).Key().ID(), true
		})))
		changes, _ := changesBetween(t, k.Registry, registry.ChangesQuery{Since: since, Limit: 9}, k.Registry.Head().Size)
		return changes
	}
	check := func(what string, got []registry.Change, want ...int64) {
		t.Helper()
		var codes []verify.Code
		for _, n := range want {
			codes = append(codes, registrytest.Code(n))
		}
		if len(got) != 1 || got[0].All || !slices.Equal(got[0].Codes, codes) {
			t.Errorf("%s: got %+v, want %v", what, got, codes)
		}
	}
	addKey("ipa", "second")
	addKey("ipa", "third")
	issue("second", 1)
	issue("ipa", 2)
	later()
	stolen := k.Clock.Now()
	issue("second", 3)
	k.Append(t, k.Seal(t, "second", k.Make(t, verify.LabelExtended, registrytest.Code(2), func(m map[string]any) { m["expires"] = "2029-06-30" })))
	addKey("second", "thief")
	issue("thief", 4)
	issue("ipa", 5)
	later()
	told := k.Clock.Now()
	check("the theft is told", retire("third", "second", stolen), 3, 2, 4)
	later()
	check("and was not one", retire("ipa", "third", told), 3, 2, 4)
	later()
	if got := retire("ipa", "thief", k.Clock.Now()); len(got) != 1 || got[0].All || len(got[0].Codes) != 0 {
		t.Errorf("a key that signed nothing since: got %+v, want no codes", got)
	}
}

// An entry that leads to more codes than a page names is told of in several, and
// all of them are named.
func TestChangesOfMany(t *testing.T) {
	const many = 2500
	k := registrytest.New(t)
	k.Begin(t)
	declaration := registrytest.Code(9000)
	k.Append(t, k.Say(t, verify.DeclarationPublished, declaration, nil))
	k.Append(t, k.Seal(t, "ipa", k.Make(t, verify.KeyAdded, "", func(m map[string]any) { m["from"] = m["made"] })))
	stolen := k.Clock.Now()
	want := []verify.Code{}
	var waits []func(context.Context) (registry.Receipt, error)
	enter := func() {
		t.Helper()
		for _, wait := range waits {
			if _, err := wait(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		waits = nil
	}
	for n := range int64(many) {
		code := registrytest.Code(n + 1)
		want = append(want, code)
		wait, err := k.Registry.Submit(k.Seal(t, "ipa+", k.Make(t, verify.LabelIssued, code, func(m map[string]any) {
			m["label"].(map[string]any)["basis"] = map[string]any{"route": "uk_psti_simplified", "declaration": declaration}
		})))
		if err != nil {
			t.Fatal(err)
		}
		if waits = append(waits, wait); len(waits) == 500 {
			enter()
		}
	}
	enter()
	slices.Sort(want)
	since := k.Registry.Head().Size
	k.Append(t, k.Say(t, verify.DeclarationObserved, declaration, nil))
	k.Append(t, k.Say(t, verify.KeyRetiredKind, "", func(m map[string]any) { m["from"] = stolen.Format(time.RFC3339) }))
	changes, pages := changesBetween(t, k.Registry, registry.ChangesQuery{Since: since, Limit: 9}, since+2)
	if len(changes) != 2 || pages < 3 {
		t.Fatalf("got %d entries in %d pages, want 2 in 3 at least", len(changes), pages)
	}
	for i, c := range changes {
		got := slices.DeleteFunc(slices.Clone(c.Codes), func(c verify.Code) bool { return c == declaration })
		if slices.Sort(got); c.More || !slices.Equal(got, want) {
			t.Errorf("%s: got %d codes, of them %d once each, want %d", c.Kind, len(got), len(slices.Compact(got)), many)
		}
		if about := slices.Contains(c.Codes, declaration); about != (i == 0) {
			t.Errorf("%s: is the declaration named: got %v", c.Kind, about)
		}
	}
	// Of a holder of more records than are looked up one by one, all is told too,
	// and the key that signed them.
	if got := latestOf(t, k.Registry, registry.LatestQuery{Limit: 100, Holder: "Aoba Networks K.K."}); len(got) != many+1 {
		t.Errorf("got %d entries of the holder, want %d", len(got), many+1)
	}
}

// A file of a time before there was the index of what rests on declarations gets
// it when it is opened.
func TestChangesOfOlderFile(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Time{})
	before, _ := changesBetween(t, k.Registry, registry.ChangesQuery{Limit: 5}, k.Registry.Head().Size)
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	if err := registry.DropBucket(k.Path, "basis"); err != nil {
		t.Fatal(err)
	}
	k.Reopen(t)
	after, _ := changesBetween(t, k.Registry, registry.ChangesQuery{Limit: 5}, k.Registry.Head().Size)
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("(-before +after):\n%s", d)
	}
	k.CheckLog(t)
}

// What is no place is refused, whatever it looks like.
func TestChangesRefuse(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Time{})
	size := k.Registry.Head().Size
	for _, q := range []registry.ChangesQuery{{Since: -1}, {Since: size + 1}} {
		if _, err := k.Registry.Changes(context.Background(), q); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("since %d: got %v, want not found", q.Since, err)
		}
	}
	for _, part := range []string{"x", "-", "1", "01-000000000012", "5-00000000001", "5-0000-0000-0012", "999-000000000012", "-1-", "5-", "0-"} {
		if _, err := k.Registry.Changes(context.Background(), registry.ChangesQuery{Since: 0, Part: part}); !errors.Is(err, registry.ErrCursor) {
			t.Errorf("part %q: got %v, want no place", part, err)
		}
	}
	page, err := k.Registry.Changes(context.Background(), registry.ChangesQuery{Since: size, Limit: 5})
	if err != nil || len(page.Changes) != 0 || page.Next != size {
		t.Errorf("since the head: got %+v, %v", page, err)
	}
}

// To ask about one code takes no look at the rest of the log.
func TestChangesOfOneCode(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	appendAll(t, k.Registry, labels(t, k, 0, 3000))
	code := registrytest.Code(4000)
	k.Append(t, k.Say(t, verify.LabelIssued, code, nil))
	page, err := k.Registry.Changes(context.Background(), registry.ChangesQuery{Code: code, Limit: 10})
	if err != nil || len(page.Changes) != 1 || page.Changes[0].Index != page.Log.Size-1 || page.Next != page.Log.Size {
		t.Errorf("got %+v, %v", page, err)
	}
	page, err = k.Registry.Changes(context.Background(), registry.ChangesQuery{Code: registrytest.Code(5000), Limit: 10})
	if err != nil || len(page.Changes) != 0 || page.Next != page.Log.Size {
		t.Errorf("of a code that is not there: got %+v, %v", page, err)
	}
}
