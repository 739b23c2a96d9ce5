package registry_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
	"tegata/verify/tlog"
)

// listed is what a list says of each status of the law, but for what has expired.
var listed = map[verify.Status]status.Status{
	verify.StatusUntrusted: status.AskOnline,
	verify.StatusRevoked:   status.Invalid,
	verify.StatusWithdrawn: status.Invalid,
	verify.StatusLapsed:    status.Invalid,
	verify.StatusSuspended: status.Suspended,
	verify.StatusGrace:     status.AskOnline,
	verify.StatusNotYet:    status.Valid,
	verify.StatusValid:     status.Valid,
}

func statusList(tb testing.TB, r *registry.Registry, n int64, at time.Time) status.List {
	tb.Helper()
	l, err := r.StatusList(context.Background(), n, at)
	if err != nil {
		tb.Fatalf("list %d at %s: %v", n, at, err)
	}
	want, ttl := at.Truncate(time.Second), 5*time.Minute
	for _, zone := range []*time.Location{verify.Tokyo, verify.London} {
		ttl = min(ttl, verify.DateOf(want, zone).End(zone).Sub(want))
	}
	if !l.Issued.Equal(want) || !l.Expires.Equal(want.Add(12*time.Hour)) || l.TTL != ttl {
		tb.Errorf("got a list of %s until %s, ttl %s", l.Issued, l.Expires, l.TTL)
	}
	return l
}

// A given is a place, and the first statement it was given to.
type given struct {
	code   verify.Code
	place  int64
	logged time.Time
}

// A printed is a last day that somebody was told at an instant.
type printed struct {
	code verify.Code
	last verify.Date
	at   time.Time
}

// TestStatusListOfHistories asks for the list at many instants of random
// histories, past and to come. Every place that was given by then tells the
// status of its record, folded; every other is valid; and of no token that was
// printed on the way is it concluded that all is well when it is not.
func TestStatusListOfHistories(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	seen, measured := map[verify.Status]int{}, 0
	for n := range uint64(6) {
		measured += listsOfHistory(t, seed+n, seen)
	}
	t.Logf("seed %d: %v", seed, seen)
	if measured == 0 {
		t.Errorf("seed %d: nothing valid was ever under a measure that bars", seed)
	}
	if len(seen) < 5 {
		t.Errorf("seed %d: nothing was ever but %v", seed, seen)
	}
}

func listsOfHistory(t *testing.T, seed uint64, seen map[verify.Status]int) (measured int) {
	t.Helper()
	k := registrytest.New(t)
	k.Begin(t)
	h := registrytest.NewHistory(k, seed)
	for range 90 {
		_, err := k.Registry.Append(context.Background(), h.Next(t))
		if refusal := (*registry.Refusal)(nil); err != nil && !errors.As(err, &refusal) && !errors.Is(err, envelope.ErrKey) {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	k.CheckLog(t)

	facts := map[verify.Code]verify.Facts{}
	var firsts []given
	var told []printed
	size := k.Registry.Head().Size
	for i := range size {
		receipt, err := k.Registry.Receipt(i)
		if err != nil {
			t.Fatal(err)
		}
		e, _ := replayed(t, k.Registry, i)
		if e.Code == "" {
			continue
		}
		if _, ok := facts[e.Code]; !ok {
			facts[e.Code] = lookup(t, k.Registry, e.Code)
		}
		if (receipt.Status != tlog.NoStatus) != e.Kind.First() {
			t.Errorf("entry %d: %s at place %d", i, e.Kind, receipt.Status)
		}
		if e.Kind.First() {
			firsts = append(firsts, given{e.Code, receipt.Status, receipt.Logged})
		}
		if r := facts[e.Code].Record(verify.Known{Size: i + 1}); r.Begun() {
			told = append(told, printed{e.Code, r.Ends(receipt.Logged), receipt.Logged})
		}
	}

	rng := rand.New(rand.NewPCG(seed, 1))
	begin, now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), k.Clock.Now()
	var instants []time.Time
	for range 30 {
		at := begin.Add(time.Duration(rng.Int64N(int64(now.Sub(begin))))).Truncate(time.Second)
		instants = append(instants, at, at.Add(min(now.Sub(at), time.Duration(rng.IntN(36*3600))*time.Second)).Truncate(time.Second))
	}
	instants = append(instants, now)
	for day := range 40 { // to come, each day's first instants and the last before
		d := verify.DateOf(now, verify.Tokyo).AddDays(1 + day*(1+rng.IntN(9)))
		instants = append(instants, d.Start(verify.Tokyo), d.Start(verify.Tokyo).Add(-time.Second), d.Start(verify.London))
	}
	for _, at := range instants {
		if at.After(now) {
			k.Clock.Set(at)
			now = at
		}
		l := statusList(t, k.Registry, 0, at)
		places := map[int64]status.Status{}
		for _, f := range firsts {
			if f.logged.After(at) {
				continue
			}
			r := facts[f.code].Record(verify.Known{Time: at})
			s := r.Status(at)
			seen[s]++
			got := l.At(f.place)
			places[f.place] = got
			want, ok := listed[s]
			if !ok && s == verify.StatusExpired {
				want = status.Valid
				if got == status.AskOnline && leftOut(r) {
					want = got
				}
			} else if !ok {
				t.Fatalf("seed %d: %s is %s at %s", seed, f.code, s, at)
			}
			barred := slices.ContainsFunc(r.MeasuresAt(at), func(m verify.Measure) bool { return m.Effect == verify.Bars })
			if barred && want == status.Valid {
				want = status.AskOnline
				measured++
			}
			if got != want {
				t.Errorf("seed %d: %s is %s at %s: got %d, want %d", seed, f.code, s, at, got, want)
			}
			for _, p := range told {
				if p.code != f.code || p.at.After(at) {
					continue
				}
				token := status.Token{Code: p.code, Number: "N-1", Expires: p.last, Status: f.place, By: "ipa"}
				if r.Scheme == verify.PSTI {
					token.Number = ""
				}
				l.Sub = "https://labels.example/status/0"
				if c := status.Check(token, &l, at); c.Outcome == status.ReadValid && s != verify.StatusValid && s != verify.StatusNotYet {
					t.Errorf("seed %d: %s, printed at %s until %s, is %s at %s and reads valid", seed, p.code, p.at, p.last, s, at)
				}
			}
		}
		if rng.IntN(8) > 0 {
			continue
		}
		for i := range int64(status.ListSize) {
			if got := l.At(i); got != places[i] {
				t.Fatalf("seed %d: place %d at %s: got %d, want %d", seed, i, at, got, places[i])
			}
		}
	}
	return measured
}

// leftOut reports whether something said of the record does not count.
func leftOut(r *verify.Record) bool {
	for _, s := range r.History {
		if s.Counts == verify.LeftOut || s.Counts == verify.CannotFollow {
			return true
		}
	}
	return false
}

func TestStatusListNotFound(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	now := k.Clock.Now()
	for _, tt := range []struct {
		name string
		n    int64
		at   time.Time
	}{
		{"before the log", 0, time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC)},
		{"to come", 0, now.Add(time.Second)},
		{"no such list", 1, now},
		{"below the first", -1, now},
	} {
		if _, err := k.Registry.StatusList(context.Background(), tt.n, tt.at); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("%s: got %v, want %v", tt.name, err, registry.ErrNotFound)
		}
	}
	statusList(t, k.Registry, 0, now) // nothing is in it yet, and it is there
	if n, err := k.Registry.StatusLists(); n != 1 || err != nil {
		t.Errorf("got %d lists, %v, want 1", n, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(1), nil))
	k.Append(t, k.Say(t, verify.LabelStatus, registrytest.Code(1), func(m map[string]any) { m["status"], m["from"] = "revoked", "2026-06-01" }))
	if _, err := k.Registry.StatusList(ctx, 0, now); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// Those who ask at once for the same share one list; only the last few are kept.
func TestStatusListShared(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	appendAll(t, k.Registry, labels(t, k, 0, 50))
	for i := range int64(50) {
		k.Append(t, k.Say(t, verify.LabelStatus, registrytest.Code(i), func(m map[string]any) { m["status"], m["from"] = "suspended", "2026-06-01" }))
	}
	now := k.Clock.Now()
	var asking sync.WaitGroup
	for range 32 {
		asking.Go(func() {
			if l, err := k.Registry.StatusList(context.Background(), 0, now); err != nil || !l.Issued.Equal(now) {
				t.Errorf("got %s, %v", l.Issued, err)
			}
		})
	}
	asking.Wait()
	if n := registry.ListingsKept(k.Registry); n != 1 {
		t.Errorf("32 who asked for one list built %d", n)
	}
	// A second later nothing has changed.
	k.Clock.Set(now.Add(time.Second))
	statusList(t, k.Registry, 0, now.Add(time.Second))
	if n := registry.ListingsKept(k.Registry); n != 1 {
		t.Errorf("the same list was built %d times", n)
	}
	for i := range 20 {
		k.Clock.Set(now.AddDate(0, 0, i+1))
		statusList(t, k.Registry, 0, k.Clock.Now())
	}
	if n := registry.ListingsKept(k.Registry); n != 4 {
		t.Errorf("%d lists are kept, want 4", n)
	}
}

// A row that is not one is damage, never a shorter list.
func TestStatusListDamaged(t *testing.T) {
	for _, row := range []registry.RawRow{
		{Bucket: "standing", Key: []byte("7K3"), Value: []byte{}},
		{Bucket: "status", Key: []byte("x"), Value: registry.Number(3)},
		{Bucket: "standing", Key: append([]byte("7K3MQ2ZT9XWE"), registry.Number(1)...), Value: []byte{1}},
	} {
		k := registrytest.New(t)
		k.Play(t, time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC))
		if err := k.Registry.Close(); err != nil {
			t.Fatal(err)
		}
		if err := registry.EditFile(k.Path, row); err != nil {
			t.Fatal(err)
		}
		k.Reopen(t)
		if _, err := k.Registry.StatusList(context.Background(), 0, k.Clock.Now()); !errors.Is(err, registry.ErrDamaged) {
			t.Errorf("%s %q: got %v, want %v", row.Bucket, row.Key, err, registry.ErrDamaged)
		}
	}
}

// BenchmarkStatusList builds the list of 20,000 labels of which half are
// revoked, as many as of a million of which one in a hundred is: on a new day, and
// after one statement more.
func BenchmarkStatusList(b *testing.B) {
	k := registrytest.New(b)
	k.Begin(b)
	appendAll(b, k.Registry, labels(b, k, 0, 20_000))
	revoke := func(n int64) []byte {
		return k.Say(b, verify.LabelStatus, registrytest.Code(n), func(m map[string]any) { m["status"], m["from"] = "revoked", "2026-06-01" })
	}
	var tokens [][]byte
	for i := range int64(10_000) {
		tokens = append(tokens, revoke(i))
	}
	appendAll(b, k.Registry, tokens)
	b.Run("day", func(b *testing.B) {
		for b.Loop() {
			k.Clock.Set(k.Clock.Now().AddDate(0, 0, 1))
			statusList(b, k.Registry, 0, k.Clock.Now())
		}
	})
	next := int64(10_000)
	b.Run("entry", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			k.Append(b, revoke(next))
			next++
			b.StartTimer()
			statusList(b, k.Registry, 0, k.Clock.Now())
		}
	})
}
