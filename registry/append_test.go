package registry_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
)

// A gate is a clock that can be held, and the registry's writer with it.
type gate struct {
	clock *registrytest.Clock
	mu    sync.Mutex
	held  chan struct{} // closed when let go; nil where it is open
	come  chan struct{} // gets one whenever somebody has to wait
}

func newGate(k *registrytest.Kit) *gate {
	g := &gate{clock: k.Clock, come: make(chan struct{}, 1)}
	k.Config.Now = g.now
	return g
}

func (g *gate) now() time.Time {
	g.mu.Lock()
	held := g.held
	g.mu.Unlock()
	if held != nil {
		select {
		case g.come <- struct{}{}:
		default:
		}
		<-held
	}
	return g.clock.Now()
}

func (g *gate) hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = make(chan struct{})
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.held)
	g.held = nil
}

// held makes a registry whose writer is held with one statement in its hands,
// which wait waits for.
func held(t *testing.T) (k *registrytest.Kit, g *gate, wait func(context.Context) (registry.Receipt, error)) {
	t.Helper()
	k = registrytest.New(t)
	g = newGate(k)
	k.Begin(t)
	token := k.Say(t, verify.LabelIssued, registrytest.Code(1), nil)
	g.hold()
	wait, err := k.Registry.Submit(token)
	if err != nil {
		t.Fatal(err)
	}
	<-g.come
	return k, g, wait
}

func submit(t *testing.T, r *registry.Registry, token []byte) func(context.Context) (registry.Receipt, error) {
	t.Helper()
	wait, err := r.Submit(token)
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

// fill submits the same statement until it is not taken, and returns why.
func fill(r *registry.Registry, token []byte) (waits []func(context.Context) (registry.Receipt, error), err error) {
	for {
		wait, err := r.Submit(token)
		if err != nil {
			return waits, err
		}
		waits = append(waits, wait)
	}
}

// TestBatch enters statements in one transaction, and refuses some of them: that
// leaves nothing, and does not touch the others.
func TestBatch(t *testing.T) {
	k, g, _ := held(t)
	issued := func(code int64, number string) []byte {
		return k.Say(t, verify.LabelIssued, registrytest.Code(code), func(m map[string]any) {
			m["label"].(map[string]any)["number"] = number
		})
	}
	first := issued(2, "N-2")
	id := registrytest.ID()
	sameID := func(m map[string]any) { m["id"] = id }
	cases := []struct {
		name  string
		token []byte
		index int64
		fresh bool
		want  string
	}{
		{"entered", first, 8, true, ""},
		{"entered twice", first, 8, false, ""},
		{"code used in the batch", issued(2, "N-9"), 0, false, "code code_used"},
		{"number used in the batch", issued(3, "N-2"), 0, false, "label.number number_used"},
		{"about what the batch entered", k.Say(t, verify.LabelPractice, registrytest.Code(2), sameID), 9, true, ""},
		{"id used in the batch", k.Say(t, verify.MeasureTaken, registrytest.Code(2), sameID), 0, false, "id id_used"},
		{"code of what was refused", issued(3, "N-3"), 10, true, ""},
		{"about nothing", k.Say(t, verify.LabelStatus, registrytest.Code(4), nil), 0, false, "code code_unknown"},
		{"key added", k.Seal(t, "ipa", k.Make(t, verify.KeyAdded, "", func(m map[string]any) { m["from"] = m["made"] })), 11, true, ""},
		{"label extended", k.Say(t, verify.LabelExtended, registrytest.Code(3), nil), 12, true, ""},
	}
	var waits []func(context.Context) (registry.Receipt, error)
	for _, c := range cases {
		token := bytes.Clone(c.token)
		waits = append(waits, submit(t, k.Registry, token))
		clear(token) // nobody looks at it any more
	}
	g.open()
	for i, c := range cases {
		receipt, err := waits[i](context.Background())
		if c.want != "" {
			wantRefusal(t, err, strings.Split(c.want, "|")...)
			continue
		}
		if err != nil || receipt.Index != c.index || receipt.Fresh != c.fresh {
			t.Errorf("%s: got index %d, fresh %t, %v, want %d, %t", c.name, receipt.Index, receipt.Fresh, err, c.index, c.fresh)
			continue
		}
		if logged, err := k.Registry.Envelope(receipt.Index); err != nil || logged != string(c.token) {
			t.Errorf("%s: got %s, %v, want %s", c.name, logged, err, c.token)
		}
		checkReceipt(t, k.Registry, receipt)
	}
	if got := k.Registry.Head().Size; got != 13 {
		t.Errorf("got a log of %d, want 13", got)
	}
	k.CheckLog(t)
}

// TestCompromiseInBatch enters, in one transaction, a label with a key, that the
// key was stolen, and the label again.
func TestCompromiseInBatch(t *testing.T) {
	k, g, _ := held(t)
	from := k.Clock.Now().Format(time.RFC3339)
	added := submit(t, k.Registry, k.Seal(t, "ipa", k.Make(t, verify.KeyAdded, "", func(m map[string]any) { m["from"] = from })))
	g.open()
	if _, err := added(context.Background()); err != nil {
		t.Fatal(err)
	}
	g.hold()
	submit(t, k.Registry, k.Say(t, verify.LabelIssued, registrytest.Code(9), nil))
	<-g.come
	var waits []func(context.Context) (registry.Receipt, error)
	for _, token := range [][]byte{
		k.Seal(t, "ipa+", k.Make(t, verify.LabelIssued, registrytest.Code(2), nil)),
		k.Say(t, verify.KeyRetiredKind, "", func(m map[string]any) { m["from"] = from }),
		k.Say(t, verify.LabelIssued, registrytest.Code(2), nil),
	} {
		waits = append(waits, submit(t, k.Registry, token))
	}
	g.open()
	for i, wait := range waits {
		if receipt, err := wait(context.Background()); err != nil || receipt.Index != int64(10+i) {
			t.Errorf("statement %d: got index %d, %v, want %d", i, receipt.Index, err, 10+i)
		}
	}
	if r := lookup(t, k.Registry, registrytest.Code(2)).Record(verify.Known{}); r.Untrusted || len(r.History) != 2 {
		t.Errorf("untrusted %t after %d statements, want trusted after 2", r.Untrusted, len(r.History))
	}
	k.CheckLog(t)
}

// TestRefusedBatch refuses all of a batch: the file stays as it is.
func TestRefusedBatch(t *testing.T) {
	k, g, wait := held(t)
	a := submit(t, k.Registry, k.Say(t, verify.LabelStatus, registrytest.Code(4), nil))
	b := submit(t, k.Registry, k.Say(t, verify.LabelStatus, registrytest.Code(5), nil))
	g.open()
	if _, err := wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	_, err := a(context.Background())
	wantRefusal(t, err, "code code_unknown")
	_, err = b(context.Background())
	wantRefusal(t, err, "code code_unknown")
	if got := k.Registry.Head().Size; got != 8 {
		t.Errorf("got a log of %d, want 8", got)
	}
	k.CheckLog(t)
}

func TestBusy(t *testing.T) {
	k, g, wait := held(t)
	token := k.Say(t, verify.LabelIssued, registrytest.Code(2), nil)
	waits, err := fill(k.Registry, token)
	if !errors.Is(err, registry.ErrBusy) {
		t.Fatalf("got %v, want %v", err, registry.ErrBusy)
	}
	if len(waits) != 4096 {
		t.Errorf("%d statements could wait, want 4096", len(waits))
	}
	if _, err := k.Registry.Receipt(7); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("what is not durable yet: got %v, want %v", err, registry.ErrNotFound)
	}
	g.open()
	waits = append(waits, wait)
	fresh := 0
	for _, wait := range waits {
		receipt, err := wait(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if receipt.Fresh {
			fresh++
		}
	}
	if fresh != 2 {
		t.Errorf("%d statements were entered, want 2", fresh)
	}
	k.Append(t, token)
}

// TestCancelled stops waiting: the statement is entered all the same, and
// sending it again tells.
func TestCancelled(t *testing.T) {
	k, g, _ := held(t)
	token := k.Say(t, verify.LabelIssued, registrytest.Code(2), nil)
	ctx, cancel := context.WithCancel(context.Background())
	wait := submit(t, k.Registry, token)
	cancel()
	if _, err := wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	g.open()
	if receipt := k.Append(t, token); receipt.Index != 8 || receipt.Fresh {
		t.Errorf("got index %d, fresh %t, want 8, false", receipt.Index, receipt.Fresh)
	}
}

func TestClosed(t *testing.T) {
	k, g, _ := held(t)
	token := k.Say(t, verify.LabelIssued, registrytest.Code(2), nil)
	wait := submit(t, k.Registry, token)
	closed := make(chan error)
	go func() { closed <- k.Registry.Close() }()
	for { // until it takes nothing more
		if _, err := k.Registry.Submit(token); errors.Is(err, registry.ErrClosed) {
			break
		}
	}
	g.open()
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	// What waited was entered; its receipt may come too late to be read.
	if _, err := wait(context.Background()); err != nil && !errors.Is(err, registry.ErrClosed) {
		t.Errorf("got %v, want an answer", err)
	}
	if err := k.Registry.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	ctx := context.Background()
	_, appended := k.Registry.Append(ctx, token)
	_, looked := k.Registry.Lookup(ctx, registrytest.Code(2))
	_, found := k.Registry.Find(ctx, registry.Query{Model: "WX-100"})
	_, received := k.Registry.Receipt(0)
	_, audited := k.Registry.Audit(ctx, nil)
	for i, err := range []error{appended, looked, found, received, audited, k.Registry.Ready(ctx)} {
		if !errors.Is(err, registry.ErrClosed) {
			t.Errorf("%d: got %v after Close, want %v", i, err, registry.ErrClosed)
		}
	}
	k.Reopen(t)
	if receipt := k.Append(t, token); receipt.Fresh {
		t.Error("what waited at Close was not entered")
	}
	k.CheckLog(t)
}
