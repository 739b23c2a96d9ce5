package registry_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify/tlog"
)

// TestCopyWhileWriting copies the registry again and again while eight write: each
// copy is a registry, whose head is one that was acknowledged, and which answers
// no less than was acknowledged before it was begun.
func TestCopyWhileWriting(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	const writers, each, copies = 8, 40, 12
	var mu sync.Mutex
	acknowledged := map[tlog.Checkpoint]bool{}
	most := func() (n int64) {
		mu.Lock()
		defer mu.Unlock()
		for head := range acknowledged {
			n = max(n, head.Size)
		}
		return n
	}
	open := func(signed []byte) tlog.Checkpoint {
		head, _, err := tlog.OpenCheckpoint(signed, k.Registry.LogKey())
		if err != nil {
			t.Error(err)
		}
		return head
	}
	signed, err := k.Registry.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	acknowledged[open(signed)] = true
	var all sync.WaitGroup
	for w := range writers {
		tokens := labels(t, k, int64(1000+w*each), each)
		all.Go(func() {
			for _, token := range tokens {
				receipt, err := k.Registry.Append(context.Background(), token)
				if err != nil {
					t.Error(err)
					return
				}
				head := open(receipt.Checkpoint)
				mu.Lock()
				acknowledged[head] = true
				mu.Unlock()
			}
		})
	}
	type copied struct {
		path   string
		head   tlog.Checkpoint
		before int64 // entries that were acknowledged before it
	}
	var made []copied
	for range copies {
		c := copied{path: filepath.Join(t.TempDir(), "registry.db"), before: most()}
		f, err := os.Create(c.path)
		if err != nil {
			t.Fatal(err)
		}
		err = k.Registry.Copy(func(checkpoint []byte, size int64, file io.WriterTo) error {
			c.head = open(checkpoint)
			n, err := file.WriteTo(f)
			if n != size {
				t.Errorf("%d bytes were written, not %d", n, size)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		made = append(made, c)
	}
	all.Wait()
	for _, c := range made {
		if root, err := k.Registry.Root(c.head.Size); err != nil || root != c.head.Root {
			t.Errorf("the head of a copy, of %d entries, has the root %v, and the log's was %v, %v", c.head.Size, c.head.Root, root, err)
		}
		if c.head.Size < c.before {
			t.Errorf("a copy has %d entries, %d were acknowledged before", c.head.Size, c.before)
		}
		r, err := registry.Open(c.path, k.Config)
		if err != nil {
			t.Fatal(err)
		}
		report, err := r.Audit(t.Context(), nil)
		if err != nil || len(report.Faults) > 0 || report.Size != c.head.Size {
			t.Errorf("got %v, %v of %d entries, want %d", report.Faults, err, report.Size, c.head.Size)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
