//go:build linux

package etcd_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tegata/registry/sequencer"
	"tegata/registry/sequencer/etcd"
	"tegata/registry/sequencer/etcd/etcdtest"
)

// TestPrune holds what is kept: by the time of entry, by size, and the last batch
// whatever its age.
func TestPrune(t *testing.T) {
	to := target(t, shared)
	c, behind := open(t, to), open(t, to)
	h := history{name: "one"}
	const days = 40
	for day := range days {
		b, next := h.next(t, 2, then.AddDate(0, 0, day))
		if err := c.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		h = next
		if day == 0 {
			if _, err := behind.Next(t.Context(), h.size); err != nil {
				t.Fatal(err)
			}
		}
	}
	prune := func(keep etcd.Keep, want int) {
		t.Helper()
		if n, err := c.Prune(t.Context(), keep); err != nil || n != want {
			t.Errorf("%d batches deleted, %v; want %d", n, err, want)
		}
	}
	prune(etcd.Keep{Since: then.AddDate(0, 0, 30), Bytes: 1 << 30}, 30)
	prune(etcd.Keep{Since: then.AddDate(0, 0, 30), Bytes: 1 << 30}, 0)
	for _, gone := range []int64{0, 31, 59} {
		if _, err := c.Next(t.Context(), gone); !errors.Is(err, sequencer.ErrGone) {
			t.Errorf("after %d: got %v, want %v", gone, err, sequencer.ErrGone)
		}
	}
	for _, kept := range []int64{60, 61} {
		if b, err := c.Next(t.Context(), kept); err != nil || b.First != 60 {
			t.Errorf("after %d: the batch at %d, %v", kept, b.First, err)
		}
	}
	prune(etcd.Keep{Since: then, Bytes: 1}, 9)
	prune(etcd.Keep{Since: then.AddDate(1, 0, 0), Bytes: 1 << 30}, 0)
	// A node whose log ends where a batch was deleted, and one that was set back.
	for _, late := range []int64{0, 2, 76} {
		b, _ := history{"one", late}.next(t, 2, then)
		if err := c.Append(t.Context(), b); !errors.Is(err, sequencer.ErrBehind) {
			t.Errorf("a batch at %d, where one was deleted: got %v, want %v", late, err, sequencer.ErrBehind)
		}
	}
	b, _ := history{"one", 2}.next(t, 2, then)
	if err := behind.Append(t.Context(), b); !errors.Is(err, sequencer.ErrBehind) {
		t.Errorf("behind the head that was known before that: got %v, want %v", err, sequencer.ErrBehind)
	}
	enter(t, c, h, 1, 2)
}

// TestQuota fills a cluster. It says why it takes nothing more, what is there can
// be read, and once something is deleted it goes on.
func TestQuota(t *testing.T) {
	t.Parallel()
	const quota = 4 << 20
	full, err := etcdtest.Start(t.TempDir(), 1, "--quota-backend-bytes", "4194304")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := full.Close(); err != nil {
			t.Error(err)
		}
	})
	c := open(t, target(t, full))
	h := history{name: "one"}
	var last history // the one that was refused
	var refused error
	for refused == nil {
		b, next := h.next(t, 8, then)
		last = next
		for i := range b.Entries {
			b.Entries[i] = append(b.Entries[i], strings.Repeat("x", 60<<10)...)
		}
		if refused = c.Append(t.Context(), b); refused == nil {
			h = next
		}
		if h.size > 1000 {
			t.Fatal("it is never full")
		}
	}
	if !errors.Is(refused, sequencer.ErrUnavailable) {
		t.Errorf("got %v, want %v", refused, sequencer.ErrUnavailable)
	}
	checkError(t, "full", refused, "quota")
	b, err := c.Next(t.Context(), 0)
	if b.Known == last.size { // etcd may enter what fills it, and say that there is no room: Next tells
		h = last
	}
	if err != nil || b.Known != h.size {
		t.Errorf("%d entries, %v; want %d", b.Known, err, h.size)
	}
	if n, err := c.Prune(t.Context(), etcd.Keep{Since: then.Add(time.Hour), Bytes: quota / 2}); err != nil || n == 0 {
		t.Fatalf("%d batches deleted, %v", n, err)
	}
	enter(t, c, h, 3, 1)
}
