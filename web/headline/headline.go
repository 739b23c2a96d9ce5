// Package headline chooses the one word and the one sentence that a reader of a
// verdict must not miss. The page and the command line say the same.
package headline

import (
	"tegata/verify"
	"tegata/web/i18n"
)

// A Tone is how an answer looks. It never stands alone: a mark and a word say
// the same.
type Tone string

const (
	Good    Tone = "good"
	Part    Tone = "part" // good, but not all that a reader might hope for
	Caution Tone = "caution"
	Bad     Tone = "bad"
	None    Tone = "none" // no answer about the product
)

// A Headline is the answer in one word and one sentence: what a shopper needs.
type Headline struct {
	Tone     Tone
	Word     string
	Sentence string
	Whole    bool // what the record counts for is said, or does not matter
	Measure  bool // it is about a measure
}

// Of chooses what matters most to who holds the product: that it is recalled,
// that it is not the product meant, that nothing is in force, and only then what
// it counts for.
func Of(l i18n.Language, v *verify.Verdict) Headline {
	switch {
	case v.Recognition.Outcome != verify.UnknownHere:
	case v.Earlier():
		return Headline{None, l.T("word.unknown_then"), l.T("headline.unknown_then"), true, false}
	default:
		return Headline{None, l.T("outcome.unknown"), l.T("headline.unknown"), true, false}
	}
	noun := "label"
	if v.Scheme == verify.PSTI {
		noun = "declaration"
	}
	place := l.T("place." + string(v.Question.In))
	if m, ok := v.Barring(); ok {
		key := "barred"
		if m.Notice == verify.RecallNotice || m.Notice == verify.StopNotice {
			key = string(m.Notice)
		}
		return Headline{Bad, l.T("word." + key), l.T("headline."+key, l.T("place."+string(m.Territory))), false, true}
	}
	if asked := notCovered(v.Match); asked != "" {
		return Headline{Bad, l.T("word.not_covered"), l.T("headline.not_covered."+noun, asked), true, false}
	}
	if v.Validity.Status != verify.StatusValid {
		return statusHeadline(l, v, noun)
	}
	o := v.Recognition.Outcome
	h := Headline{Tone: ToneOf(o), Word: l.T("outcome." + string(o)), Whole: true}
	h.Sentence = h.Word // of a verdict that no registry of this kind gives
	layers := v.Recognition.Layers
	switch key := "headline." + noun + "." + string(o); {
	case !l.Has(key):
	case o == verify.AtHome:
		h.Word, h.Sentence = l.T("word.home.valid"), l.T(key)
	case o == verify.LayersDiffer && layers.Accord != nil && layers.Statute != nil:
		h.Sentence = l.T(key, place, l.T("outcome."+string(layers.Accord.Outcome)), l.T("outcome."+string(layers.Statute.Outcome)))
	default:
		h.Sentence = l.T(key, place)
	}
	return h
}

// statusHeadline is that of a record which is not valid.
func statusHeadline(l i18n.Language, v *verify.Verdict, noun string) Headline {
	s := v.Validity.Status
	h := Headline{Tone: Caution, Word: l.T("status." + string(s))}
	day := v.Validity.Since
	switch s {
	case verify.StatusRevoked, verify.StatusWithdrawn, verify.StatusUntrusted:
		h.Tone = Bad
	case verify.StatusExpired:
		day = v.LastDay()
	case verify.StatusNotYet:
		day = v.FirstDay()
	}
	key := "headline." + noun + "." + string(s)
	if !l.Has(key) || day.IsZero() && s != verify.StatusUntrusted {
		h.Sentence = l.T("headline."+noun+".status", h.Word)
		return h
	}
	h.Sentence = l.T(key, day)
	return h
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

// ToneOf is the tone of an outcome by itself.
func ToneOf(o verify.Outcome) Tone {
	switch o {
	case verify.TreatedAsCompliant, verify.AtHome:
		return Good
	case verify.EligibleForSimplified:
		return Part
	case verify.NotApplicable, verify.UnknownHere:
		return None
	}
	return Caution
}
