package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"time"

	"tegata/verify"
)

// clockMost is how far the clock of a registry may be before the one here.
const clockMost = 10 * time.Minute

// clock compares the clock here with a date under a head. Where it is behind, what
// is valid today would be told as not valid yet; and a head that is dated ahead
// would never be found to be old.
func (w *watch) clock(dated time.Time) error {
	if now := w.now().UTC(); dated.After(now.Add(clockMost)) {
		return faultf("checkpoint: it was dated %s, and the clock here says %s: one of the clocks is wrong", dated.Format(time.RFC3339), now.Format(time.RFC3339))
	}
	return nil
}

// failed tells a finding from an accident. Two histories are kept.
func (w *watch) failed(err error) (int, error) {
	var fault *logFault
	if !errors.As(err, &fault) {
		return 0, err
	}
	w.say("watch: %v", fault)
	if !fault.fork {
		return exitNo, nil
	}
	return exitNo, w.evidence()
}

// evidence keeps the checkpoints of two histories, whatever comes after. What was
// kept once is not written over.
func (w *watch) evidence() error {
	had, served := w.file+".checkpoint-had", w.file+".checkpoint-served"
	for name, signed := range map[string]string{had: w.state.Checkpoint, served: w.following.served} {
		if _, err := os.Lstat(name); err == nil {
			continue
		}
		if err := writeNew(name, []byte(signed), 0o600); err != nil {
			return err
		}
	}
	w.say("watch: they are kept in %s and %s", had, served)
	return nil
}

// named checks that the registry's list of changes names what changed. Where it
// does not, the list cannot be relied on; the log itself was read.
func (w *watch) named(ctx context.Context, changed []rowReport, since int64) error {
	if len(changed) == 0 {
		return nil
	}
	named, all, err := w.changes(ctx, since)
	if err != nil {
		w.say("watch: the registry's list of changes: %v", err)
		return nil
	}
	for _, r := range changed {
		mine := slices.ContainsFunc(slices.Concat(r.before.Codes, r.after.Codes), func(c verify.Code) bool { return named[c] })
		if !all && !mine {
			return faultf("the registry's list of changes since %d leaves out what changed row %d; the log itself has it", since, r.Rows[0])
		}
	}
	return nil
}

// changes reads the registry's list of changes up to the head, and notes which of
// the codes that are held it names.
func (w *watch) changes(ctx context.Context, since int64) (named map[verify.Code]bool, all bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime) // a list may have no end
	defer cancel()
	named = map[verify.Code]bool{}
	part := ""
	for since < w.following.head.Size {
		q := url.Values{"since": {strconv.FormatInt(since, 10)}, "limit": {"1000"}}
		if part != "" {
			q.Set("part", part)
		}
		_, text, err := w.following.client.get(ctx, "/api/v1/changes?"+q.Encode())
		if err != nil {
			return nil, false, err
		}
		var page struct {
			Changes []struct {
				Codes []verify.Code `json:"codes"`
				All   bool          `json:"all"`
			} `json:"changes"`
			Next int64  `json:"next"`
			Part string `json:"part"`
		}
		if err := json.Unmarshal(text, &page); err != nil {
			return nil, false, err
		}
		if page.Next < since || page.Next == since && (page.Part == "" || page.Part == part) {
			return nil, false, fmt.Errorf("it does not come further than %d", since)
		}
		for _, c := range page.Changes {
			all = all || c.All
			for _, code := range c.Codes {
				if w.following.wanted[codeName(code)] {
					named[code] = true
				}
			}
		}
		since, part = page.Next, page.Part
	}
	return named, all, nil
}
