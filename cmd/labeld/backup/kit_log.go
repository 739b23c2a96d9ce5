package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"tegata/registry/sequencer"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// A kitLog is the log in a kit as the order of entries: each is proved to be in the
// tree of the kit's checkpoint before it is handed on.
type kitLog struct {
	files  kitFiles // the checkpoint and the tiles are in its site (c2sp.org/tlog-tiles)
	head   tlog.Checkpoint
	dated  time.Time
	signed []byte
	hashes tlog.HashReader
	tell   func(done, of int64) // how many entries were handed on; nil: nobody looks
}

// openKitLog opens the log in a kit with a trust file.
func openKitLog(files kitFiles, trust bundle.Trust) (*kitLog, error) {
	signed, err := files.read(siteName + "/" + checkpointName)
	if err != nil {
		return nil, err
	}
	head, cosigned, err := trust.OpenCheckpoint(signed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", checkpointName, err)
	}
	k := &kitLog{files: files, head: head, signed: signed}
	for _, c := range cosigned {
		k.dated = c.Time
	}
	k.hashes = tlog.TileReader(head.Size, head.Root, k.tile)
	return k, nil
}

func (k *kitLog) tile(p tlog.TilePath) ([]byte, error) {
	return k.files.read(siteName + "/" + p.String())
}

// Append enters nothing: a kit is of one moment.
func (k *kitLog) Append(context.Context, sequencer.Batch) error {
	return &sequencer.ReadOnly{Origin: k.head.Origin}
}

// Next returns the entries of one bundle. What cannot be read now cannot be later.
func (k *kitLog) Next(ctx context.Context, size int64) (sequencer.Batch, error) {
	if size >= k.head.Size {
		<-ctx.Done()
		return sequencer.Batch{}, ctx.Err()
	}
	p := tlog.TilePath{Level: tlog.EntriesLevel, Index: size / tlog.TileWidth}
	p.Width = int(min(tlog.TileWidth, k.head.Size-p.Index*tlog.TileWidth))
	fault := func(reason sequencer.Reason, format string, args ...any) (sequencer.Batch, error) {
		return sequencer.Batch{}, &sequencer.Fault{Reason: reason, Size: size, What: fmt.Sprintf(format, args...)}
	}
	data, err := k.tile(p)
	if errors.Is(err, fs.ErrNotExist) {
		return fault(sequencer.Missing, "%s is not there", p)
	} else if err != nil {
		return fault(sequencer.Malformed, "%v", err)
	}
	entries, err := tlog.ParseBundle(data)
	if err != nil || len(entries) != p.Width {
		return fault(sequencer.Malformed, "%s: %d entries, want %d: %v", p, len(entries), p.Width, err)
	}
	b := sequencer.Batch{First: p.Index * tlog.TileWidth, Entries: entries, Known: k.head.Size}
	indexes := make([]int64, len(entries))
	for i := range entries {
		indexes[i] = tlog.StoredHashIndex(0, b.First+int64(i))
	}
	leaves, err := k.hashes.ReadHashes(indexes)
	if err != nil {
		return fault(sequencer.Altered, "the tiles do not lead to the root of the checkpoint: %v", err)
	}
	for i, e := range entries {
		if tlog.LeafHash(e) != leaves[i] {
			return fault(sequencer.Altered, "entry %d is not the one in the tree of the checkpoint", b.First+int64(i))
		}
	}
	if k.tell != nil {
		k.tell(b.Size(), k.head.Size)
	}
	if b.Size() == k.head.Size {
		b.Head = k.signed
	}
	return b, nil
}
