//go:build linux

package etcd_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tegata/registry/sequencer"
	"tegata/registry/sequencer/etcd"
	"tegata/registry/sequencer/etcd/etcdtest"
	"tegata/verify/tlog"
)

// The members that most tests share, each test under a prefix of its own. A test
// that stops some starts them again.
var shared *etcdtest.Cluster

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "etcd")
		if err == nil {
			defer os.RemoveAll(dir)
			shared, err = etcdtest.Start(dir, 3)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer shared.Close()
		return m.Run()
	}())
}

// targets are those that were given so far.
var targets atomic.Int32

// target is a place of its own in a cluster.
func target(t *testing.T, c *etcdtest.Cluster) etcd.Target {
	t.Helper()
	out, err := etcd.ParseTarget(fmt.Sprintf("%s/%s-%d", strings.Join(c.Endpoints(), ","), strings.ReplaceAll(t.Name(), "/", "-"), targets.Add(1)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// open returns a node's way to the target.
func open(t testing.TB, to etcd.Target) *etcd.Cluster {
	t.Helper()
	c, err := etcd.Open(to, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// A history is a log as a node knows it; name tells those apart that forked.
type history struct {
	name string
	size int64
}

var signer = func() *tlog.LogSigner {
	s, err := tlog.NewLogSigner("labels.example", ed25519.NewKeyFromSeed(make([]byte, 32)))
	if err != nil {
		panic(err)
	}
	return s
}()

func (h history) root() tlog.Hash {
	if h.size == 0 {
		return tlog.Hash{}
	}
	return sha256.Sum256([]byte(h.name + fmt.Sprint(h.size)))
}

// next is the batch of n entries that follows.
func (h history) next(t *testing.T, n int, at time.Time) (sequencer.Batch, history) {
	t.Helper()
	b := sequencer.Batch{First: h.size, Before: h.root()}
	for i := range n {
		b.Entries = append(b.Entries, tlog.Entry{Logged: at, Status: tlog.NoStatus, Token: fmt.Sprint(h.name, h.size+int64(i))}.Marshal())
	}
	h.size += int64(n)
	b.Head = h.head(t)
	return b, h
}

// head is its signed checkpoint.
func (h history) head(t *testing.T) []byte {
	t.Helper()
	signed, err := tlog.Sign(tlog.Checkpoint{Origin: "labels.example", Size: h.size, Root: h.root()}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// enter has a node enter batches of n entries each.
func enter(t *testing.T, c *etcd.Cluster, h history, batches, n int) history {
	t.Helper()
	for range batches {
		b, next := h.next(t, n, then)
		if err := c.Append(t.Context(), b); err != nil {
			t.Fatalf("batch at %d: %v", b.First, err)
		}
		h = next
	}
	return h
}

var then = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// TestAppend holds that a batch is entered only behind the very log it follows.
func TestAppend(t *testing.T) {
	to := target(t, shared)
	a, b := open(t, to), open(t, to)
	h := enter(t, a, history{name: "one"}, 3, 4)

	again, _ := history{"one", 8}.next(t, 4, then)
	late, _ := history{"one", 8}.next(t, 1, then)
	other, _ := history{"other", 12}.next(t, 1, then)
	ahead, _ := history{"one", 16}.next(t, 1, then)
	first, _ := history{"one", 0}.next(t, 1, then)
	large, _ := h.next(t, 1, then)
	for len(large.Entries) < sequencer.EntriesMost {
		large.Entries = append(large.Entries, make([]byte, 4096))
	}
	for _, c := range []struct {
		what  string
		batch sequencer.Batch
		want  any // an error, a Reason, or words
	}{
		{"the last one again", again, sequencer.ErrBehind},
		{"another in its place", late, sequencer.ErrBehind},
		{"a first one", first, sequencer.ErrBehind},
		{"one of a history with as many entries", other, sequencer.Forked},
		{"one of a longer history", ahead, sequencer.Older},
		{"a larger one than etcd takes", large, "over"},
	} {
		for _, node := range []*etcd.Cluster{a, b} { // one knows the head, one does not
			err := node.Append(t.Context(), c.batch)
			checkError(t, c.what, err, c.want)
		}
	}
	// Nothing of that was entered.
	b2, err := b.Next(t.Context(), 8)
	if err != nil || b2.First != 8 || len(b2.Entries) != 4 || b2.Known != 12 {
		t.Errorf("got %d entries from %d of %d, %v; want 4 from 8 of 12", len(b2.Entries), b2.First, b2.Known, err)
	}
	enter(t, b, h, 1, 1)
}

func checkError(t *testing.T, what string, err error, want any) {
	t.Helper()
	var fault *sequencer.Fault
	switch want := want.(type) {
	case error:
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", what, err, want)
		}
	case string:
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", what, err, want)
		}
	case sequencer.Reason:
		if !errors.As(err, &fault) || fault.Reason != want {
			t.Errorf("%s: got %v, want %q", what, err, want)
		}
	}
}

// TestNext holds that a node gets what follows whatever it has.
func TestNext(t *testing.T) {
	to := target(t, shared)
	a, b := open(t, to), open(t, to)
	if _, err := b.Next(t.Context(), 0); err == nil {
		t.Error("nothing is there, and nobody says so")
	} else {
		checkError(t, "nothing there", err, sequencer.Missing)
	}
	h := enter(t, a, history{name: "one"}, 5, 4)
	for _, c := range []struct{ size, first int64 }{{0, 0}, {4, 4}, {5, 4}, {7, 4}, {8, 8}, {19, 16}} {
		got, err := b.Next(t.Context(), c.size)
		want, _ := history{"one", c.first}.next(t, 4, then)
		if err != nil || got.First != c.first || got.Known != h.size {
			t.Errorf("after %d: got the batch at %d of %d, %v; want the one at %d of %d", c.size, got.First, got.Known, err, c.first, h.size)
			continue
		}
		if !slices.EqualFunc(got.Entries, want.Entries, bytes.Equal) || !bytes.Equal(got.Head, want.Head) {
			t.Errorf("after %d: got %q, want %q", c.size, got.Entries, want.Entries)
		}
	}
	// A node that is as far is told the head, so that it can compare it.
	fresh := open(t, to)
	if got, err := fresh.Next(t.Context(), h.size); err != nil || len(got.Entries) > 0 || !bytes.Equal(got.Head, h.head(t)) {
		t.Errorf("got %d entries and the head %q, %v; want the head alone", len(got.Entries), got.Head, err)
	}
	_, err := fresh.Next(t.Context(), h.size+1)
	checkError(t, "a node that is ahead", err, sequencer.Older)

	// Those who wait are told what comes.
	came := make(chan sequencer.Batch)
	go func(size, end int64) {
		defer close(came)
		for size < end {
			got, err := fresh.Next(t.Context(), size)
			if err != nil {
				t.Error(err)
				return
			}
			if len(got.Entries) > 0 {
				came <- got
				size = got.Size()
			}
		}
	}(h.size, h.size+8)
	for range 2 {
		want, next := h.next(t, 4, then)
		if err := a.Append(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got := <-came; got.First != h.size || !bytes.Equal(got.Head, want.Head) {
			t.Errorf("told of the batch at %d, want %d", got.First, h.size)
		}
		h = next
	}
	<-came
}

// TestNextEnds holds that who waits ends when it is told to.
func TestNextEnds(t *testing.T) {
	to := target(t, shared)
	a := open(t, to)
	h := enter(t, a, history{name: "one"}, 1, 1)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := a.Next(ctx, h.size)
		ended <- err
	}()
	end()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestWriters has many write at once: each batch is entered once, and all is one
// history.
func TestWriters(t *testing.T) {
	to := target(t, shared)
	enter(t, open(t, to), history{name: "one"}, 1, 1)
	const writers, each = 6, 10
	var all sync.WaitGroup
	for w := range writers {
		node := open(t, to)
		all.Go(func() {
			h, entered := history{"one", 1}, 0
			for entered < each {
				b, next := h.next(t, 1, then.Add(time.Duration(w)*time.Second))
				err := node.Append(t.Context(), b)
				switch {
				case err == nil:
					h, entered = next, entered+1
				case errors.Is(err, sequencer.ErrBehind):
					got, err := node.Next(t.Context(), h.size)
					if err != nil {
						t.Error(err)
						return
					}
					h.size = got.Size()
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	node, by := open(t, to), map[time.Time]int{}
	for size := int64(1); size < 1+writers*each; size++ {
		got, err := node.Next(t.Context(), size)
		if err != nil || got.First != size || got.Known != 1+writers*each {
			t.Fatalf("after %d: the batch at %d of %d, %v", size, got.First, got.Known, err)
		}
		e, err := tlog.ParseEntry(got.Entries[0])
		if err != nil {
			t.Fatal(err)
		}
		by[e.Logged]++
	}
	for w, n := range by {
		if n != each {
			t.Errorf("the writer of %v has %d entries, want %d", w, n, each)
		}
	}
}
