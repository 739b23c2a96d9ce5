package registry_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify/tlog"
)

// TestCheckedIsCheckedAgain damages the file of a registry that has checked all of
// it: what it keeps in memory makes it believe nothing that is read later.
func TestCheckedIsCheckedAgain(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	appendAll(t, k.Registry, labels(t, k, 0, 90))
	size := k.Registry.Head().Size
	tokens := make([]string, size)
	for range 2 { // what is kept is made use of
		for i := range size {
			var err error
			if tokens[i], err = k.Registry.Envelope(i); err != nil {
				t.Fatal(err)
			}
			if _, err := k.Registry.Receipt(i); err != nil {
				t.Fatal(err)
			}
		}
	}
	kept := registry.CheckedHashes(k.Registry)
	if want := int(size/32 + size/64); len(kept) != want {
		t.Errorf("%d hashes are kept, want %d", len(kept), want)
	}
	file, err := os.OpenFile(k.Path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	whole, err := os.ReadFile(k.Path)
	if err != nil {
		t.Fatal(err)
	}
	// flip changes a byte wherever those bytes stand in the file, for as long as f
	// runs.
	flip := func(b []byte, f func()) {
		t.Helper()
		var at []int
		for from := 0; ; {
			i := bytes.Index(whole[from:], b)
			if i < 0 {
				break
			}
			at = append(at, from+i+len(b)-1)
			from += i + len(b)
		}
		if len(at) == 0 {
			t.Fatalf("%x is not in the file", b)
		}
		write := func(change byte) {
			for _, at := range at {
				if _, err := file.WriteAt([]byte{whole[at] ^ change}, int64(at)); err != nil {
					t.Fatal(err)
				}
			}
		}
		write(1)
		f()
		write(0)
	}
	for i := range size {
		flip([]byte(tokens[i]), func() {
			if _, err := k.Registry.Envelope(i); !errors.Is(err, registry.ErrDamaged) {
				t.Errorf("entry %d was altered: envelope: got %v, want %v", i, err, registry.ErrDamaged)
			}
			if _, err := k.Registry.Receipt(i); !errors.Is(err, registry.ErrDamaged) {
				t.Errorf("entry %d was altered: receipt: got %v, want %v", i, err, registry.ErrDamaged)
			}
		})
		receipt, err := k.Registry.Receipt(i)
		if err != nil {
			t.Fatal(err)
		}
		for level, h := range receipt.Proof {
			if level == 5 || i>>(level+1) == (size-1)>>(level+1) {
				break // of what stands beside the end, the proof has sums
			}
			flip(h[:], func() {
				_, err := k.Registry.Receipt(i)
				_, other := k.Registry.Envelope(i)
				if !errors.Is(err, registry.ErrDamaged) || !errors.Is(other, registry.ErrDamaged) {
					t.Errorf("entry %d, the hash beside level %d was altered: got %v, %v, want %v", i, level, err, other, registry.ErrDamaged)
				}
			})
		}
		if err := tlog.CheckInclusion(receipt.Proof, size, tlog.Hash(k.Registry.Head().Root), i, receipt.Leaf); err != nil {
			t.Error(err)
		}
	}
	if _, err := k.Registry.Envelope(size); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("got %v, want %v", err, registry.ErrNotFound)
	}
}
