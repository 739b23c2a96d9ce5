package registry_test

import (
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// TestSnapshot: what a snapshot gives is as of its head, though the log grows and
// the clock goes on.
func TestSnapshot(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	const code = "7K3MQ2ZT9XWE"
	s, err := k.Registry.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	head := s.Head()
	before, err := s.Lookup(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	k.Clock.Set(k.Clock.Now().Add(time.Hour))
	added := k.Append(t, k.Seal(t, "ipa", verify.Statement{Head: verify.Head{Kind: verify.LabelExtended, ID: "0199f0c2-6d5e-7c3a-9a51-0000000000f1",
		Origin: registrytest.Origin, By: "ipa", Made: k.Clock.Now(), Code: code}, Body: &verify.Extended{Expires: verify.Date{Year: 2029, Month: 3, Day: 31}}}))

	if s.Head() != head || k.Registry.Head().Size != head.Size+1 {
		t.Errorf("got the head %+v, want %+v", s.Head(), head)
	}
	after, err := s.Lookup(t.Context(), code)
	if err != nil || len(after.Entries) != len(before.Entries) || after.Log != head {
		t.Errorf("got %d entries as of %+v, %v; want %d as of %+v", len(after.Entries), after.Log, err, len(before.Entries), head)
	}
	data, err := s.Bundle(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := bundle.Open(data, code, k.Trust(t)); err != nil || f.Log != head || len(f.Entries) != len(before.Entries) {
		t.Errorf("the bundle: got %d entries as of %+v, %v", len(f.Entries), f.Log, err)
	}
	r, err := s.Receipt(before.Entries[0].Index)
	if err != nil {
		t.Fatal(err)
	}
	if err := tlog.CheckInclusion(r.Proof, head.Size, tlog.Hash(head.Root), r.Index, r.Leaf); err != nil {
		t.Errorf("the receipt: %v", err)
	}
	if _, err := s.Receipt(added.Index); err == nil {
		t.Error("a receipt of what was entered afterwards: got no error")
	}
}
