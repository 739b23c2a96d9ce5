package main

import (
	"fmt"
	"time"

	"tegata/verify/tlog"
)

// An auditReport is what an audit found.
type auditReport struct {
	Origin    string         `json:"origin"`
	Size      int64          `json:"size"`
	Root      tlog.Hash      `json:"root"`
	Dated     time.Time      `json:"dated,omitzero"` // by the registry itself
	Witnessed []auditWitness `json:"witnessed,omitempty"`
	Trust     auditTrust     `json:"trust"`
	Entries   int64          `json:"entries"`           // replayed without a fault
	Codes     int            `json:"codes"`             // spoken of in them
	Bundles   int            `json:"bundles,omitempty"` // of codes, that hold what the log says
	Continues *int64         `json:"continues"`         // size of the older checkpoint, null where none was given
	Fault     *logFault      `json:"fault,omitempty"`   // the first; none: all holds
}

// An auditWitness is a witness of the trust file that cosigned the checkpoint.
type auditWitness struct {
	Key  tlog.CosignerKey `json:"key"`
	Time time.Time        `json:"time"`
}

// An auditTrust is the fingerprint of a trust file, and who told it.
type auditTrust struct {
	Fingerprint string `json:"fingerprint"`
	Pinned      bool   `json:"pinned"` // given; else the registry told it of itself
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
		line("dated", "%s", r.Dated.Format(time.RFC3339))
	}
	for _, w := range r.Witnessed {
		line("witness", "%s at %s", w.Key, w.Time.Format(time.RFC3339))
	}
	line("trust file", "%s", r.Trust)
	line("replayed", "%d entries about %d codes", r.Entries, r.Codes)
	if r.Bundles > 0 {
		line("bundles", "%d hold what the log says", r.Bundles)
	}
	if r.Continues != nil && r.Fault == nil {
		line("continues", "the older checkpoint of %d entries", *r.Continues)
	}
	switch {
	case r.Fault != nil:
		line("fault", "%v", r.Fault)
	case r.Trust.Pinned:
		line("result", "whole: every signature, role, order and hash holds")
	default:
		line("result", "whole, as far as it can be told with keys that the registry told itself; give -trust to know more")
	}
}

func (t auditTrust) String() string {
	if t.Pinned {
		return t.Fingerprint + " (given)"
	}
	return t.Fingerprint + " (told by the registry itself)"
}

// progress returns what shows, on a terminal only, how far a log is read; of
// nothing done it wipes that away.
func (c *console) progress() func(done, of int64) {
	f, ok := terminal(c.err)
	if !ok {
		return func(int64, int64) {}
	}
	return func(done, of int64) {
		if done == 0 {
			fmt.Fprint(f, "\r\x1b[K")
			return
		}
		fmt.Fprintf(f, "\rlabelctl: %d of %d entries", done, of)
	}
}
