package registry_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/tlog"
)

// A device holds a key and signs with it until it is unplugged.
type device struct {
	ed25519.PrivateKey
	unplugged atomic.Bool
	asked     atomic.Int64
	slow      atomic.Pointer[slowness] // nil: it is not
}

// A slowness holds the first signature until it is let go.
type slowness struct{ come, let chan struct{} }

var errUnplugged = errors.New("no token is there")

func (d *device) Sign(r io.Reader, text []byte, opts crypto.SignerOpts) ([]byte, error) {
	d.asked.Add(1)
	if slow := d.slow.Swap(nil); slow != nil {
		close(slow.come)
		<-slow.let
	}
	if d.unplugged.Load() {
		return nil, errUnplugged
	}
	return d.PrivateKey.Sign(r, text, opts)
}

func newDevice(seed byte) *device {
	return &device{PrivateKey: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))}
}

// TestUnplugged: while a device that holds the log's or the cosigner's key is
// away, nothing is entered, nothing of it is left behind, and all else is answered;
// when it is back, the same statement is entered.
func TestUnplugged(t *testing.T) {
	for _, which := range []string{"log", "cosigner"} {
		k := registrytest.New(t)
		devices := map[string]*device{"log": newDevice(1), "cosigner": newDevice(2)}
		var err error
		if k.Config.Log, err = tlog.NewLogSigner(registrytest.Origin, devices["log"]); err != nil {
			t.Fatal(err)
		}
		if k.Config.Cosigner, err = tlog.NewCosigner(registrytest.Origin+"/cosigner", devices["cosigner"]); err != nil {
			t.Fatal(err)
		}
		var told []error
		k.Config.Unsigned = func(err error) { told = append(told, err) }
		k.Begin(t)
		issued := labels(t, k, 0, 1)[0]
		code := registrytest.Code(0)
		head := k.Registry.Head()

		devices[which].unplugged.Store(true)
		for range 2 {
			if _, err := k.Registry.Append(context.Background(), issued); !errors.Is(err, tlog.ErrSigner) || !errors.Is(err, errUnplugged) {
				t.Errorf("%s: got %v, want %v", which, err, tlog.ErrSigner)
			}
		}
		if got := k.Registry.Head(); got != head {
			t.Errorf("%s: got head %+v, want %+v", which, got, head)
		}
		if f, err := k.Registry.Lookup(context.Background(), code); err != nil || len(f.Entries) != 0 {
			t.Errorf("%s: got %d entries, %v, want none", which, len(f.Entries), err)
		}
		wantHealth(t, k.Registry, nil, tlog.ErrSigner, nil)
		if len(told) != 1 || !errors.Is(told[0], errUnplugged) {
			t.Errorf("%s: told %v, want once that it is unplugged", which, told)
		}
		k.CheckLog(t)
		k.CheckLog(t)

		devices[which].unplugged.Store(false)
		if got := k.Append(t, issued); got.Index != head.Size || !got.Fresh {
			t.Errorf("%s: got %+v, want entry %d", which, got, head.Size)
		}
		wantHealth(t, k.Registry, nil, nil, nil)
		if len(told) != 2 || told[1] != nil {
			t.Errorf("%s: told %v, want that it signs again", which, told)
		}
		if f, err := k.Registry.Lookup(context.Background(), code); err != nil || len(f.Entries) != 1 || f.Entries[0].Kind != verify.LabelIssued {
			t.Errorf("%s: got %v, %v, want the label", which, f.Entries, err)
		}
		k.CheckLog(t)
	}
}

// TestUndated: where the cosigner does not sign, readers get the checkpoint with
// the date it has, and are not made to wait for it one by one.
func TestUndated(t *testing.T) {
	k := registrytest.New(t)
	d := newDevice(2)
	var err error
	if k.Config.Cosigner, err = tlog.NewCosigner(registrytest.Origin+"/cosigner", d); err != nil {
		t.Fatal(err)
	}
	k.Begin(t)
	dated := k.Clock.Now()
	checkpoint := func() time.Time {
		t.Helper()
		signed, err := k.Registry.Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		_, cosigned, err := tlog.OpenCheckpoint(signed, k.Registry.LogKey(), k.Registry.CosignerKey())
		if err != nil || len(cosigned) != 1 {
			t.Fatalf("got %v, %v, want one cosignature", cosigned, err)
		}
		return cosigned[0].Time
	}
	if got := checkpoint(); !got.Equal(dated) {
		t.Fatalf("dated %v, want %v", got, dated)
	}

	d.unplugged.Store(true)
	for _, after := range []time.Duration{time.Minute, time.Minute + 9*time.Second, time.Minute + 10*time.Second, time.Hour} {
		k.Clock.Set(dated.Add(after))
		if got := checkpoint(); !got.Equal(dated) {
			t.Errorf("unplugged, after %v: dated %v, want %v", after, got, dated)
		}
	}
	wantHealth(t, k.Registry, nil, tlog.ErrSigner, nil)
	before := d.asked.Load()
	for range 100 {
		checkpoint()
	}
	if got := d.asked.Load() - before; got != 0 {
		t.Errorf("in the same second the device was asked %d times more", got)
	}
	k.Clock.Set(dated.Add(time.Hour + 5*time.Second))
	d.unplugged.Store(false)
	if got := checkpoint(); !got.Equal(dated) {
		t.Errorf("too soon: dated %v, want %v", got, dated)
	}
	k.Clock.Set(dated.Add(time.Hour + 10*time.Second))
	if got, want := checkpoint(), k.Clock.Now(); !got.Equal(want) {
		t.Errorf("back again: dated %v, want %v", got, want)
	}
	wantHealth(t, k.Registry, nil, nil, nil)
}

// TestSlow: while a device takes its time all is read, and what waits behind it is
// signed at once, whatever its number.
func TestSlow(t *testing.T) {
	const waiting = 100
	k := registrytest.New(t)
	d := newDevice(1)
	var err error
	if k.Config.Log, err = tlog.NewLogSigner(registrytest.Origin, d); err != nil {
		t.Fatal(err)
	}
	k.Begin(t)
	tokens := labels(t, k, 0, 1+waiting)
	head, before := k.Registry.Head(), d.asked.Load()

	slow := &slowness{make(chan struct{}), make(chan struct{})}
	d.slow.Store(slow)
	waits := []func(context.Context) (registry.Receipt, error){submit(t, k.Registry, tokens[0])}
	<-slow.come
	for _, token := range tokens[1:] {
		waits = append(waits, submit(t, k.Registry, token))
	}
	if f, err := k.Registry.Lookup(t.Context(), registrytest.Code(0)); err != nil || len(f.Entries) != 0 {
		t.Errorf("meanwhile: got %v, %v, want nothing of it yet", f.Entries, err)
	}
	if _, err := k.Registry.Bundle(t.Context(), registrytest.Code(0)); err != nil {
		t.Errorf("meanwhile: %v", err)
	}
	close(slow.let)
	for i, wait := range waits {
		if r, err := wait(t.Context()); err != nil || r.Index != head.Size+int64(i) {
			t.Errorf("statement %d: got %d, %v, want %d", i, r.Index, err, head.Size+int64(i))
		}
	}
	if got := d.asked.Load() - before; got != 2 {
		t.Errorf("the device signed %d times for %d statements, want 2", got, len(waits))
	}
	k.CheckLog(t)
}
