//go:build linux

package etcd_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tegata/registry/sequencer"
	"tegata/registry/sequencer/etcd"
	"tegata/registry/sequencer/etcd/etcdtest"
)

// started starts members again that a test has stopped, and waits for them.
func started(t *testing.T, members ...*etcdtest.Member) {
	t.Helper()
	for _, m := range members {
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range members {
		if err := m.Ready(); err != nil {
			t.Fatal(err)
		}
	}
}

// leads finds the member that leads, and one that does not.
func leads(t *testing.T, c *etcdtest.Cluster) (leader, other *etcdtest.Member) {
	t.Helper()
	leader, err := c.Leader()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range c.Members {
		if m != leader {
			other = m
		}
	}
	return leader, other
}

// TestMinorityGone holds that one member of three may be away, in any way, and
// nobody who writes is refused.
func TestMinorityGone(t *testing.T) {
	to := target(t, shared)
	a, b := open(t, to), open(t, to)
	h := enter(t, a, history{name: "one"}, 2, 1)
	for _, c := range []struct {
		what   string
		leader bool
		away   func(*etcdtest.Member) error
		back   func(*etcdtest.Member)
	}{
		{"a follower killed", false, func(m *etcdtest.Member) error { m.Kill(); return nil }, func(m *etcdtest.Member) { started(t, m) }},
		{"the leader killed", true, func(m *etcdtest.Member) error { m.Kill(); return nil }, func(m *etcdtest.Member) { started(t, m) }},
		{"the leader stopped", true, func(m *etcdtest.Member) error { m.Stop(); return nil }, func(m *etcdtest.Member) { started(t, m) }},
		{"the leader paused", true, (*etcdtest.Member).Pause, func(m *etcdtest.Member) {
			if err := errors.Join(m.Resume(), m.Ready()); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		m, other := leads(t, shared)
		if !c.leader {
			m = other
		}
		if err := c.away(m); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		h = enter(t, a, h, 1, 1)
		t.Logf("%s: the next batch took %v", c.what, time.Since(start).Round(time.Millisecond))
		h = enter(t, b, h, 1, 1)
		h = enter(t, a, h, 3, 1)
		if got, err := b.Next(t.Context(), 0); err != nil || got.Known != h.size {
			t.Errorf("%s: %d entries, %v; want %d", c.what, got.Known, err, h.size)
		}
		c.back(m)
	}
}

// TestMajorityGone holds that nobody is told that something is entered, or that
// it is not, while nobody can know; that what was entered is there when the
// members return; and that who waited goes on.
func TestMajorityGone(t *testing.T) {
	t.Parallel()
	to := target(t, shared)
	a, b := open(t, to), open(t, to)
	h := enter(t, a, history{name: "one"}, 3, 2)
	waiting := follow(t, b, h.size)
	leader, other := leads(t, shared)
	leader.Kill()
	other.Kill()
	next, after := h.next(t, 2, then)
	if err := a.Append(t.Context(), next); !errors.Is(err, sequencer.ErrUnavailable) {
		t.Errorf("entered with one member of three: %v", err)
	}
	if _, err := b.Next(t.Context(), 0); !errors.Is(err, sequencer.ErrUnavailable) {
		t.Errorf("read with one member of three: %v", err)
	}
	started(t, leader, other)
	// It was not entered, or it was though nobody said so.
	if err := a.Append(t.Context(), next); err != nil && !errors.Is(err, sequencer.ErrBehind) {
		t.Fatal(err)
	}
	after = enter(t, a, after, 1, 2)
	for size := int64(0); size < after.size; size += 2 {
		want, _ := history{"one", size}.next(t, 2, then)
		got, err := a.Next(t.Context(), size)
		if err != nil || string(got.Head) != string(want.Head) {
			t.Errorf("the batch at %d is lost: %v", size, err)
		}
	}
	waiting(after.size)
}

// follow follows the cluster from size on in the background. What it returns waits
// until it is as far as told.
func follow(t *testing.T, c *etcd.Cluster, size int64) (until func(int64)) {
	t.Helper()
	var mu sync.Mutex
	grown := sync.NewCond(&mu)
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			b, err := c.Next(ctx, size)
			if ctx.Err() != nil {
				return
			}
			var fault *sequencer.Fault
			if errors.As(err, &fault) {
				t.Error(err)
				return
			}
			if err == nil && len(b.Entries) > 0 {
				mu.Lock()
				size = b.Size()
				grown.Broadcast()
				mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() { end(); <-done })
	return func(to int64) {
		mu.Lock()
		defer mu.Unlock()
		for size < to {
			grown.Wait()
		}
	}
}

// watched waits until somebody waits for what a member is told next.
func watched(t *testing.T, m *etcdtest.Member) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		resp, err := http.Get("http://" + m.Client + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\netcd_debugging_mvcc_watcher_total 1\n") {
			return
		}
		<-again.C
	}
}

// TestCompacted holds that who waits for what follows a state that the cluster has
// forgotten since is told it all the same.
func TestCompacted(t *testing.T) {
	to, m := target(t, shared), shared.Members[0]
	g := newGate(t, m.Client)
	a, one := open(t, to), open(t, etcd.Target{Endpoints: []string{"http://" + g.Addr().String()}, Prefix: to.Prefix})
	h := enter(t, a, history{name: "one"}, 2, 1)
	waiting := follow(t, one, h.size)
	h = enter(t, a, h, 1, 1)
	waiting(h.size)
	watched(t, m) // it waits for the next one, from here on
	g.end()
	other := open(t, etcd.Target{Endpoints: []string{"http://" + m.Client}, Prefix: to.Prefix + "-other"})
	enter(t, other, history{name: "two"}, 5, 1)
	if _, err := other.Prune(t.Context(), etcd.Keep{Since: then, Bytes: 1 << 30}); err != nil {
		t.Fatal(err)
	}
	g.closed.Store(false)
	h = enter(t, a, h, 2, 1)
	waiting(h.size)
}
