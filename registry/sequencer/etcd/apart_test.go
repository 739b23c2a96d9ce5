//go:build linux

package etcd_test

import (
	"errors"
	"testing"

	"tegata/registry/sequencer"
	"tegata/registry/sequencer/etcd"
	"tegata/registry/sequencer/etcd/etcdtest"
)

// TestApart cuts members off, each in a network namespace of its own, so that
// nobody is told: what is sent gets lost. Whoever asks the majority goes on; a node
// that can ask only the member that was cut off can enter nothing, and is as far
// as the others once it is back.
func TestApart(t *testing.T) {
	t.Parallel()
	apart, err := etcdtest.StartApart(t.TempDir(), 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := apart.Close(); err != nil {
			t.Error(err)
		}
	})
	to := target(t, apart)
	a := open(t, to)
	h := enter(t, a, history{name: "one"}, 2, 2)
	for _, leader := range []bool{true, false} {
		m, other := leads(t, apart)
		if !leader {
			m = other
		}
		alone := open(t, etcd.Target{Endpoints: []string{"http://" + m.Client}, Prefix: to.Prefix})
		waiting := follow(t, alone, 0)
		waiting(h.size)
		if err := m.Host.Cut(); err != nil {
			t.Fatal(err)
		}
		next, _ := h.next(t, 1, then)
		if err := alone.Append(t.Context(), next); !errors.Is(err, sequencer.ErrUnavailable) {
			t.Errorf("leader %t: one that is cut off entered: %v", leader, err)
		}
		h = enter(t, a, h, 5, 2)
		if err := m.Host.Heal(); err != nil {
			t.Fatal(err)
		}
		waiting(h.size)
		if err := alone.Append(t.Context(), next); !errors.Is(err, sequencer.ErrBehind) {
			t.Errorf("leader %t: what was not entered: got %v, want %v", leader, err, sequencer.ErrBehind)
		}
		h = enter(t, alone, h, 1, 2)
		if err := m.Ready(); err != nil {
			t.Fatal(err)
		}
	}
}
