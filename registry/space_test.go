package registry_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
)

// Where the disk is nearly full nothing is entered, and who asks is told what can
// be told: that a statement is in the log already, and that one may not be.
func TestReserve(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	entered := k.Say(t, verify.LabelIssued, registrytest.Code(1), nil)
	k.Append(t, entered)
	fresh := k.Say(t, verify.LabelIssued, registrytest.Code(2), nil)
	refused := k.Say(t, verify.LabelStatus, registrytest.Code(3), nil)

	k.Config.Reserve = math.MaxInt64
	k.Reopen(t)
	if !k.Registry.Full() {
		t.Error("got room, want none")
	}
	if free, err := k.Registry.Free(); err != nil || free <= 0 {
		t.Errorf("got %d bytes, %v, want some", free, err)
	}
	size := k.Registry.Head().Size
	if _, err := k.Registry.Append(t.Context(), fresh); !errors.Is(err, registry.ErrFull) {
		t.Errorf("got %v, want %v", err, registry.ErrFull)
	}
	if receipt := k.Append(t, entered); receipt.Fresh || receipt.Index != size-1 {
		t.Errorf("got index %d, fresh %t, want %d, false", receipt.Index, receipt.Fresh, size-1)
	}
	_, err := k.Registry.Append(t.Context(), refused)
	wantRefusal(t, err, "code code_unknown")
	if err := k.Registry.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if got := k.Registry.Head().Size; got != size {
		t.Errorf("got a log of %d, want %d", got, size)
	}

	k.Config.Reserve = 1
	k.Reopen(t)
	if receipt := k.Append(t, fresh); receipt.Index != size || !receipt.Fresh {
		t.Errorf("got index %d, fresh %t, want %d, true", receipt.Index, receipt.Fresh, size)
	}
	k.CheckLog(t)
}

// In one batch nothing that is not entered stands in the way of another.
func TestReserveBatch(t *testing.T) {
	k, g, wait := held(t)
	g.open()
	if _, err := wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	k.Config.Reserve = math.MaxInt64
	k.Reopen(t)
	g.hold()
	token := k.Say(t, verify.LabelIssued, registrytest.Code(2), nil)
	waits := []func(context.Context) (registry.Receipt, error){submit(t, k.Registry, k.Say(t, verify.LabelIssued, registrytest.Code(3), nil))}
	<-g.come
	waits = append(waits, submit(t, k.Registry, token), submit(t, k.Registry, token))
	g.open()
	for i, wait := range waits {
		if _, err := wait(context.Background()); !errors.Is(err, registry.ErrFull) {
			t.Errorf("%d: got %v, want %v", i, err, registry.ErrFull)
		}
	}
}
