package web

import (
	"time"

	"tegata/verify"
	"tegata/web/i18n"
)

// A tone is how an answer looks. It never stands alone: a mark and a word say
// the same.
type tone string

const (
	toneGood    tone = "good"
	tonePart    tone = "part" // good, but not all that a reader might hope for
	toneCaution tone = "caution"
	toneBad     tone = "bad"
	toneNone    tone = "none" // no answer about the product
)

// A headline is the answer in one word and one sentence: what a shopper needs.
type headline struct {
	Tone     tone
	Word     string
	Sentence string
	whole    bool // what the record counts for is said, or does not matter
	measure  bool // it is about a measure
}

// newHeadline chooses what matters most to who holds the product: that it is
// recalled, that it is not the product meant, that nothing is in force, and only
// then what it counts for.
func newHeadline(l i18n.Language, v *verify.Verdict) headline {
	noun := "label"
	if v.Scheme == verify.PSTI {
		noun = "declaration"
	}
	place := l.T("place." + string(v.Question.In))
	if m, ok := barringThere(v); ok {
		key := "barred"
		if m.Notice == verify.RecallNotice || m.Notice == verify.StopNotice {
			key = string(m.Notice)
		}
		return headline{toneBad, l.T("word." + key), l.T("headline."+key, l.T("place."+string(m.Territory))), false, true}
	}
	if asked := notCovered(v.Match); asked != "" {
		return headline{toneBad, l.T("word.not_covered"), l.T("headline.not_covered."+noun, asked), true, false}
	}
	if v.Validity.Status != verify.StatusValid {
		return statusHeadline(l, v, noun)
	}
	o := v.Recognition.Outcome
	h := headline{Tone: outcomeTone(o), Word: l.T("outcome." + string(o)), whole: true}
	switch o {
	case verify.AtHome:
		h.Word = l.T("word.home.valid")
		h.Sentence = l.T("headline." + noun + ".home")
	case verify.LayersDiffer:
		h.Sentence = l.T("headline.label.layers_differ", place,
			l.T("outcome."+string(v.Recognition.Layers.Accord.Outcome)),
			l.T("outcome."+string(v.Recognition.Layers.Statute.Outcome)))
	default:
		h.Sentence = l.T("headline."+noun+"."+string(o), place)
	}
	return h
}

// unknownHeadline is that of a code nothing was said about, or not yet then.
func unknownHeadline(l i18n.Language, then bool) headline {
	if then {
		return headline{toneNone, l.T("word.unknown_then"), l.T("headline.unknown_then"), true, false}
	}
	return headline{toneNone, l.T("outcome.unknown"), l.T("headline.unknown"), true, false}
}

// statusHeadline is that of a record which is not valid.
func statusHeadline(l i18n.Language, v *verify.Verdict, noun string) headline {
	s := v.Validity.Status
	h := headline{Tone: toneCaution, Word: l.T("status." + string(s))}
	day := v.Validity.Since
	switch s {
	case verify.StatusRevoked, verify.StatusWithdrawn, verify.StatusUntrusted:
		h.Tone = toneBad
	case verify.StatusExpired:
		day = endOf(v)
	case verify.StatusNotYet:
		day = firstOf(v)
	}
	key := "headline." + noun + "." + string(s)
	if !l.Has(key) || day.IsZero() && s != verify.StatusUntrusted {
		h.Sentence = l.T("headline."+noun+".status", h.Word)
		return h
	}
	h.Sentence = l.T(key, day)
	return h
}

func endOf(v *verify.Verdict) verify.Date {
	switch {
	case v.Label != nil:
		return v.Label.Expires
	case v.Support != nil:
		return v.Support.End
	}
	return verify.Date{}
}

func firstOf(v *verify.Verdict) verify.Date {
	switch {
	case v.Label != nil:
		return v.Label.Issued
	case v.Declaration != nil:
		return v.Declaration.Issued
	}
	return verify.Date{}
}

// barringThere returns the gravest measure that bars in the place asked about.
func barringThere(v *verify.Verdict) (gravest verify.MeasureInForce, found bool) {
	gravity := map[verify.Notice]int{verify.StopNotice: 1, verify.RecallNotice: 2}
	for _, m := range v.Measures {
		if m.Effect != verify.Bars || !m.Territory.Covers(v.Question.In) {
			continue
		}
		if !found || gravity[m.Notice] > gravity[gravest.Notice] {
			gravest, found = m, true
		}
	}
	return gravest, found
}

// notCovered returns what was asked for and is not covered, or nothing.
func notCovered(m *verify.Match) string {
	switch {
	case m == nil:
		return ""
	case m.Model != nil && !m.Model.Covered:
		return m.Model.Asked
	case m.GTIN != nil && !m.GTIN.Covered:
		return m.GTIN.Asked
	}
	return ""
}

func outcomeTone(o verify.Outcome) tone {
	switch o {
	case verify.TreatedAsCompliant, verify.AtHome:
		return toneGood
	case verify.EligibleForSimplified:
		return tonePart
	case verify.NotApplicable, verify.UnknownHere:
		return toneNone
	}
	return toneCaution
}

// zoneOf is the zone in which the instants of an answer are told: that of the
// place asked about.
func zoneOf(in verify.Jurisdiction) *time.Location {
	if in == "" {
		return time.UTC
	}
	return in.Country().Zone()
}
