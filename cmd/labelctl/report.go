package main

import (
	"fmt"
	"os"
	"time"

	"tegata/verify/tlog"
)

// An auditReport is what an audit found.
type auditReport struct {
	Origin      string      `json:"origin"`
	Size        int64       `json:"size"`
	Root        tlog.Hash   `json:"root"`
	Dated       time.Time   `json:"dated,omitzero"` // by the cosigner
	LogKey      auditKey    `json:"log_key"`
	CosignerKey auditKey    `json:"cosigner_key"`
	Entries     int64       `json:"entries"`         // replayed without a fault
	Codes       int         `json:"codes"`           // spoken of in them
	Continues   *int64      `json:"continues"`       // size of the older checkpoint, null where none was given
	Fault       *auditFault `json:"fault,omitempty"` // the first; none: all holds
}

// An auditKey is a verifier key, and who told it.
type auditKey struct {
	Key    string `json:"key"`
	Pinned bool   `json:"pinned"` // given; else the registry told it of itself
}

// An auditFault is the first thing that is not as it should be.
type auditFault struct {
	Entry *int64 `json:"entry,omitempty"` // where it is in an entry
	What  string `json:"what"`
}

// print prints the report for people.
func (a *auditing) print() {
	r := &a.report
	line := func(name, format string, args ...any) {
		a.console.print(fmt.Sprintf("%-13s", name) + fmt.Sprintf(format, args...))
	}
	if r.Origin != "" {
		line("log", "%s", r.Origin)
		line("size", "%d", r.Size)
		line("root", "%s", r.Root)
	}
	if r.Dated.IsZero() {
		line("dated", "by nobody")
	} else {
		line("dated", "%s", r.Dated.Format(time.RFC3339))
	}
	line("log key", "%s", r.LogKey)
	line("cosigner key", "%s", r.CosignerKey)
	line("replayed", "%d entries about %d codes", r.Entries, r.Codes)
	if r.Continues != nil && r.Fault == nil {
		line("continues", "the older checkpoint of %d entries", *r.Continues)
	}
	switch {
	case r.Fault == nil && r.LogKey.Pinned:
		line("result", "whole: every signature, role, order and hash holds")
	case r.Fault == nil:
		line("result", "whole, as far as it can be told with a key that the registry told itself; give -log-key to know more")
	case r.Fault.Entry != nil:
		line("fault", "entry %d: %s", *r.Fault.Entry, r.Fault.What)
	default:
		line("fault", "%s", r.Fault.What)
	}
}

func (k auditKey) String() string {
	if k.Pinned {
		return k.Key + " (given)"
	}
	return k.Key + " (told by the registry itself)"
}

// progress returns what shows, on a terminal only, how far the audit is; 0 wipes
// it away.
func (a *auditing) progress() func(done int64) {
	f, ok := a.err.(*os.File)
	if !ok {
		return func(int64) {}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func(int64) {}
	}
	return func(done int64) {
		if done == 0 {
			fmt.Fprint(f, "\r\x1b[K")
			return
		}
		fmt.Fprintf(f, "\rlabelctl: %d of %d entries", done, a.report.Size)
	}
}
