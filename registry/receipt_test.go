package registry_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	theirlog "github.com/transparency-dev/formats/log"
	theirnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/tlog"
)

// theirs reads a checkpoint of the registry with other people's code, and
// returns it with the time it was cosigned.
func theirs(tb testing.TB, r *registry.Registry, signed []byte) (*theirlog.Checkpoint, time.Time) {
	tb.Helper()
	logKey, err := note.NewVerifier(r.LogKey().String())
	if err != nil {
		tb.Fatal(err)
	}
	cosignerKey, err := theirnote.NewVerifierForCosignatureV1(r.CosignerKey().String())
	if err != nil {
		tb.Fatal(err)
	}
	c, rest, n, err := theirlog.ParseCheckpoint(signed, r.Origin(), logKey, cosignerKey)
	if err != nil || len(rest) != 0 || len(n.Sigs) != 2 {
		tb.Fatalf("checkpoint: %v, %d bytes left, want none, with 2 signatures:\n%s", err, len(rest), signed)
	}
	at, err := theirnote.CoSigV1Timestamp(n.Sigs[1])
	if err != nil {
		tb.Fatal(err)
	}
	return c, at
}

// checkReceipt checks a receipt with other people's code.
func checkReceipt(tb testing.TB, r *registry.Registry, receipt registry.Receipt) *theirlog.Checkpoint {
	tb.Helper()
	c, _ := theirs(tb, r, receipt.Checkpoint)
	path := make([][]byte, len(receipt.Proof))
	for i, h := range receipt.Proof {
		path[i] = h[:]
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(receipt.Index), c.Size, receipt.Leaf[:], path, c.Hash); err != nil {
		tb.Fatalf("receipt of entry %d in %d: %v", receipt.Index, c.Size, err)
	}
	return c
}

// rootOf is the root over leaves, by other people's code.
func rootOf(tb testing.TB, leaves []tlog.Hash) []byte {
	tb.Helper()
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	all := factory.NewEmptyRange(0)
	for _, h := range leaves {
		if err := all.Append(h[:], nil); err != nil {
			tb.Fatal(err)
		}
	}
	root, err := all.GetRootHash(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return root
}

func TestReceipts(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))

	heads := map[uint64][]byte{} // root, by size
	given := map[int64]registry.Receipt{}
	for n := range int64(90) {
		token := k.Say(t, verify.LabelIssued, registrytest.Code(n), nil)
		k.Clock.Set(k.Clock.Now().Add(time.Duration(rng.IntN(100_000)) * time.Microsecond))
		receipt := k.Append(t, token)
		if receipt.Logged != k.Clock.Now().Truncate(time.Millisecond) {
			t.Errorf("entry %d: logged %v, want %v", receipt.Index, receipt.Logged, k.Clock.Now())
		}
		if receipt.Status < 0 || receipt.Status >= 1<<20 {
			t.Errorf("entry %d: got status-list index %d", receipt.Index, receipt.Status)
		}
		c := checkReceipt(t, k.Registry, receipt)
		heads[c.Size] = c.Hash
		given[receipt.Index] = receipt
	}

	size := k.Registry.Head().Size
	leaves := make([]tlog.Hash, size)
	for i := range size {
		receipt, err := k.Registry.Receipt(i)
		if err != nil {
			t.Fatal(err)
		}
		if c := checkReceipt(t, k.Registry, receipt); c.Size != uint64(size) {
			t.Errorf("receipt of entry %d is of a tree of %d, want %d", i, c.Size, size)
		}
		if g, ok := given[i]; ok && (g.Leaf != receipt.Leaf || !g.Logged.Equal(receipt.Logged) || g.Status != receipt.Status || receipt.Fresh) {
			t.Errorf("entry %d: got %+v, want what was given: %+v", i, receipt, g)
		}
		leaves[i] = receipt.Leaf
	}
	// Every head ever given is the root of the first leaves: each continues the
	// one before.
	for size, root := range heads {
		if got := rootOf(t, leaves[:size]); !bytes.Equal(got, root) {
			t.Errorf("size %d: root over its leaves is %x, want %x", size, got, root)
		}
	}
	for _, i := range []int64{-1, size, 1 << 60} {
		if _, err := k.Registry.Receipt(i); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("receipt %d: got %v, want %v", i, err, registry.ErrNotFound)
		}
		if _, err := k.Registry.Envelope(i); !errors.Is(err, registry.ErrNotFound) {
			t.Errorf("envelope %d: got %v, want %v", i, err, registry.ErrNotFound)
		}
	}
}

// TestConsistency proves each head from each earlier one, by other people's code.
func TestConsistency(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	var heads []*theirlog.Checkpoint
	for n := range int64(20) {
		receipt := k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(n), nil))
		heads = append(heads, checkReceipt(t, k.Registry, receipt))
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i := range k.Registry.Head().Size {
		receipt, err := k.Registry.Receipt(i)
		if err != nil {
			t.Fatal(err)
		}
		more, err := tlog.StoredHashes(i, receipt.Leaf, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, more...)
	}
	for i, now := range heads {
		for _, old := range heads[:i] {
			hashes, err := tlog.Consistency(int64(now.Size), int64(old.Size), reader)
			if err != nil {
				t.Fatal(err)
			}
			path := make([][]byte, len(hashes))
			for i, h := range hashes {
				path[i] = h[:]
			}
			if err := proof.VerifyConsistency(rfc6962.DefaultHasher, old.Size, now.Size, path, old.Hash, now.Hash); err != nil {
				t.Errorf("from %d to %d: %v", old.Size, now.Size, err)
			}
		}
	}
}

func TestCheckpointIsDatedAnew(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	made := k.Clock.Now()
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(1), nil))
	for _, c := range []struct {
		after, dated time.Duration
	}{
		{0, 0},
		{59 * time.Second, 0},
		{60 * time.Second, 60 * time.Second},
		{119 * time.Second, 60 * time.Second},
		{time.Hour, time.Hour},
		{time.Minute, time.Hour}, // the clock went back
	} {
		k.Clock.Set(made.Add(c.after))
		signed, err := k.Registry.Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		head, at := theirs(t, k.Registry, signed)
		if !at.Equal(made.Add(c.dated)) || head.Size != uint64(k.Registry.Head().Size) {
			t.Errorf("after %v: size %d, dated %v, want %d, %v", c.after, head.Size, at, k.Registry.Head().Size, made.Add(c.dated))
		}
	}
	k.CheckLog(t)
	k.Reopen(t)
	k.CheckLog(t)
}

// TestClockGoesBack enters statements while the clock goes back: the log does not.
func TestClockGoesBack(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	late := k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(1), nil))
	k.Clock.Set(k.Clock.Now().Add(-10 * time.Minute))
	early := k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(2), nil))
	if !early.Logged.Equal(late.Logged) {
		t.Errorf("logged %v after %v", early.Logged, late.Logged)
	}
	if head := k.Registry.Head(); head.Time.Before(late.Logged) {
		t.Errorf("the head is of %v, before its last entry of %v", head.Time, late.Logged)
	}
	k.CheckLog(t)
}
