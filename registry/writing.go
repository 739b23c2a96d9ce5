package registry

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
	"tegata/verify/tlog"
)

// writing is one transaction of the writer.
type writing struct {
	registry *Registry
	tx       indexed
	from     *state   // the head before the batch
	next     state    // the head so far
	raw      [][]byte // what was entered
	entered  []verify.Entry
	ahead    bool // the head is still to come
	taking   bool // what others entered is taken
	tree     *grown
	full     bool          // the disk has no room for an entry
	list     int64         // the status list that places are given in
	random   *bufio.Reader // of the system's random bytes, many at a time
	records  map[verify.Code]verify.Record
}

// A decision is what becomes of one request: an index, or a refusal.
type decision struct {
	index   int64
	fresh   *stood // of what was entered just now
	refused *Refusal
	full    bool // it might have been entered, and there is no room
}

// decide enters the statement or refuses it. All checks come before the first
// write, so that what is refused leaves nothing behind.
func (b *writing) decide(q *request) (decision, error) {
	index, used := b.idOf(q.statement.ID)
	if used {
		if same, err := b.said(q, index); err != nil || same {
			return decision{index: index}, err
		}
	}
	e, next, faults, err := b.check(q, used)
	if err != nil {
		return decision{}, err
	}
	if len(faults) > 0 {
		return decision{refused: &Refusal{faults}}, nil
	}
	if b.full {
		return decision{full: true}, nil
	}
	entry := logged{Entry: e, token: q.envelope.Token, status: tlog.NoStatus}
	if e.Kind.First() {
		if entry.status, err = b.newStatus(); err != nil {
			return decision{}, err
		}
	}
	entry.raw = tlog.Entry{Logged: e.Logged, Status: entry.status, Token: entry.token}.Marshal()
	stood := &stood{e.Logged, entry.status, tlog.LeafHash(entry.raw), b.tree}
	if err := b.enter(entry, stood.leaf, next); err != nil {
		return decision{}, err
	}
	return decision{index: e.Index, fresh: stood}, nil
}

// idOf reports whether a statement has the id, and where it is entered.
func (b *writing) idOf(id string) (index int64, used bool) {
	return parseNumber(b.tx.index(idBucket).Get([]byte(id)))
}

// said reports whether an entry is this very statement.
func (b *writing) said(q *request, index int64) (bool, error) {
	e, err := b.entry(index)
	return err == nil && envelope.Identity(e.token) == envelope.Identity(q.envelope.Token), err
}

// entry reads an entry of the head, or one that this batch has just written.
func (b *writing) entry(index int64) (logged, error) {
	if index < b.from.head.Size || index >= b.next.head.Size {
		return entryIn(b.tx.Tx, b.from.head, index)
	}
	raw, err := rawEntry(b.tx.Tx, index)
	if err != nil {
		return logged{}, err
	}
	return parseLogged(index, raw)
}

// check says what stands against entering the statement now, and what its
// record is once it is. Whether its id is used was looked up.
func (b *writing) check(q *request, used bool) (verify.Entry, verify.Record, verify.Faults, error) {
	now := b.registry.config.Now().UTC().Truncate(time.Millisecond)
	if now.Before(b.next.logged) {
		now = b.next.logged
	}
	e := verify.Entry{Index: b.next.head.Size, Logged: now, Key: q.envelope.KeyID, Statement: q.statement}
	next, faults, err := b.admit(e, used)
	return e, next, faults, err
}

// admit says what stands against entering e, also what only the indexes tell, and
// what its record is once it is.
func (b *writing) admit(e verify.Entry, used bool) (next verify.Record, faults verify.Faults, err error) {
	record, err := b.record(e.Code)
	if err != nil {
		return next, nil, err
	}
	if e.Kind.Known() || !b.taking { // what is not known is refused when it comes, and passed over once it is logged
		next, faults = b.next.governance.Admit(record, e)
	}
	if used {
		faults = append(faults, verify.Fault{Field: "id", Rule: verify.IDUsed})
	}
	if l, ok := e.Body.(*verify.Issued); ok {
		taken, err := b.numberOfAnother(e.Code, l.Label.Number)
		if err != nil {
			return next, nil, err
		}
		if taken {
			faults = append(faults, verify.Fault{Field: "label.number", Rule: verify.NumberUsed, Detail: l.Label.Number})
		}
	}
	return next, faults, nil
}

// record folds what was said about a code so far, in this batch too.
func (b *writing) record(code verify.Code) (verify.Record, error) {
	if r, ok := b.records[code]; ok || code == "" {
		return r, nil
	}
	entries, err := aboutBy(b.tx, b.next.head.Size, code, b.entry)
	if err != nil {
		return verify.Record{}, err
	}
	return verify.FoldRecord(entries, b.next.governance), nil
}

// numberOfAnother reports whether another code has the registration number.
func (b *writing) numberOfAnother(code verify.Code, n string) (bool, error) {
	key := append(append([]byte(verify.JCSTAR), 0), n...)
	index, ok := parseNumber(b.tx.index(numberBucket).Get(key))
	if !ok {
		return false, nil
	}
	e, err := b.entry(index)
	return e.Code != code, err
}

// newStatus draws a status-list index that nobody has. Indexes are drawn at
// random so that they do not tell the order of issue. Where sixteen draws all
// hit taken ones the list is about three quarters full or more, and the next
// one is begun.
func (b *writing) newStatus() (int64, error) {
	if b.random == nil {
		b.random = bufio.NewReaderSize(rand.Reader, 1024)
	}
	for draws := 0; ; draws++ {
		if draws == 16 {
			b.list, draws = b.list+1, 0
		}
		var random [8]byte
		if _, err := io.ReadFull(b.random, random[:]); err != nil {
			return 0, err
		}
		n := b.list*status.ListSize + int64(binary.BigEndian.Uint64(random[:])%status.ListSize)
		if b.tx.index(statusBucket).Get(number(n)) == nil {
			return n, nil
		}
	}
}

// begin begins a batch.
func (b *writing) begin() error {
	if err := nothingPast(b.tx.Tx, b.from.head.Size); err != nil {
		return err
	}
	if last := b.tx.index(statusBucket).last(func(_, _ []byte) bool { return true }); last != nil {
		n, _ := parseNumber(last)
		b.list = n / status.ListSize
	}
	return b.tree.begin(b.from.head, hashes(b.tx.Tx))
}

// enter writes an entry and its hashes, and notes its index rows to be filed.
func (b *writing) enter(e logged, leaf tlog.Hash, record verify.Record) error {
	stored, err := tlog.StoredHashes(e.Index, leaf, b.tree)
	if err != nil {
		return err
	}
	for _, h := range stored {
		if err := grow(b.tx.Tx, hashBucket).Put(number(b.tree.next()), h[:]); err != nil {
			return fmt.Errorf("entry %d: %w", e.Index, err)
		}
		b.tree.hashes = append(b.tree.hashes, h)
	}
	if err := grow(b.tx.Tx, entryBucket).Put(number(e.Index), e.raw); err != nil {
		return fmt.Errorf("entry %d: %w", e.Index, err)
	}
	b.tx.add(e, len(record.History) == 1)
	switch {
	case e.Code == "":
		b.next.governance = b.next.governance.Follow(e.Entry)
		clear(b.records) // who is trusted may have changed
	case e.Kind.Known():
		b.records[e.Code] = record
	default:
		delete(b.records, e.Code) // nothing was asked about it: it is folded anew
	}
	b.next.head.Size++
	b.next.logged = e.Logged
	b.raw = append(b.raw, e.raw)
	b.entered = append(b.entered, e.Entry)
	return nil
}

// grow returns a bucket whose keys only ever grow, so that its pages can be
// filled whole.
func grow(tx *bolt.Tx, name []byte) *bolt.Bucket {
	b := tx.Bucket(name)
	b.FillPercent = 1
	return b
}

// sign signs and dates the head and writes it.
func (b *writing) sign() (err error) {
	b.next.head.Root, err = tlog.TreeHash(b.next.head.Size, b.tree)
	if err != nil {
		return err
	}
	r := b.registry
	signed, err := tlog.Sign(b.next.head, r.config.Log)
	if r.by(&r.unsigned.log, err) != nil {
		return err
	}
	b.next.dated = r.config.Now()
	b.next.signed, err = tlog.Cosign(signed, r.config.Cosigner, b.next.dated)
	if r.by(&r.unsigned.cosigner, err) != nil {
		return err
	}
	return b.tx.Bucket(headBucket).Put(headKey, b.next.signed)
}
