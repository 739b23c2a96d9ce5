package registry

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
	"tegata/verify/tlog"
)

// writing is one transaction of the writer.
type writing struct {
	registry  *Registry
	tx        indexed
	from      *state   // the head before the batch
	next      state    // the head so far
	raw       [][]byte // what was entered
	marked    []uint32 // where it leaves marks
	drawn     []int64  // places in the status list that were given
	governing []int64  // which of it is about no code
	ahead     bool     // the head is still to come
	taking    bool     // what others entered is taken
	tree      *grown
	full      bool          // the disk has no room for an entry
	list      int64         // the status list that places are given in
	random    *bufio.Reader // of the system's random bytes, many at a time
	records   map[verify.Code]verify.Record
	cursors   map[string]*indexCursor // see [writing.index]
}

// newWriting begins one after a head, in which at most most entries are entered.
func newWriting(r *Registry, from *state, most int) *writing {
	return &writing{
		registry: r, from: from, next: *from,
		raw:     make([][]byte, 0, most),
		records: make(map[verify.Code]verify.Record, most), cursors: map[string]*indexCursor{},
		tree: &grown{hashes: make([]tlog.Hash, 0, 2*most)}, // each adds two, at the most on average
	}
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

// index returns a cursor of an index, one for the whole transaction: what it goes by
// through the file is not made anew for each row that is looked for.
func (b *writing) index(name []byte) *indexCursor {
	c := b.cursors[string(name)]
	if c == nil {
		c = b.tx.index(name).Cursor()
		b.cursors[string(name)] = c
	}
	return c
}

// idOf reports whether a statement has the id, and where it is entered.
func (b *writing) idOf(id string) (index int64, used bool) {
	return parseNumber(b.index(idBucket).Get([]byte(id)))
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
		b.registry.places.read(b.list, b.index(statusBucket))
		var random [8]byte
		if _, err := io.ReadFull(b.random, random[:]); err != nil {
			return 0, err
		}
		n := b.list*status.ListSize + int64(binary.BigEndian.Uint64(random[:])%status.ListSize)
		if b.registry.places.take(n) {
			b.drawn = append(b.drawn, n)
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
	rows := rows(e)
	b.tx.add(e.Index, rows, len(record.History) == 1)
	b.registry.places.take(e.status) // if another gave it
	b.marked = b.registry.marks.placesOf(b.marked, e, rows)
	switch {
	case e.Code == "":
		b.governing = append(b.governing, e.Index)
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
