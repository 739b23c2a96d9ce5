package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// entered is the receipt of a statement, as a registry sends it.
func (e *exhibit) entered(ctx context.Context, data []byte) error {
	var r receipt
	if err := envelope.Decode(data, &r); err != nil || r.Checkpoint == "" {
		return notHeldf("it is no receipt: one JSON object with index, logged, leaf, proof and checkpoint")
	}
	head, err := e.checkpoint([]byte(r.Checkpoint))
	if err != nil {
		return err
	}
	if err := tlog.CheckInclusion(r.Proof, head.Size, head.Root, r.Index, r.Leaf); err != nil {
		return notHeld{err}
	}
	e.enteredAt(head, r.Index, r.Logged)
	e.signed()
	if e.envelope != "" {
		token, statement, err := e.token()
		if err != nil {
			return err
		}
		if err := r.check(token, statement, nil); err != nil {
			return notHeldf("%s: %w", e.envelope, err)
		}
		e.note("receipt.envelope", e.envelope)
	} else if e.from == "" {
		e.note("receipt.logged")
	}
	if e.from == "" {
		return nil
	}
	return e.inLog(ctx, head, r.Index, func(raw []byte) error {
		entry, err := tlog.ParseEntry(raw)
		if err != nil {
			return err
		}
		if !entry.Logged.Equal(r.Logged) {
			return notHeldf("entry %d was logged %s", r.Index, entry.Logged.Format(time.RFC3339Nano))
		}
		if first := entry.Status != tlog.NoStatus; first != (r.Status != nil) || first && entry.Status != *r.Status {
			return notHeldf("entry %d has another status index", r.Index)
		}
		return nil
	})
}

// proof is a receipt as c2sp.org/tlog-proof has it. It does not hold the entry, so
// that without the log it shows no more than that there is a tree of that size.
func (e *exhibit) proof(ctx context.Context, data []byte) error {
	if e.from == "" {
		return misusef("a tlog-proof does not hold its entry: name the log with -from URL, or keep the receipt in JSON")
	}
	p, err := tlog.ParseProof(data)
	if err != nil {
		return notHeld{err}
	}
	head, err := e.checkpoint(p.Checkpoint)
	if err != nil {
		return err
	}
	e.enteredAt(head, p.Index, time.Time{})
	e.signed()
	return e.inLog(ctx, head, p.Index, func(raw []byte) error {
		if err := tlog.CheckInclusion(p.Hashes, head.Size, head.Root, p.Index, tlog.LeafHash(raw)); err != nil {
			return notHeld{err}
		}
		if e.envelope == "" {
			return nil
		}
		token, _, err := e.token()
		if err != nil {
			return err
		}
		if entry, err := tlog.ParseEntry(raw); err != nil || entry.Token != token.Token {
			return notHeldf("%s is another statement than entry %d", e.envelope, p.Index)
		}
		e.note("receipt.envelope", e.envelope)
		return nil
	})
}

// inLog replays the log up to the head and has its entry looked at.
func (e *exhibit) inLog(ctx context.Context, head tlog.Checkpoint, index int64, look func(raw []byte) error) error {
	var entry []byte
	at := verify.Log{Origin: head.Origin, Size: head.Size, Root: verify.Root(head.Root)}
	_, err := e.replay(ctx, at, func(e verify.Entry, raw []byte) {
		if e.Index == index {
			entry = raw
		}
	})
	if err != nil {
		return err
	}
	if err := look(entry); err != nil {
		return err
	}
	e.note("receipt.root", e.Count(head.Size))
	return nil
}

// token reads the envelope that a receipt is about.
func (e *exhibit) token() (envelope.Envelope, verify.Head, error) {
	var head verify.Head
	text, err := e.console.read(e.envelope, envelope.MaxSize+2)
	if err != nil {
		return envelope.Envelope{}, head, err
	}
	opened, err := envelope.Open(bytes.TrimRight(text, "\r\n"))
	if err == nil {
		err = json.Unmarshal(opened.Payload, &head)
	}
	if err != nil {
		return opened, head, fmt.Errorf("%s: %w; labelctl seal makes envelopes", e.envelope, err)
	}
	return opened, head, nil
}

// checkpoint returns the head that a signed checkpoint names.
func (e *exhibit) checkpoint(signed []byte) (tlog.Checkpoint, error) {
	if !e.known {
		text, _, _ := bytes.Cut(signed, []byte("\n\n"))
		head, err := tlog.ParseCheckpoint(string(text) + "\n")
		if err != nil {
			return head, notHeld{err}
		}
		return head, nil
	}
	head, _, err := e.trust.OpenCheckpoint(signed)
	if err != nil {
		return head, notHeldf("checkpoint: %w", err)
	}
	return head, nil
}

// enteredAt says where a statement is said to be; logged is zero where that is not
// told.
func (e *exhibit) enteredAt(head tlog.Checkpoint, index int64, logged time.Time) {
	if e.json {
		return
	}
	if logged.IsZero() {
		e.print(e.T("receipt.entered", head.Origin, e.Count(index)))
	} else {
		e.print(e.T("receipt.entered_at", head.Origin, e.Count(index), e.at(logged)))
	}
	e.head(verify.Log{Origin: head.Origin, Size: head.Size})
}
