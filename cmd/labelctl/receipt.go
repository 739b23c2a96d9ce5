package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// A receipt is a registry's word that a statement is in its log: its place, when
// it was entered, and the proof that the tree of the checkpoint holds it.
type receipt struct {
	Index      int64       `json:"index"`
	Logged     time.Time   `json:"logged"`
	Status     *int64      `json:"status_index"` // of a first statement
	Leaf       tlog.Hash   `json:"leaf"`
	Proof      []tlog.Hash `json:"proof"`
	Checkpoint string      `json:"checkpoint"`
}

// errReceipt says that a receipt does not show what it should.
var errReceipt = errors.New("the receipt does not hold")

// check checks that r shows the entry of exactly this envelope in a log: that of
// the key where there is one; else, whoever signed the checkpoint, that of its
// origin. The error wraps [errReceipt].
func (r *receipt) check(e envelope.Envelope, head verify.Head, key *tlog.LogKey) error {
	entry, err := r.entry(e, head.Kind)
	if err != nil {
		return fmt.Errorf("%w: %w", errReceipt, err)
	}
	if leaf := tlog.LeafHash(entry.Marshal()); leaf != r.Leaf {
		return fmt.Errorf("%w: it is of other bytes than these", errReceipt)
	}
	tree, err := r.tree(key)
	if err != nil {
		return fmt.Errorf("%w: %w", errReceipt, err)
	}
	if tree.Origin != head.Origin {
		return fmt.Errorf("%w: it is of the log %q, the statement is meant for %q", errReceipt, tree.Origin, head.Origin)
	}
	if err := tlog.CheckInclusion(r.Proof, tree.Size, tree.Root, r.Index, r.Leaf); err != nil {
		return fmt.Errorf("%w: %w", errReceipt, err)
	}
	return nil
}

// entry returns the entry that the receipt speaks of.
func (r *receipt) entry(e envelope.Envelope, kind verify.Kind) (tlog.Entry, error) {
	entry := tlog.Entry{Logged: r.Logged.UTC(), Status: tlog.NoStatus, Token: e.Token}
	if y := entry.Logged.Year(); y < 1970 || y > 9999 || !entry.Logged.Equal(entry.Logged.Truncate(time.Millisecond)) {
		return entry, fmt.Errorf("logged %s is not an instant of a log", r.Logged.Format(time.RFC3339Nano))
	}
	if kind.First() != (r.Status != nil) {
		return entry, errors.New("a first statement has a status index, and no other has one")
	}
	if r.Status != nil {
		if *r.Status < 0 {
			return entry, fmt.Errorf("status index %d", *r.Status)
		}
		entry.Status = *r.Status
	}
	return entry, nil
}

// tree returns the head of the receipt's tree.
func (r *receipt) tree(key *tlog.LogKey) (tlog.Checkpoint, error) {
	if key != nil {
		head, _, err := tlog.OpenCheckpoint([]byte(r.Checkpoint), *key)
		return head, err
	}
	text, _, _ := strings.Cut(r.Checkpoint, "\n\n")
	return tlog.ParseCheckpoint(text + "\n")
}
