package status

import (
	"time"

	"tegata/verify"
)

// A Reading is what somebody offline may conclude from a token, and the list it
// points into where there is one. There is no reading that says recognised.
type Reading struct {
	Outcome Outcome        `json:"outcome"`
	By      verify.PartyID `json:"by"`               // who issued the label or published the declaration
	Until   verify.Date    `json:"until,omitzero"`   // the printed last day; none: it has none
	Listed  Outcome        `json:"listed,omitempty"` // what the list said, however old: valid, suspended, ask_online or invalid
	AsOf    time.Time      `json:"as_of,omitzero"`   // when the list said so
}

// An Outcome is the one thing to be told first. These names are never renamed.
type Outcome string

const (
	ReadInvalid      Outcome = "invalid"       // it was final by AsOf: revoked, withdrawn or lapsed
	ReadPast         Outcome = "past_printed"  // the printed last day has passed: ask online, since it may have been extended
	ReadNotListed    Outcome = "not_listed"    // issued, but there is no list to say what became of it
	ReadNotConfirmed Outcome = "not_confirmed" // since AsOf: the list is too old to say so of now
	ReadSuspended    Outcome = "suspended"     // as of AsOf
	ReadAskOnline    Outcome = "ask_online"    // as of AsOf there was something that only the registry can tell
	ReadValid        Outcome = "valid"         // as of AsOf
)

// outcomes are those of what a list says.
var outcomes = [...]Outcome{Valid: ReadValid, Invalid: ReadInvalid, Suspended: ReadSuspended, AskOnline: ReadAskOnline}

// Check says what may be concluded at now from a token that was opened and a list
// whose token was, or nil where there is none. The first of these that holds is
// the outcome:
//
//	invalid        the list says so, whatever its age: that is final
//	past_printed   the last day printed is over, in the zone of the scheme
//	not_listed     there is no list, or it is not the one the token points into
//	not_confirmed  the list's exp has come
//	               and else what the list says
//
// A token without a last day is never valid, only ask_online: what was published
// without an end may have been given one since.
//
// A clock that stands before the list was issued is wrong, and taken to stand
// there.
func Check(t Token, l *List, now time.Time) Reading {
	r := CheckPlace(t.Status, t.ends(), l, now)
	r.By, r.Until = t.By, t.Expires
	return r
}

// CheckPlace says the same of a place in all status lists, counted through, and
// the first instant after the last day of what stands there; zero: it has none.
func CheckPlace(place int64, ends time.Time, l *List, now time.Time) (r Reading) {
	if l != nil {
		if n, err := l.Number(); err == nil && n == place/ListSize {
			r.Listed, r.AsOf = outcomes[l.At(place%ListSize)], l.Issued
			if now.Before(l.Issued) {
				now = l.Issued
			}
		}
	}
	switch {
	case r.Listed == ReadInvalid:
		r.Outcome = ReadInvalid
	case !ends.IsZero() && !now.Before(ends):
		r.Outcome = ReadPast
	case r.Listed == "":
		r.Outcome = ReadNotListed
	case !now.Before(l.Expires):
		r.Outcome = ReadNotConfirmed
	case r.Listed == ReadValid && ends.IsZero():
		r.Outcome = ReadAskOnline
	default:
		r.Outcome = r.Listed
	}
	return r
}
