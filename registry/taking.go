package registry

import (
	"errors"
	"fmt"

	"tegata/registry/sequencer"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// take enters what others have entered: each entry checked as an audit would, and
// the root of them all against the signed head, in one transaction. Of what is
// here already nothing is taken twice.
func (r *Registry) take(batch sequencer.Batch) error {
	from := &r.follower.tail
	switch {
	case batch.First > from.head.Size:
		return &sequencer.Fault{Reason: sequencer.Missing, Size: from.head.Size, What: fmt.Sprintf("what is given begins at entry %d", batch.First)}
	case batch.Size() < from.head.Size, batch.Size() == from.head.Size && batch.Head == nil:
		return nil
	case batch.Before != tlog.Hash{} && batch.First == from.head.Size && batch.Before != from.head.Root:
		return &sequencer.Fault{Reason: sequencer.Forked, Size: from.head.Size, What: fmt.Sprintf("the log of now %d entries had the root %s when it had %d, and here that is %s", batch.Known, batch.Before, from.head.Size, from.head.Root),
			Kept: r.state.Load().signed, Offered: batch.Head}
	}
	batch.Entries = batch.Entries[from.head.Size-batch.First:]
	checked := r.checkAll(batch.Entries, from.governance)
	err := r.update(len(batch.Entries), func(b *writing) error {
		b.taking = true
		if b.full && len(batch.Entries) > 0 {
			return ErrFull
		}
		for i, raw := range batch.Entries {
			if err := b.replay(raw, checked[i]); err != nil {
				return err
			}
		}
		return b.follow(batch.Head)
	})
	if errors.Is(err, errNothingEntered) {
		return nil
	}
	return err
}

// checkAll opens the tokens of entries, and verifies those signed with a key that is
// known before them, on all cores.
func (r *Registry) checkAll(entries [][]byte, g *verify.Governance) []envelope.Checked {
	tokens := make([]string, len(entries))
	for i, raw := range entries {
		if e, err := tlog.ParseEntry(raw); err == nil {
			tokens[i] = e.Token // else it is said in its turn what is wrong
		}
	}
	return envelope.VerifyAll(tokens, func(id verify.KeyID) (envelope.Key, bool) { return r.keyIn(g, id) })
}

func (b *writing) fault(reason sequencer.Reason, format string, args ...any) error {
	return &sequencer.Fault{Reason: reason, Size: b.from.head.Size, What: fmt.Sprintf(format, args...)}
}

// replay enters the bytes of the next entry, if whoever logged it may have.
func (b *writing) replay(raw []byte, checked envelope.Checked) error {
	index := b.next.head.Size
	if o := b.registry.config.Original; index == 0 && o != nil && !o.Trust().Pins(raw) {
		return b.fault(sequencer.OtherLog, "it is not entry 0 of the trust file")
	}
	e, err := parseLogged(index, raw)
	if err != nil {
		return b.fault(sequencer.Malformed, "entry %d: %v", index, err)
	}
	e.raw = raw
	if err := b.authentic(e, checked); err != nil {
		return b.fault(sequencer.Unlawful, "entry %d: %v", index, err)
	}
	_, used := b.idOf(e.ID)
	next, faults, err := b.admit(e.Entry, used)
	if err != nil {
		return err
	}
	if e.Logged.Before(b.next.logged) {
		faults = append(faults, verify.Fault{Field: "logged", Rule: verify.NotEarlier})
	}
	if e.Origin != b.registry.Origin() && index == 0 {
		return b.fault(sequencer.OtherLog, "entry 0 is that of %q", e.Origin)
	}
	if e.status != tlog.NoStatus && b.index(statusBucket).Get(number(e.status)) != nil {
		return b.fault(sequencer.Unlawful, "entry %d: its place %d in the status list is taken", index, e.status)
	}
	if len(faults) > 0 {
		return b.fault(sequencer.Unlawful, "entry %d: %v", index, faults)
	}
	return b.enter(e, tlog.LeafHash(e.raw), next)
}

// authentic checks the signature of an entry with the key of whoever has it, if that
// was not done before.
func (b *writing) authentic(e logged, checked envelope.Checked) error {
	if checked.Err != nil && !checked.Known {
		return checked.Err
	}
	key, known := ownKey(e.Statement, checked.KeyID)
	if b.next.governance.Begun() {
		key, known = b.registry.keyIn(b.next.governance, checked.KeyID)
	}
	switch {
	case !known:
		return fmt.Errorf("nobody had the key %s", checked.KeyID)
	case checked.Known:
		return checked.Err
	}
	return checked.Verify(key)
}

// follow takes the head of what was entered. Without one it is still to come, and
// until then nobody is shown what was entered.
func (b *writing) follow(signed []byte) error {
	size := b.next.head.Size
	heads := b.tx.Bucket(headBucket)
	var err error
	if b.next.head.Root, err = tlog.TreeHash(size, b.tree); err != nil {
		return err
	}
	if signed == nil {
		b.ahead = true
		return heads.Put(aheadKey, number(size))
	}
	given, err := b.registry.openHead(signed)
	switch {
	case errors.Is(err, tlog.ErrMalformed):
		return b.fault(sequencer.Malformed, "the head: %v", err)
	case errors.Is(err, tlog.ErrSignature), errors.Is(err, bundle.ErrUntrusted):
		return b.fault(sequencer.Unsigned, "the head: %v", err)
	case err != nil:
		return err
	case given.head.Size != size:
		return b.fault(sequencer.Missing, "the head is of %d entries, and given are %d", given.head.Size, size)
	case given.head != b.next.head:
		reason := sequencer.Altered
		if len(b.raw) == 0 {
			reason = sequencer.Forked
		}
		return b.fault(reason, "the head of %d entries has the root %s, the entries give %s", size, given.head.Root, b.next.head.Root)
	case len(b.raw) == 0 && !given.dated.After(b.from.dated):
		return errNothingEntered
	}
	b.next.signed, b.next.dated = given.signed, given.dated
	if err := heads.Delete(aheadKey); err != nil {
		return err
	}
	return heads.Put(headKey, given.signed)
}
