package registry_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify/tlog"
)

// TestReceiptsOfBatches has batches of any size follow one another: each receipt
// is at the head with its batch, and proves its entry to other people's code.
func TestReceiptsOfBatches(t *testing.T) {
	k := registrytest.New(t)
	var hold atomic.Bool
	committed, goOn := make(chan struct{}), make(chan struct{})
	k.Config.Committed = func(int, time.Duration) {
		if hold.Swap(false) {
			committed <- struct{}{}
			<-goOn
		}
	}
	k.Begin(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var first int64
	for range 12 {
		tokens := labels(t, k, first, 1+rng.Int64N(40))
		first += int64(len(tokens))
		waits := make([]func(context.Context) (registry.Receipt, error), len(tokens))
		hold.Store(true)
		waits[0] = submit(t, k.Registry, tokens[0])
		<-committed
		for i, token := range tokens[1:] {
			waits[1+i] = submit(t, k.Registry, token)
		}
		alone := k.Registry.Head().Size
		goOn <- struct{}{}
		for i, wait := range waits {
			receipt, err := wait(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := alone
			if i > 0 {
				want += int64(len(tokens) - 1)
			}
			if c := checkReceipt(t, k.Registry, receipt); c.Size != uint64(want) || receipt.Index != alone-1+int64(i) || !receipt.Fresh {
				t.Errorf("statement %d of %d after %d: got entry %d of %d, fresh %v", i, len(tokens), alone-1, receipt.Index, c.Size, receipt.Fresh)
			}
		}
	}
	k.CheckLog(t)
}

// TestDamagedWhileOpen changes each hash that the root is made of, in the file of a
// registry that is open: nothing is built on it, and what was entered stays as it was.
func TestDamagedWhileOpen(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	appendAll(t, k.Registry, labels(t, k, 0, 8))
	token := labels(t, k, 100, 1)[0]
	head := k.Registry.Head()
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := registry.RawRows(k.Path)
	if err != nil {
		t.Fatal(err)
	}
	var made [][]byte // the hashes that the root is made of
	at := map[string][]byte{}
	for _, r := range rows {
		if r.Bucket == "hash" {
			at[string(r.Key)] = r.Value
		}
	}
	if _, err := tlog.TreeHash(head.Size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, n := range indexes {
			h := at[string(registry.Number(n))]
			made = append(made, h)
			copy(out[i][:], h)
		}
		return out, nil
	})); err != nil || len(made) < 2 {
		t.Fatalf("%d hashes make the root of %d entries, %v", len(made), head.Size, err)
	}
	for _, hash := range made {
		r, err := registry.Open(k.Path, k.Config)
		if err != nil {
			t.Fatal(err)
		}
		was := overwrite(t, k.Path, hash)
		if _, err := r.Append(t.Context(), token); !errors.Is(err, registry.ErrDamaged) || r.Head().Size != head.Size {
			t.Errorf("hash %x: got %v and %d entries, want %v and %d", hash, err, r.Head().Size, registry.ErrDamaged, head.Size)
		}
		if err := r.Ready(t.Context()); !errors.Is(err, registry.ErrDamaged) {
			t.Errorf("hash %x: ready: got %v, want %v", hash, err, registry.ErrDamaged)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(k.Path, was, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	k.Reopen(t)
	k.Append(t, token)
	k.CheckLog(t)
}

// overwrite changes one bit wherever the bytes stand in a file, and returns the file as
// it was.
func overwrite(t *testing.T, path string, b []byte) (was []byte) {
	t.Helper()
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for from := 0; ; n++ {
		i := bytes.Index(was[from:], b)
		if i < 0 {
			break
		}
		if _, err := f.WriteAt([]byte{b[0] ^ 1}, int64(from+i)); err != nil {
			t.Fatal(err)
		}
		from += i + len(b)
	}
	if n == 0 {
		t.Fatalf("%x is not in the file", b)
	}
	return was
}
