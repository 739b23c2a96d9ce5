package headline

import (
	"tegata/verify/status"
	"tegata/web/i18n"
)

// readingTones are how what can be said without network looks. Only what a list
// that still counts confirms looks good.
var readingTones = map[status.Outcome]Tone{
	status.ReadValid: Good, status.ReadSuspended: Caution, status.ReadAskOnline: Caution, status.ReadInvalid: Bad,
	status.ReadPast: Caution, status.ReadNotConfirmed: Caution, status.ReadNotListed: Caution,
}

// OfReading is what can be said without network of a signed code: asOf is the
// instant of the list it was looked up in, until the last day printed, each in
// words and empty where there is none. It never says what anything counts for.
func OfReading(l i18n.Language, o status.Outcome, asOf, until string) Headline {
	key := "reading." + string(o)
	return Headline{Tone: readingTones[o], Word: l.T(key + ".word"), Sentence: l.T(key, asOf, until), Whole: true}
}

// A Fault is why nothing can be said of a signed code.
type Fault string

const (
	Malformed    Fault = "malformed"     // no token of this kind
	UnknownKey   Fault = "unknown_key"   // signed by a key that is not in the trust file
	BadSignature Fault = "bad_signature" // not signed by the key it names
	OtherCode    Fault = "other_code"    // about another code than the address it stands in
)

// OfFault says that a signed code cannot be relied on. The log whose signature
// was expected is named; of [OtherCode] the two codes are, that of the address
// first.
func OfFault(l i18n.Language, f Fault, names ...any) Headline {
	tone := Bad
	if f == UnknownKey || f == Malformed {
		tone = Caution // it may be newer than what it was checked with
	}
	key := "signed." + string(f)
	return Headline{Tone: tone, Word: l.T(key + ".word"), Sentence: l.T(key, names...), Whole: true}
}
