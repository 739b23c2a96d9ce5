package main

import (
	"context"
	"fmt"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// A walk is a log on its way through a replay: every entry that a registry
// serves, from the first, entered again.
type walk struct {
	client  *client
	trust   bundle.Trust // whose log it must be
	replay  *bundle.Replay
	entries int64                            // replayed without a fault
	hashes  []tlog.Hash                      // stored ones, in their order
	seen    func(e verify.Entry, raw []byte) // told of every entry; nil: nobody
	passed  func(done, of int64)             // told now and then; nil: nobody
}

func newWalk(from *client, trust bundle.Trust) *walk {
	return &walk{client: from, trust: trust, replay: bundle.NewReplay()}
}

// A logFault is something in a log that is not as it should be. It is a finding,
// not an accident.
type logFault struct {
	Entry *int64 `json:"entry,omitempty"` // where it is in an entry
	What  string `json:"what"`

	fork bool // there are two histories
}

func (f *logFault) Error() string {
	if f.Entry != nil {
		return fmt.Sprintf("entry %d: %s", *f.Entry, f.What)
	}
	return f.What
}

func faultf(format string, args ...any) error { return &logFault{What: fmt.Sprintf(format, args...)} }

// to replays the log up to the size and checks that its root is this. An error
// that is no [*logFault] says that it could not be done.
func (w *walk) to(ctx context.Context, size int64, root tlog.Hash) error {
	for w.entries < size {
		if err := w.bundle(ctx, size); err != nil {
			return err
		}
		if w.passed != nil {
			w.passed(w.entries, size)
		}
	}
	if got, err := w.root(size); err != nil || got != root {
		return faultf("checkpoint: its root is not that of the entries")
	}
	return nil
}

// root returns the root of the first size entries.
func (w *walk) root(size int64) (tlog.Hash, error) {
	return tlog.TreeHash(size, tlog.HashReaderFunc(w.stored))
}

// bundle fetches the bundle that holds the next entry and replays what is new of
// it.
func (w *walk) bundle(ctx context.Context, size int64) error {
	at := w.entries
	p := tlog.TilePath{Level: tlog.EntriesLevel, Index: at / tlog.TileWidth}
	p.Width = int(min(tlog.TileWidth, size-p.Index*tlog.TileWidth))
	entries, err := w.client.entries(ctx, p)
	if fault, ok := err.(*logFault); ok {
		fault.Entry = &at
	}
	if err != nil {
		return err
	}
	entries = entries[at%tlog.TileWidth:]
	w.replay.Ahead(at, entries)
	for _, raw := range entries {
		if err := w.entry(raw); err != nil {
			at := w.entries
			return &logFault{Entry: &at, What: err.Error()}
		}
	}
	return nil
}

// entries fetches a bundle of entries and takes it apart.
func (c *client) entries(ctx context.Context, p tlog.TilePath) ([][]byte, error) {
	_, b, err := c.get(ctx, "/"+p.String())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	entries, err := tlog.ParseBundle(b)
	if err != nil {
		return nil, faultf("%s: %v", p, err)
	}
	if len(entries) != p.Width {
		return nil, faultf("%s: %d entries, want %d", p, len(entries), p.Width)
	}
	return entries, nil
}

// entry replays the next entry and takes up its hashes.
func (w *walk) entry(raw []byte) error {
	if w.entries == 0 && !w.trust.Pins(raw) {
		return fmt.Errorf("it is not entry 0 of the trust file: this is another log")
	}
	e, err := w.replay.Enter(raw)
	if err != nil {
		return err
	}
	if w.entries == 0 && e.Origin != w.trust.Origin {
		return fmt.Errorf("the log is that of %q, its checkpoint that of %q", e.Origin, w.trust.Origin)
	}
	hashes, err := tlog.StoredHashes(w.entries, tlog.LeafHash(raw), tlog.HashReaderFunc(w.stored))
	if err != nil {
		return err
	}
	w.hashes = append(w.hashes, hashes...)
	if w.seen != nil {
		w.seen(e, raw)
	}
	w.entries++
	return nil
}

func (w *walk) stored(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		if n < 0 || n >= int64(len(w.hashes)) {
			return nil, fmt.Errorf("hash %d is not there", n)
		}
		out[i] = w.hashes[n]
	}
	return out, nil
}
