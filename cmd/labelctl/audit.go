package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

const auditUsage = `usage: labelctl audit -from URL [-log-key KEY] [-cosigner-key KEY] [-old FILE] [-json]

Fetches every entry of a registry's log and enters it again, from nothing: every
signature, role and order. Then it builds the tree anew and compares its root to
the checkpoint that the registry signed. The first fault is named with its entry.

The keys that sign checkpoints are asked of the registry itself where they are
not given. Then the audit shows that the log is whole, not that it is the log
that others see: give the keys as you know them from elsewhere, and an older
checkpoint, to know that it continues that one.

  -from URL           the registry
  -log-key KEY        its verifier key
  -cosigner-key KEY   the verifier key of the date under its checkpoints
  -old FILE           an older checkpoint, kept from /checkpoint
  -json               the report for machines

  labelctl audit -from https://labels.example
`

// checkpointMost is the largest checkpoint that is read, in bytes.
const checkpointMost = 64 << 10

// audit replays a log.
func audit(ctx context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	from := f.String("from", "", "")
	logKey := f.String("log-key", "", "")
	cosignerKey := f.String("cosigner-key", "", "")
	old := f.String("old", "", "")
	asJSON := f.Bool("json", false, "")
	if err := parse(f, args, 0, 0, ""); err != nil {
		return 0, err
	}
	if err := need(f, "from"); err != nil {
		return 0, err
	}
	source, err := newClient("from", *from, "en")
	if err != nil {
		return 0, err
	}
	a := auditing{console: c, client: source, replay: bundle.NewReplay()}
	if *old != "" {
		if a.old, err = c.read(*old, checkpointMost); err != nil {
			return 0, err
		}
	}
	if err := a.keys(ctx, *logKey, *cosignerKey); err != nil {
		return 0, err
	}
	if err := a.run(ctx); err != nil {
		return 0, err
	}
	if *asJSON {
		err = json.NewEncoder(c.out).Encode(a.report)
	} else {
		a.print()
	}
	if a.report.Fault != nil {
		return exitNo, err
	}
	return exitDone, err
}

// auditing is an audit on its way.
type auditing struct {
	*console
	client   *client
	log      tlog.LogKey
	cosigner tlog.CosignerKey
	old      []byte // an older checkpoint; nil: none
	replay   *bundle.Replay
	hashes   []tlog.Hash // stored ones, in their order
	report   auditReport
}

// keys reads the keys given, and asks the registry for those that are not.
func (a *auditing) keys(ctx context.Context, logKey, cosignerKey string) (err error) {
	a.report.LogKey = auditKey{logKey, logKey != ""}
	a.report.CosignerKey = auditKey{cosignerKey, cosignerKey != ""}
	if logKey == "" || cosignerKey == "" {
		_, body, err := a.client.get(ctx, "/api/v1/log")
		if err != nil {
			return err
		}
		var told struct {
			LogKey      string `json:"log_key"`
			CosignerKey string `json:"cosigner_key"`
		}
		if err := json.Unmarshal(body, &told); err != nil {
			return fmt.Errorf("keys of the log: %w", err)
		}
		if logKey == "" {
			a.report.LogKey.Key = told.LogKey
		}
		if cosignerKey == "" {
			a.report.CosignerKey.Key = told.CosignerKey
		}
	}
	if a.log, err = tlog.ParseLogKey(a.report.LogKey.Key); err != nil {
		return fmt.Errorf("log key: %w", err)
	}
	if a.cosigner, err = tlog.ParseCosignerKey(a.report.CosignerKey.Key); err != nil {
		return fmt.Errorf("cosigner key: %w", err)
	}
	return nil
}

// fault notes the fault that ends the audit.
func (a *auditing) fault(entry *int64, err error) error {
	a.report.Fault = &auditFault{entry, err.Error()}
	return nil
}

// run audits. The error says that it could not be done, not what was found.
func (a *auditing) run(ctx context.Context) error {
	_, signed, err := a.client.get(ctx, "/checkpoint")
	if err != nil {
		return err
	}
	head, cosigned, err := tlog.OpenCheckpoint(signed, a.log, a.cosigner)
	if err != nil {
		return a.fault(nil, fmt.Errorf("checkpoint: %w", err))
	}
	a.report.Origin, a.report.Size, a.report.Root = head.Origin, head.Size, head.Root
	if len(cosigned) > 0 {
		a.report.Dated = cosigned[0].Time
	}
	progress := a.progress()
	defer progress(0)
	for a.report.Entries < head.Size && a.report.Fault == nil {
		if err := a.bundle(ctx, head); err != nil {
			return err
		}
		progress(a.report.Entries)
	}
	a.report.Codes = len(a.replay.Codes())
	if a.report.Fault != nil {
		return nil
	}
	stored := tlog.HashReaderFunc(a.stored)
	if root, err := tlog.TreeHash(head.Size, stored); err != nil || root != head.Root {
		return a.fault(nil, errors.New("checkpoint: its root is not that of the entries"))
	}
	if a.old == nil {
		return nil
	}
	before, _, err := tlog.OpenCheckpoint(a.old, a.log)
	if err != nil {
		return a.fault(nil, fmt.Errorf("older checkpoint: %w", err))
	}
	a.report.Continues = &before.Size
	if before.Size > head.Size {
		return a.fault(nil, fmt.Errorf("older checkpoint: it is of %d entries, the log now has %d", before.Size, head.Size))
	}
	if root, err := tlog.TreeHash(before.Size, stored); err != nil || root != before.Root {
		return a.fault(nil, errors.New("older checkpoint: the log does not continue it"))
	}
	return nil
}

// bundle fetches the next bundle of entries and replays it.
func (a *auditing) bundle(ctx context.Context, head tlog.Checkpoint) error {
	p := tlog.TilePath{Level: tlog.EntriesLevel, Index: a.report.Entries / tlog.TileWidth}
	p.Width = int(min(tlog.TileWidth, head.Size-a.report.Entries))
	_, b, err := a.client.get(ctx, "/"+p.String())
	if err != nil {
		return fmt.Errorf("%s: %w", p, err)
	}
	entries, err := tlog.ParseBundle(b)
	if err != nil {
		return a.fault(&a.report.Entries, fmt.Errorf("%s: %w", p, err))
	}
	if len(entries) != p.Width {
		return a.fault(&a.report.Entries, fmt.Errorf("%s: %d entries, want %d", p, len(entries), p.Width))
	}
	for _, raw := range entries {
		if err := a.entry(raw, head.Origin); err != nil {
			return a.fault(&a.report.Entries, err)
		}
	}
	return nil
}

// entry replays the next entry and takes up its hashes.
func (a *auditing) entry(raw []byte, origin string) error {
	e, err := a.replay.Enter(raw)
	if err != nil {
		return err
	}
	if a.report.Entries == 0 && e.Origin != origin {
		return fmt.Errorf("the log is that of %q, its checkpoint that of %q", e.Origin, origin)
	}
	hashes, err := tlog.StoredHashes(a.report.Entries, tlog.LeafHash(raw), tlog.HashReaderFunc(a.stored))
	if err != nil {
		return err
	}
	a.hashes = append(a.hashes, hashes...)
	a.report.Entries++
	return nil
}

func (a *auditing) stored(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		if n < 0 || n >= int64(len(a.hashes)) {
			return nil, fmt.Errorf("hash %d is not there", n)
		}
		out[i] = a.hashes[n]
	}
	return out, nil
}
