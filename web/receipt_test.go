package web

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tegata/registry"
	"tegata/verify/tlog"
)

// Receipts are written as encoding/json writes them, those of a checkpoint that was
// written before too.
func TestEncodeReceipt(t *testing.T) {
	hash := rapid.Custom(func(draw *rapid.T) tlog.Hash {
		return tlog.Hash(rapid.SliceOfN(rapid.Byte(), len(tlog.Hash{}), len(tlog.Hash{})).Draw(draw, "hash"))
	})
	checkpoint := rapid.OneOf(rapid.Just("labels.example\n7\nroot=\n\n— labels.example sig=\n"), rapid.String())
	rapid.Check(t, func(draw *rapid.T) {
		r := registry.Receipt{
			Index:      rapid.Int64Min(0).Draw(draw, "index"),
			Logged:     time.UnixMilli(rapid.Int64Range(-1e14, 3e14).Draw(draw, "logged")).UTC(),
			Status:     rapid.Int64Min(tlog.NoStatus).Draw(draw, "status"),
			Leaf:       hash.Draw(draw, "leaf"),
			Proof:      rapid.SliceOfN(hash, 0, 62).Draw(draw, "proof"),
			Checkpoint: []byte(checkpoint.Draw(draw, "checkpoint")),
		}
		want := struct {
			Index      int64     `json:"index"`
			Logged     time.Time `json:"logged"`
			Status     *int64    `json:"status_index,omitempty"`
			Leaf       string    `json:"leaf"`
			Proof      []string  `json:"proof"`
			Checkpoint string    `json:"checkpoint"`
		}{r.Index, r.Logged, &r.Status, r.Leaf.String(), []string{}, string(r.Checkpoint)}
		if r.Status == tlog.NoStatus {
			want.Status = nil
		}
		for _, h := range r.Proof {
			want.Proof = append(want.Proof, h.String())
		}
		text, wantErr := marshal(want)
		got, err := encodeReceipt(r)
		if (err == nil) != (wantErr == nil) || err == nil && string(got) != string(text) {
			draw.Fatalf("got  %s, %v\nwant %s, %v", got, err, text, wantErr)
		}
		if err == nil && cap(got) > 2*len(got) {
			draw.Errorf("%d bytes of room for %d", cap(got), len(got))
		}
	})
}

func BenchmarkEncodeReceipt(b *testing.B) {
	r := registry.Receipt{Index: 1e6, Logged: time.UnixMilli(1790000000123).UTC(), Status: 77777, Proof: make([]tlog.Hash, 20), Checkpoint: bytes.Repeat([]byte("log.example\n"), 25)}
	for b.Loop() {
		if _, err := encodeReceipt(r); err != nil {
			b.Fatal(err)
		}
	}
}
