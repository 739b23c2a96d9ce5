package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// TestReceiptCheck starts from receipts that hold and changes one thing.
func TestReceiptCheck(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 4, 10, 0, 0, 0, 0, time.UTC)) // its last entry is no first statement, the one before is
	key := k.Registry.LogKey()
	signed := func(c tlog.Checkpoint) string {
		b, err := tlog.Sign(c, k.Config.Log)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	load := func(index int64) (receipt, envelope.Envelope, verify.Head) {
		t.Helper()
		given, err := k.Registry.Receipt(index)
		if err != nil {
			t.Fatal(err)
		}
		token, err := k.Registry.Envelope(index)
		if err != nil {
			t.Fatal(err)
		}
		e, err := envelope.Open([]byte(token))
		if err != nil {
			t.Fatal(err)
		}
		var head verify.Head
		if err := json.Unmarshal(e.Payload, &head); err != nil {
			t.Fatal(err)
		}
		r := receipt{Index: index, Logged: given.Logged, Leaf: given.Leaf, Proof: given.Proof, Checkpoint: string(given.Checkpoint)}
		if given.Status != tlog.NoStatus {
			r.Status = &given.Status
		}
		return r, e, head
	}
	const first, other = 8, 9
	for _, c := range []struct {
		name   string
		index  int64
		change func(*receipt)
		want   string // empty: it holds
	}{
		{"of a first statement", first, func(*receipt) {}, ""},
		{"of another statement", other, func(*receipt) {}, ""},
		{"logged later", other, func(r *receipt) { r.Logged = r.Logged.Add(time.Millisecond) }, "other bytes"},
		{"logged between milliseconds", other, func(r *receipt) { r.Logged = r.Logged.Add(time.Nanosecond) }, "not an instant"},
		{"logged before there were logs", other, func(r *receipt) { r.Logged = time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC) }, "not an instant"},
		{"another status index", first, func(r *receipt) { n := *r.Status + 1; r.Status = &n }, "other bytes"},
		{"a status index below 0", first, func(r *receipt) { n := int64(-1); r.Status = &n }, "status index -1"},
		{"no status index", first, func(r *receipt) { r.Status = nil }, "first statement"},
		{"a status index too many", other, func(r *receipt) { n := int64(0); r.Status = &n }, "first statement"},
		{"another leaf", other, func(r *receipt) { r.Leaf[0]++ }, "other bytes"},
		{"another place", other, func(r *receipt) { r.Index-- }, "proof does not hold"},
		{"a place below 0", other, func(r *receipt) { r.Index = -1 }, "proof does not hold"},
		{"a place past the end", other, func(r *receipt) { r.Index = 99 }, "proof does not hold"},
		{"a hash too few", other, func(r *receipt) { r.Proof = r.Proof[1:] }, "proof does not hold"},
		{"another log", other, func(r *receipt) { r.Checkpoint = strings.Replace(r.Checkpoint, "labels", "fables", 1) }, `of the log "fables.example"`},
		{"another root", other, func(r *receipt) { r.Checkpoint = signed(tlog.Checkpoint{Origin: registrytest.Origin, Size: 10}) }, "proof does not hold"},
		{"no checkpoint", other, func(r *receipt) { r.Checkpoint = "" }, "malformed"},
	} {
		r, e, head := load(c.index)
		c.change(&r)
		for _, pinned := range []*tlog.LogKey{nil, &key} {
			err := r.check(e, head, pinned)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("%s: got %v, want it to hold", c.name, err)
			case c.want != "" && !errors.Is(err, errReceipt):
				t.Errorf("%s: got %v, want %v", c.name, err, errReceipt)
			case pinned == nil && c.want != "" && !strings.Contains(err.Error(), c.want):
				t.Errorf("%s: got %v, want %q in it", c.name, err, c.want)
			}
		}
	}
}
