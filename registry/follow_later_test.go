package registry_test

import (
	"context"
	"path/filepath"
	"testing"

	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/verify"
	"tegata/verify/tlog"
)

// TestFollowLater: what a node of a later version entered, in a kind that is not
// known here, is taken, and what follows it in the same batch is about the record as
// it was.
func TestFollowLater(t *testing.T) {
	k, good := origin(t)
	last := good[len(good)-1]
	batch := sequencer.Batch{First: last.Size()}
	add := func(token []byte) {
		batch.Entries = append(batch.Entries, tlog.Entry{Logged: k.Clock.Now(), Status: tlog.NoStatus, Token: string(token)}.Marshal())
	}
	code := registrytest.Code(0)
	add(k.Say(t, verify.LabelPractice, code, func(m map[string]any) { m["kind"] = "label.later" }))
	add(k.Say(t, verify.LabelStatus, code, nil))
	var leaves []tlog.Hash
	for _, b := range append(good, batch) {
		for _, raw := range b.Entries {
			leaves = append(leaves, tlog.LeafHash(raw))
		}
	}
	head := tlog.Checkpoint{Origin: k.Registry.Origin(), Size: batch.Size(), Root: tlog.Hash(rootOf(t, leaves))}
	batch.Head = signed(t, k, head)
	r, _, err := following(t, k, filepath.Join(t.TempDir(), "registry.db"), append(good, batch)...)
	if err != nil {
		t.Fatal(err)
	}
	f, err := r.Lookup(context.Background(), code)
	if err != nil || r.Head().Size != batch.Size() || len(f.Entries) != 3 {
		t.Errorf("got %d entries, %d about the code, %v, want %d and 3", r.Head().Size, len(f.Entries), err, batch.Size())
	}
}
