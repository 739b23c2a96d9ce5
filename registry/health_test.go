package registry_test

import (
	"errors"
	"math"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
)

func wantHealth(t *testing.T, r *registry.Registry, reads, writes, current error) registry.Health {
	t.Helper()
	h := r.Health(t.Context())
	for _, c := range []struct {
		what      string
		got, want error
	}{{"reads", h.Reads, reads}, {"writes", h.Writes, writes}, {"current", h.Current, current}} {
		if !errors.Is(c.got, c.want) || c.want == nil && c.got != nil {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
	}
	return h
}

// What works is told apart: a full disk stops writes alone.
func TestHealth(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	wantHealth(t, k.Registry, nil, nil, nil)
	k.Config.Reserve = math.MaxInt64
	k.Reopen(t)
	wantHealth(t, k.Registry, nil, registry.ErrFull, nil)
	k.Registry.Close()
	wantHealth(t, k.Registry, registry.ErrClosed, registry.ErrClosed, nil)
}

// A queue that is full takes nothing more, until it has been emptied.
func TestHealthBusy(t *testing.T) {
	k, g, wait := held(t)
	token := k.Say(t, verify.LabelIssued, registrytest.Code(2), nil)
	waits, full := fill(k.Registry, token)
	var busy *registry.BusyError
	if !errors.As(full, &busy) || !errors.Is(full, registry.ErrBusy) {
		t.Errorf("got %v, want a BusyError", full)
	}
	wantHealth(t, k.Registry, nil, registry.ErrBusy, nil)
	g.open()
	for _, wait := range append(waits, wait) {
		if _, err := wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	k.Append(t, token)
	wantHealth(t, k.Registry, nil, nil, nil)
}

// Who stopped at the last good state is late from then on, and takes no statement;
// what it has can be read.
func TestHealthStopped(t *testing.T) {
	k, batches := origin(t)
	batches[5].Entries = [][]byte{relogged(t, batches[5].Entries[0])}
	began := k.Clock.Now()
	r, _, err := following(t, k, filepath.Join(t.TempDir(), "registry.db"), batches...)
	if err != nil {
		t.Fatal(err)
	}
	fault := stopped(t, r)
	k.Clock.Set(began.Add(time.Hour))
	if h := wantHealth(t, r, nil, fault, fault); h.Late != time.Hour {
		t.Errorf("late for %v, want an hour", h.Late)
	}
	if f := r.Following(); f.Behind() == 0 || !f.Late.Equal(began) {
		t.Errorf("got %+v", f)
	}
}

// TestQueue: those who wait take as long as the last batch took, each.
func TestQueue(t *testing.T) {
	k := registrytest.New(t)
	var seconds atomic.Int64
	k.Config.Now = func() time.Time { return k.Clock.Now().Add(time.Duration(seconds.Add(1)) * time.Second) }
	var hold atomic.Bool
	committed, goOn := make(chan time.Duration), make(chan struct{})
	k.Config.Committed = func(_ int, took time.Duration) {
		if hold.Swap(false) {
			committed <- took
			<-goOn
		}
	}
	k.Begin(t)
	token := k.Say(t, verify.LabelIssued, registrytest.Code(1), nil)
	hold.Store(true)
	last := submit(t, k.Registry, token)
	took := <-committed
	for range 3 {
		last = submit(t, k.Registry, token)
	}
	if waiting, wait := k.Registry.Queue(); took <= 0 || waiting != 3 || wait != 3*took {
		t.Errorf("after %v for one: got %d that wait, for %v", took, waiting, wait)
	}
	close(goOn)
	if _, err := last(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Everybody who may is told what became of a statement, once.
func TestAnswered(t *testing.T) {
	k := registrytest.New(t)
	var mu sync.Mutex
	var got []error
	fresh, batches, statements := 0, 0, 0
	k.Config.Answered = func(r registry.Receipt, err error) {
		mu.Lock()
		defer mu.Unlock()
		if got = append(got, err); r.Fresh {
			fresh++
		}
	}
	k.Config.Committed = func(n int, _ time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		batches, statements = batches+1, statements+n
	}
	k.Begin(t)
	begun := fresh
	got, batches, statements = nil, 0, 0
	token := k.Say(t, verify.LabelIssued, registrytest.Code(1), nil)
	k.Append(t, token)
	k.Append(t, token)
	stranger, err := k.Stranger()
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := stranger.Seal([]byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	no := &registry.Refusal{}
	for _, c := range []struct {
		token []byte
		want  any
	}{
		{[]byte("no token"), envelope.ErrMalformed},
		{[]byte(unknown), envelope.ErrKey},
		{k.Say(t, verify.LabelStatus, registrytest.Code(3), nil), &no}, // decided by the writer
		{k.Seal(t, "ipa", []byte(`{"kind":"label.status"}`)), &no},     // by its form
	} {
		_, err := k.Registry.Append(t.Context(), c.token)
		if want, ok := c.want.(error); ok && !errors.Is(err, want) || !ok && !errors.As(err, c.want) {
			t.Errorf("got %v, want %v", err, c.want)
		}
		if last := got[len(got)-1]; last != err {
			t.Errorf("told %v, want %v", last, err)
		}
	}
	if len(got) != 6 || fresh != begun+1 || batches != 3 || statements != 3 {
		t.Errorf("told of %d answers, %d entered, %d batches of %d, want 6, 1, 3, 3", len(got), fresh-begun, batches, statements)
	}
}
