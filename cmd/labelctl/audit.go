package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

const auditUsage = `usage: labelctl audit -from URL [-trust FILE] [-since FILE] [-codes] [-json]

Fetches every entry of a registry's log and enters it again, from nothing: every
signature, role and order. Then it builds the tree anew and compares its root to
the checkpoint that the registry signed. The first fault is named with its entry.

The trust file says whose log it must be and whose signatures count. Without one
it is asked of the registry itself: then the audit shows that the log is whole,
not that it is the log that others see.

  -from URL    the registry
  -trust FILE  its trust file
  -since FILE  an older checkpoint, kept from /checkpoint, or an older bundle: the
               log must continue it
  -codes       fetch the bundle of every code too, and compare what it holds to
               what the log says about the code: so an index that leaves something
               out is found
  -json        the report for machines

  labelctl audit -from https://labels.example -trust labels.trust -since checkpoint
`

// audit replays a log.
func audit(ctx context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	from := f.String("from", "", "")
	trust := f.String("trust", "", "")
	since := f.String("since", "", "")
	codes := f.Bool("codes", false, "")
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
	a := auditing{console: c, client: source, codes: *codes}
	if *trust != "" {
		a.trust, err = c.trust(*trust)
	} else {
		a.trust, err = source.told(ctx)
	}
	if err != nil {
		return 0, err
	}
	a.report.Trust = auditTrust{a.trust.Fingerprint(), *trust != ""}
	err = a.run(ctx, *since)
	if !errors.As(err, &a.report.Fault) && err != nil {
		return 0, err
	}
	if *asJSON {
		err = json.NewEncoder(c.out).Encode(a.report)
	} else {
		a.print()
		err = nil
	}
	if a.report.Fault != nil {
		return exitNo, err
	}
	return exitDone, err
}

// told returns the trust file that a registry states of itself, unchecked.
func (c *client) told(ctx context.Context) (bundle.Trust, error) {
	_, text, err := c.get(ctx, "/api/v1/trust")
	if err != nil {
		return bundle.Trust{}, err
	}
	return bundle.ParseTrust(text)
}

// auditing is an audit on its way.
type auditing struct {
	*console
	client *client
	trust  bundle.Trust
	codes  bool // look at the bundle of every code
	report auditReport
}

// run audits. An error that is no [*logFault] says that it could not be done, not
// what was found.
func (a *auditing) run(ctx context.Context, since string) error {
	var kept *tlog.Checkpoint
	if since != "" {
		head, err := a.kept(since, a.trust)
		if err != nil {
			return err
		}
		kept = &head
	}
	_, signed, err := a.client.get(ctx, "/checkpoint")
	if err != nil {
		return err
	}
	head, cosigned, err := a.trust.OpenCheckpoint(signed)
	if err != nil {
		return faultf("checkpoint: %v", err)
	}
	a.report.Origin, a.report.Size, a.report.Root = head.Origin, head.Size, head.Root
	for _, s := range cosigned {
		if slices.Contains(a.trust.Witnesses, s.By) {
			a.report.Witnessed = append(a.report.Witnessed, auditWitness{s.By, s.Time})
		} else if s.Time.After(a.report.Dated) {
			a.report.Dated = s.Time
		}
	}
	w := newWalk(a.client, a.trust)
	w.passed = a.progress()
	err = w.to(ctx, head.Size, head.Root)
	w.passed(0, 0)
	a.report.Entries, a.report.Codes = w.entries, len(w.replay.Codes())
	if err != nil {
		return err
	}
	if kept != nil {
		a.report.Continues = &kept.Size
		if kept.Size > head.Size {
			return shrunk(*kept, head)
		}
		if root, err := w.root(kept.Size); err != nil || root != kept.Root {
			return forked(*kept)
		}
	}
	if a.codes {
		return a.bundles(ctx, w)
	}
	return nil
}

// bundles compares the bundle that is served of every code to what the log says
// about it. Where the log has grown meanwhile, it is replayed to the head of the
// bundle first.
func (a *auditing) bundles(ctx context.Context, w *walk) error {
	for _, code := range w.replay.Codes() {
		_, data, err := a.client.get(ctx, "/api/v1/bundles/"+string(code))
		if err != nil {
			return fmt.Errorf("bundle of %s: %w", code, err)
		}
		served, err := bundle.Open(data, code, a.trust)
		if err != nil {
			return faultf("bundle of %s: %v", code.Printed(), err)
		}
		if served.Log.Size < w.entries {
			return faultf("bundle of %s: it is of %d entries, the log has %d", code.Printed(), served.Log.Size, w.entries)
		}
		if err := w.to(ctx, served.Log.Size, tlog.Hash(served.Log.Root)); err != nil {
			return err
		}
		if err := sameEntries(served, w.replay.Facts(code, served.Log)); err != nil {
			return faultf("bundle of %s: %v", code.Printed(), err)
		}
		a.report.Bundles++
	}
	return nil
}

// sameEntries compares the entries of facts that were served with those of the
// log: what the registry signed of a code is all that the log says about it.
func sameEntries(served, log verify.Facts) error {
	got, want := bundle.NewManifest(served, nil), bundle.NewManifest(log, nil)
	for _, index := range want.All() {
		if !slices.Contains(got.All(), index) {
			return fmt.Errorf("entry %d concerns the code and is left out", index)
		}
	}
	for _, index := range got.All() {
		if !slices.Contains(want.All(), index) {
			return fmt.Errorf("entry %d does not concern the code", index)
		}
	}
	return nil
}
