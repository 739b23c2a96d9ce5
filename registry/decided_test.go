package registry_test

import (
	"errors"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer/sequencertest"
	"tegata/verify"
)

// TestDecide holds that a file of which another decides the order of entries never
// goes on by itself, nor by the word of a third, until it is told to.
func TestDecide(t *testing.T) {
	kit := registrytest.New(t)
	order := sequencertest.NewMemory()
	kit.Config.Order, kit.Config.Sequencer = "memory:/one", order
	kit.Begin(t)
	kit.CheckLog(t)
	size := kit.Registry.Head().Size
	config := kit.Config
	reopened := func(c registry.Config) *registry.Registry {
		t.Helper()
		if err := kit.Registry.Close(); err != nil {
			t.Fatal(err)
		}
		kit.Config = c
		r, err := registry.Open(kit.Path, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		kit.Registry = r
		return r
	}
	label := func(code int64) []byte { return kit.Say(t, verify.LabelIssued, registrytest.Code(code), nil) }

	alone := config
	alone.Order, alone.Sequencer = "", nil
	r := reopened(alone)
	if _, err := r.Append(t.Context(), label(1)); !errors.Is(err, registry.ErrOrder) || r.Head().Size != size {
		t.Errorf("entered without asking: %v", err)
	}
	if got := r.Order(); got != "memory:/one" {
		t.Errorf("the order is of %q", got)
	}
	kit.CheckLog(t)
	other := config
	other.Order, other.Sequencer = "memory:/other", sequencertest.NewMemory()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for _, open := range []func() (*registry.Registry, error){
		func() (*registry.Registry, error) { return registry.Open(kit.Path, other) },
		func() (*registry.Registry, error) { return registry.Join(t.Context(), kit.Path, other) },
	} {
		if r, err := open(); !errors.Is(err, registry.ErrOrder) {
			t.Errorf("opened with another: %v", err)
			if err == nil {
				r.Close()
			}
		}
	}
	r = reopened(config)
	if _, err := r.Append(t.Context(), label(1)); err != nil || order.Size() != size+1 {
		t.Errorf("%d entries, %v; want %d", order.Size(), err, size+1)
	}
	if err := r.Decide(""); err != nil {
		t.Fatal(err)
	}
	r = reopened(alone)
	if _, err := r.Append(t.Context(), label(2)); err != nil || order.Size() != size+1 {
		t.Errorf("alone: %v, and the other has %d entries", err, order.Size())
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := registry.Open(kit.Path, config); !errors.Is(err, registry.ErrOrder) {
		t.Errorf("a file that is alone was opened by another: %v", err)
		if err == nil {
			r.Close()
		}
	}
}
