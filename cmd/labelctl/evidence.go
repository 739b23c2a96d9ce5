package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/match"
	"tegata/verify/tlog"
	"tegata/web/i18n"
)

// trust reads a trust file.
func (c *console) trust(name string) (bundle.Trust, error) {
	text, err := c.read(name, bundle.TrustSize)
	if err != nil {
		return bundle.Trust{}, err
	}
	t, err := bundle.ParseTrust(text)
	if err != nil {
		return t, fmt.Errorf("%s: %w; labelctl trust writes trust files", name, err)
	}
	return t, nil
}

// kept reads the checkpoint that somebody kept of a log, alone or in a bundle. It
// is signed by a key that the log has or had; who cosigned it does not matter,
// since it is the reader's own memory.
func (c *console) kept(name string, t bundle.Trust) (tlog.Checkpoint, error) {
	text, err := c.read(name, bundle.MaxSize)
	if err != nil {
		return tlog.Checkpoint{}, err
	}
	if bytes.HasPrefix(text, []byte("{")) {
		var b bundle.Bundle
		if err := json.Unmarshal(text, &b); err != nil || b.Checkpoint == "" {
			return tlog.Checkpoint{}, fmt.Errorf("%s: neither a checkpoint nor a bundle", name)
		}
		text = []byte(b.Checkpoint)
	}
	var head tlog.Checkpoint
	for _, k := range t.LogKeys {
		if head, _, err = tlog.OpenCheckpoint(text, k.Key); err == nil {
			return head, nil
		}
	}
	return head, faultf("older checkpoint: %v", err)
}

// continues checks that a log goes on from what somebody kept of it, from as few
// of its tiles as show that. Whoever serves them need not be believed.
func (c *client) continues(ctx context.Context, kept, head tlog.Checkpoint) error {
	if kept.Size > head.Size {
		return shrunk(kept, head)
	}
	stored := tlog.TileReader(head.Size, head.Root, func(p tlog.TilePath) ([]byte, error) {
		_, b, err := c.get(ctx, "/"+p.String())
		return b, err
	})
	root, err := tlog.TreeHash(kept.Size, stored)
	switch {
	case errors.Is(err, tlog.ErrProof):
		return faultf("checkpoint: %v", err)
	case err != nil:
		return err
	case root != kept.Root:
		return forked(kept)
	}
	return nil
}

// since checks that a head continues the checkpoint that is kept in a file.
func (c *console) since(ctx context.Context, registry *client, name string, t bundle.Trust, head verify.Log) error {
	kept, err := c.kept(name, t)
	if err != nil {
		return err
	}
	return registry.continues(ctx, kept, tlog.Checkpoint{Origin: head.Origin, Size: head.Size, Root: tlog.Hash(head.Root)})
}

func shrunk(kept, head tlog.Checkpoint) error {
	return faultf("older checkpoint: it is of %d entries, the log now has %d: an older copy of it is served, or entries were taken away", kept.Size, head.Size)
}

func forked(kept tlog.Checkpoint) error {
	return &logFault{fork: true, What: fmt.Sprintf("older checkpoint: the log does not continue it: of the first %d entries there are two histories; keep both checkpoints, they are proof of it", kept.Size)}
}

// offline answers a question from a bundle, and touches no network.
func (c *console) offline(q question, code verify.Code) (int, error) {
	if q.trust == "" {
		return 0, misusef("flag -trust is missing: a bundle is worth what its keys are; labelctl trust -from URL writes the file")
	}
	t, err := c.trust(q.trust)
	if err != nil {
		return 0, err
	}
	data, err := c.read(q.bundle, bundle.MaxSize)
	if err != nil {
		return 0, err
	}
	f, err := bundle.Open(data, code, t)
	if err != nil {
		c.say("verify: %s: %v", q.bundle, err)
		return exitNo, nil
	}
	asked, err := q.asked(f)
	if err != nil {
		return 0, err
	}
	v := verify.Judge(f, asked)
	if v.Product != nil {
		if v.Match, err = match.Covers(v.Product, q.query.Get("model"), q.query.Get("gtin")); err != nil {
			return 0, misusef("-gtin: %v", err)
		}
	}
	if q.json {
		e := json.NewEncoder(c.out)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			return 0, err
		}
	} else {
		c.tell(q.lang, []verify.Verdict{v}, "")
		c.age(q.lang, f.Log.Time)
	}
	if good(&v) {
		return exitDone, nil
	}
	return exitNo, nil
}

// age says how old evidence is.
func (c *console) age(l i18n.Language, at time.Time) {
	old := c.now().Sub(at)
	days := int(old / (24 * time.Hour))
	c.print("")
	switch {
	case old < 0:
		c.print(l.T("offline.ahead", l.Instant(at, time.UTC)))
	case days == 0:
		c.print(l.T("offline.today", l.Instant(at, time.UTC)))
	case days == 1:
		c.print(l.T("offline.yesterday", l.Instant(at, time.UTC)))
	default:
		c.print(l.T("offline.days", l.Instant(at, time.UTC), l.Count(int64(days))))
	}
}

// asked turns the flags into a question about facts. A day means its first instant
// in the zone of the place asked about.
func (q question) asked(f verify.Facts) (out verify.Question, err error) {
	switch in := verify.Jurisdiction(q.query.Get("in")); in {
	case "", verify.InGB, verify.InGBNIR, verify.InJP:
		out.In = in
	default:
		return out, misusef("-in %q is none of GB, GB-NIR, JP", in)
	}
	if at := q.query.Get("at"); at != "" {
		day, notDay := verify.ParseDate(at)
		if out.At, err = time.Parse(time.RFC3339, at); notDay != nil && err != nil {
			return out, misusef("-at %q is neither a day (2026-11-23) nor an instant (2026-11-23T10:00:00Z)", at)
		}
		if out.At = out.At.UTC(); notDay == nil {
			out.At = day.Start(placeOf(out.In, f).Country().Zone())
		}
	}
	known := q.query.Get("known")
	if known == "" || known == fmt.Sprint(f.Log.Size) {
		return out, nil
	}
	day, notDay := verify.ParseDate(known)
	t, err := time.Parse(time.RFC3339, known)
	zone := placeOf(out.In, f).Country().Zone()
	switch {
	case notDay != nil && err != nil:
		return out, misusef("-known %q: a bundle is asked by day (2026-11-23) or instant (2026-11-23T10:00:00Z); when the log had another size than its %d, it does not tell", known, f.Log.Size)
	case notDay == nil && !day.Start(zone).After(f.Log.Time) && day.End(zone).After(f.Log.Time):
		return out, nil // the day of the bundle
	case notDay == nil:
		t = day.End(zone).Add(-time.Millisecond)
	}
	if t.After(f.Log.Time) {
		return out, misusef("-known %s: the bundle is of %s, and nobody knew later things then", known, f.Log.Time.Format(time.RFC3339))
	}
	out.Known.Time = t.UTC()
	return out, nil
}

// placeOf is the place that is asked about: by default the other country of the
// record's scheme.
func placeOf(in verify.Jurisdiction, f verify.Facts) verify.Jurisdiction {
	if in != "" {
		return in
	}
	if r := f.Record(verify.Known{}); r.Begun() {
		return r.Scheme.Abroad()
	}
	return verify.InGB
}
