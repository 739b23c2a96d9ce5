package status

import (
	"slices"
	"time"

	"tegata/verify"
)

// A Status is what a status list says of one label or declaration, in two bits
// (draft-ietf-oauth-status-list-21, section 7). That a last day has passed is not
// among them: the token that points into the list says which day that is.
type Status byte

const (
	Valid     Status = 0 // nothing stands against it
	Invalid   Status = 1 // revoked, withdrawn or lapsed: final, but for a correction
	Suspended Status = 2 // out of force for now
	AskOnline Status = 3 // application specific: it can go either way, the registry tells
)

// Of is what a list says at t of a record that has begun.
//
// Grace, whose meaning its scheme has not published, and first statements by a
// compromised key, which their issuer may seal again, are for the registry to
// explain. So is what has expired earlier than somebody may have been told:
// where a statement about its last day was left out, tokens that still name the
// later day are in print. And so is a measure that bars, a recall among them: it
// does not touch the label, but nobody is told that all is well.
func Of(r *verify.Record, t time.Time) Status {
	switch r.Status(t) {
	case verify.StatusRevoked, verify.StatusWithdrawn, verify.StatusLapsed:
		return Invalid
	case verify.StatusSuspended:
		return Suspended
	case verify.StatusGrace, verify.StatusUntrusted, verify.StatusUnknown:
		return AskOnline
	case verify.StatusExpired:
		if shortened(r) {
			return AskOnline
		}
	}
	if r.NotKnown || slices.ContainsFunc(r.MeasuresAt(t), bars) {
		return AskOnline
	}
	return Valid
}

func bars(m verify.Measure) bool { return m.Effect == verify.Bars }

// shortened reports whether a last day was said of the record that does not
// count.
func shortened(r *verify.Record) bool {
	for _, s := range r.History {
		switch s.Kind {
		case verify.LabelIssued, verify.LabelExtended, verify.DeclarationPublished, verify.DeclarationExtended:
			if s.Counts != verify.Counted {
				return true
			}
		}
	}
	return false
}
