package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/match"
	"tegata/verify/tlog"
)

// A following is a log that is followed from visit to visit. Every entry is read
// and checked; held are those about parties and keys, and those that what is
// wanted leads to. So nobody is told what is wanted.
type following struct {
	client *client
	trust  bundle.Trust
	passed func(done, of int64) // told now and then

	head  tlog.Checkpoint // that was checked last, of no entries at first
	dated time.Time       // when the registry dated it last

	signed string // the checkpoint of that head, as it was served
	served string // the one that was served last, and that the registry signed

	size   int64 // entries read
	hashes map[int64]tlog.Hash
	replay *bundle.Replay
	held   []heldEntry
	wanted map[string]bool // names; see namesOf
	unheld map[uint32]bool // of the names of entries that are not held
	again  bool            // what was passed over has come to be wanted: all is read again
	models map[string][]verify.Code
	number map[string]verify.Code
}

// A heldEntry is an entry as it stands in the log.
type heldEntry struct {
	Index int64  `json:"index"`
	Entry string `json:"entry"`
}

func newFollowing(c *client, trust bundle.Trust) *following {
	f := &following{client: c, trust: trust, wanted: map[string]bool{}}
	f.restart()
	return f
}

// restart forgets what was read, and keeps what is wanted.
func (f *following) restart() {
	f.size, f.hashes, f.replay, f.held, f.again = 0, map[int64]tlog.Hash{}, bundle.NewExcerpt(), nil, false
	f.unheld, f.models, f.number = map[uint32]bool{}, map[string][]verify.Code{}, map[string]verify.Code{}
}

// visit reads what the log said since the last visit. The error is a [*logFault]
// where the log is not as it should be.
func (f *following) visit(ctx context.Context) error {
	_, signed, err := f.client.get(ctx, "/checkpoint")
	if err != nil {
		return err
	}
	head, cosigned, err := f.trust.OpenCheckpoint(signed)
	if err != nil {
		return faultf("checkpoint: %v", err)
	}
	before := f.head
	f.served = string(signed)
	switch {
	case head.Size < before.Size:
		return shrunk(before, head)
	case head.Size == before.Size && head.Root != before.Root:
		return forked(before)
	}
	for done := false; !done; done = !f.again {
		if f.again {
			f.restart()
		}
		if err := f.read(ctx, head, before); err != nil {
			return err
		}
	}
	f.head, f.signed = head, f.served
	for _, c := range cosigned {
		if !slices.Contains(f.trust.Witnesses, c.By) && c.Time.After(f.dated) {
			f.dated = c.Time
		}
	}
	return nil
}

// read reads the entries up to a head, whose root must be theirs, as that of the
// head before must be. Where it is to begin again it goes on to the head all the
// same, so that all that is wanted is known by then.
func (f *following) read(ctx context.Context, head, before tlog.Checkpoint) error {
	for f.size < head.Size {
		at := f.size
		p := tlog.TilePath{Level: tlog.EntriesLevel, Index: at / tlog.TileWidth}
		p.Width = int(min(tlog.TileWidth, head.Size-p.Index*tlog.TileWidth))
		entries, err := f.client.entries(ctx, p)
		if fault := (*logFault)(nil); errors.As(err, &fault) {
			fault.Entry = &at
		}
		if err != nil {
			return err
		}
		for _, raw := range entries[at%tlog.TileWidth:] {
			at := f.size
			if err := f.entry(raw); err != nil {
				return &logFault{Entry: &at, What: err.Error()}
			}
			if root, err := f.root(); f.size == before.Size && (err != nil || root != before.Root) {
				return forked(before)
			}
		}
		f.passed(f.size, head.Size)
	}
	if root, err := f.root(); err != nil || root != head.Root {
		return faultf("checkpoint: its root is not that of the entries")
	}
	return nil
}

// entry checks the next entry, and holds it where it is wanted.
func (f *following) entry(raw []byte) error {
	if f.size == 0 && !f.trust.Pins(raw) {
		return errors.New("it is not entry 0 of the trust file: this is another log")
	}
	e, _, err := bundle.ParseEntry(f.size, raw)
	if err != nil {
		return err
	}
	names := namesOf(e)
	if e.Code == "" || slices.ContainsFunc(names, func(n string) bool { return f.wanted[n] }) {
		if err := f.hold(f.size, raw); err != nil {
			return err
		}
	} else {
		if _, err := f.replay.Pass(f.size, raw); err != nil {
			return err
		}
		for _, n := range names {
			f.unheld[shortened(n)] = true
		}
	}
	stored, err := tlog.StoredHashes(f.size, tlog.LeafHash(raw), tlog.HashReaderFunc(f.stored))
	if err != nil {
		return err
	}
	for i, h := range stored {
		f.hashes[tlog.StoredHashIndex(0, f.size)+int64(i)] = h
	}
	f.size++
	_, err = f.root()
	return err
}

// root returns the root of the entries read so far, and forgets the hashes that
// neither it nor a later one needs.
func (f *following) root() (tlog.Hash, error) {
	needed := map[int64]tlog.Hash{}
	root, err := tlog.TreeHash(f.size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out, err := f.stored(indexes)
		for i := range out {
			needed[indexes[i]] = out[i]
		}
		return out, err
	}))
	if err == nil {
		f.hashes = needed
	}
	return root, err
}

func (f *following) stored(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		h, ok := f.hashes[n]
		if !ok {
			return nil, errors.New("a hash is not there")
		}
		out[i] = h
	}
	return out, nil
}

// findMost is how many codes a name leads to, as in a registry.
const findMost = 100

// find returns the codes that a row names otherwise than by a code, as a registry
// finds them.
func (f *following) find(r *stockRow) []verify.Code {
	switch {
	case r.number != "":
		if code, ok := f.number[match.Number(r.number)]; ok && r.scheme != verify.PSTI {
			return []verify.Code{code}
		}
		return nil
	case r.gtin != "":
		item, err := verify.ParseGTIN(r.gtin)
		if err != nil {
			return nil
		}
		codes, _ := f.replay.Naming(item)
		return codes
	}
	codes := f.models[match.Model(r.model)]
	return codes[:min(len(codes), findMost)]
}
