// Package sequencertest holds every sequencer to the same: nodes that share one
// order have one history, whoever enters what, and answer with the same bytes.
package sequencertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/verify"
	"tegata/verify/tlog"
)

// Nodes are registries that share one order of entries.
type Nodes struct {
	Kit   *registrytest.Kit // whose Registry is the first node
	order func(testing.TB) sequencer.Sequencer
	all   []*registry.Registry
	begun int64 // how large the log was when the parties were enrolled
}

// New makes the first node, in which the story's parties are enrolled. order
// returns the sequencer of one more node.
func New(t testing.TB, order func(testing.TB) sequencer.Sequencer) *Nodes {
	n := &Nodes{Kit: registrytest.New(t), order: order}
	n.Kit.Config.Sequencer = order(t)
	n.Kit.Begin(t)
	n.all, n.begun = []*registry.Registry{n.Kit.Registry}, n.Kit.Registry.Head().Size
	return n
}

// Join adds a node that begins with nothing.
func (n *Nodes) Join(t testing.TB) *registry.Registry {
	t.Helper()
	return n.join(t, filepath.Join(t.TempDir(), "registry.db"))
}

func (n *Nodes) join(t testing.TB, path string) *registry.Registry {
	t.Helper()
	c := n.Kit.Config
	c.Sequencer = n.order(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := registry.Join(ctx, path, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	n.all = append(n.all, r)
	return r
}

// Same waits until all nodes are as large as the largest, and compares them.
func (n *Nodes) Same(t testing.TB) {
	t.Helper()
	size := int64(0)
	for _, r := range n.all {
		size = max(size, r.Head().Size)
	}
	first := n.all[0]
	for i, r := range n.all {
		for r.Head().Size < size {
			if f := r.Following(); f.Stopped != nil {
				t.Fatalf("node %d stopped: %v", i, f.Stopped)
			}
			time.Sleep(time.Millisecond)
		}
		if got, want := r.Head(), first.Head(); got != want {
			t.Fatalf("node %d is at %v, the first at %v", i, got, want)
		}
		n.compare(t, first, r)
		report, err := r.Audit(context.Background(), nil)
		if err != nil {
			t.Fatalf("node %d: %v", i, err)
		}
		for _, f := range report.Faults {
			t.Errorf("node %d: audit: %v", i, f)
		}
	}
}

// compare compares all entries of two nodes, and what they say of every code.
func (n *Nodes) compare(t testing.TB, a, b *registry.Registry) {
	t.Helper()
	size := a.Head().Size
	for at := int64(0); at < size; at += tlog.TileWidth {
		p := tlog.TilePath{Level: tlog.EntriesLevel, Index: at / tlog.TileWidth, Width: int(min(tlog.TileWidth, size-at))}
		one, err := a.Tile(p)
		other, err2 := b.Tile(p)
		if err = errors.Join(err, err2); err != nil || !bytes.Equal(one, other) {
			t.Fatalf("%s differs, %v", p, err)
		}
	}
	codes, err := a.Codes(context.Background(), "", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range codes {
		one, other := n.verdict(t, a, code), n.verdict(t, b, code)
		if one != other {
			t.Fatalf("%s: one node says %s, another %s", code, one, other)
		}
	}
}

func (n *Nodes) verdict(t testing.TB, r *registry.Registry, code verify.Code) string {
	t.Helper()
	f, err := r.Lookup(context.Background(), code)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(verify.Judge(f, verify.Question{At: n.Kit.Clock.Now(), In: verify.InGB}))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// labels seals n labels, the codes of which begin at from.
func (n *Nodes) labels(t testing.TB, from, count int) [][]byte {
	out := make([][]byte, count)
	for i := range out {
		out[i] = n.Kit.Say(t, verify.LabelIssued, registrytest.Code(int64(from+i)), nil)
	}
	return out
}

// Run runs the suite on orders that any node may write to; each call of fresh
// begins an empty one.
func Run(t *testing.T, fresh func(testing.TB) func(testing.TB) sequencer.Sequencer) {
	ctx := context.Background()
	t.Run("writers", func(t *testing.T) {
		const each = 12
		n := New(t, fresh(t))
		n.Join(t)
		n.Join(t)
		sealed := n.labels(t, 0, each*len(n.all))
		var all sync.WaitGroup
		for w, r := range n.all {
			for _, token := range sealed[w*each : (w+1)*each] {
				all.Go(func() { enter(t, r, token) })
			}
		}
		all.Wait()
		n.Same(t)
		if got, want := n.all[0].Head().Size, n.begun+int64(len(sealed)); got != want {
			t.Errorf("%d entries, want %d", got, want)
		}
	})
	t.Run("twice", func(t *testing.T) {
		n := New(t, fresh(t))
		other := n.Join(t)
		for _, token := range n.labels(t, 0, 8) {
			var there, here registry.Receipt
			var both sync.WaitGroup
			both.Go(func() { here = enter(t, n.all[0], token) })
			both.Go(func() { there = enter(t, other, token) })
			both.Wait()
			if here.Index != there.Index || here.Leaf != there.Leaf || here.Fresh == there.Fresh {
				t.Errorf("one node entered it at %d (fresh %t), the other at %d (fresh %t)", here.Index, here.Fresh, there.Index, there.Fresh)
			}
		}
		n.Same(t)
	})
	t.Run("refused by what another entered", func(t *testing.T) {
		n := New(t, fresh(t))
		other := n.Join(t)
		enter(t, n.all[0], n.labels(t, 7, 1)[0])
		again := n.Kit.Say(t, verify.LabelIssued, registrytest.Code(8), func(m map[string]any) {
			m["label"].(map[string]any)["number"] = "N-" + string(registrytest.Code(7))
		})
		_, err := other.Append(ctx, again)
		var no *registry.Refusal
		if !errors.As(err, &no) || len(no.Faults) != 1 || no.Faults[0].Rule != verify.NumberUsed {
			t.Errorf("error %v, want the number to be taken", err)
		}
		n.Same(t)
	})
	t.Run("rests on what another entered", func(t *testing.T) {
		order := fresh(t)
		n := New(t, order)
		late := &late{Sequencer: order(t)}
		late.hold()
		n.order = func(testing.TB) sequencer.Sequencer { return late }
		close(late.held)
		other := n.Join(t)
		for _, said := range [][2][]byte{
			{n.labels(t, 5, 1)[0], n.Kit.Say(t, verify.LabelStatus, registrytest.Code(5), nil)},
			{n.Kit.Say(t, verify.KeyAdded, "", func(m map[string]any) { m["from"] = m["made"] }),
				n.Kit.Seal(t, "ipa+", n.Kit.Make(t, verify.LabelIssued, registrytest.Code(6), nil))},
		} {
			late.hold()
			enter(t, n.all[0], said[0])
			if enter(t, other, said[1]); t.Failed() {
				t.FailNow() // it hears nothing
			}
		}
		n.Same(t)
	})
	t.Run("late and again", func(t *testing.T) {
		n := New(t, fresh(t))
		path := filepath.Join(t.TempDir(), "registry.db")
		r := n.join(t, path)
		n.all = n.all[:1]
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		for _, token := range n.labels(t, 0, 20) {
			enter(t, n.all[0], token)
		}
		n.join(t, path)
		n.Join(t)
		n.Same(t)
	})
	t.Run("created once", func(t *testing.T) {
		order := fresh(t)
		n := New(t, order)
		c := n.Kit.Config
		c.Sequencer = order(t)
		path := filepath.Join(t.TempDir(), "registry.db")
		first := n.Kit.Story(t)[0]
		n.Kit.Clock.Set(first.Head.Made)
		r, err := registry.Create(path, c, n.Kit.Seal(t, first.Head.By, first.Payload))
		if !errors.Is(err, registry.ErrExists) {
			if err == nil {
				r.Close()
			}
			t.Errorf("error %v, want that a log is there", err)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// late gives what follows once something is appended, or tried to be.
type late struct {
	sequencer.Sequencer
	mu   sync.Mutex
	held chan struct{} // closed: it gives
}

func (l *late) hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = make(chan struct{})
}

func (l *late) Append(ctx context.Context, b sequencer.Batch) error {
	err := l.Sequencer.Append(ctx, b)
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.held:
	default:
		close(l.held)
	}
	return err
}

func (l *late) Next(ctx context.Context, size int64) (sequencer.Batch, error) {
	b, err := l.Sequencer.Next(ctx, size)
	l.mu.Lock()
	held := l.held
	l.mu.Unlock()
	select {
	case <-held:
		return b, err
	case <-ctx.Done():
		return sequencer.Batch{}, ctx.Err()
	}
}

// enter enters a token, and goes on while it is not known whether it was. The receipt
// proves the entry, in the one history there is.
func enter(t testing.TB, r *registry.Registry, token []byte) registry.Receipt {
	t.Helper()
	for {
		receipt, err := r.Append(context.Background(), token)
		if errors.Is(err, sequencer.ErrUnavailable) || errors.Is(err, registry.ErrBusy) {
			continue
		}
		if err == nil {
			err = proved(r, receipt)
		}
		if err != nil {
			t.Error(err)
		}
		return receipt
	}
}

// proved checks a receipt as whoever it was given to does.
func proved(r *registry.Registry, receipt registry.Receipt) error {
	trust, err := r.Trust()
	if err != nil {
		return err
	}
	head, _, err := trust.OpenCheckpoint(receipt.Checkpoint)
	if err != nil {
		return err
	}
	if root, err := r.Root(head.Size); err != nil || root != head.Root {
		return fmt.Errorf("receipt of entry %d: the first %d entries have the root %s (%v), its head has %s", receipt.Index, head.Size, root, err, head.Root)
	}
	return tlog.CheckInclusion(receipt.Proof, head.Size, head.Root, receipt.Index, receipt.Leaf)
}
