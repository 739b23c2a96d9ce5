package main

import (
	"tegata/verify"
	"tegata/web/i18n"
)

// words are the catalog of the reader's language. What a registry newer than
// this program says, and there are no words for, is shown as it was sent.
type words struct{ i18n.Language }

func (w words) of(prefix, name string) string {
	if key := prefix + name; w.Has(key) {
		return w.T(key)
	}
	return name
}

// headline is the sentence that a reader must not miss, first: what bars the
// product in hand before what may be said of its label.
func (w words) headline(v *verify.Verdict) string {
	if v.Recognition.Outcome == verify.UnknownHere {
		if earlier(v) {
			return w.T("headline.unknown_then")
		}
		return w.T("headline.unknown")
	}
	if m, ok := barring(v); ok {
		key := "headline.barred"
		if m.Notice == verify.RecallNotice || m.Notice == verify.StopNotice {
			key = "headline." + string(m.Notice)
		}
		return w.T(key, w.of("place.", string(m.Territory)))
	}
	record := "declaration"
	if v.Scheme == verify.JCSTAR {
		record = "label"
	}
	if asked := uncovered(v); asked != "" {
		return w.T("headline.not_covered."+record, asked)
	}
	if v.Validity.Status != verify.StatusValid {
		return w.invalid("headline."+record+".", v)
	}
	place := w.of("place.", string(v.Question.In))
	key := "headline." + record + "." + string(v.Recognition.Outcome)
	layers := v.Recognition.Layers
	switch {
	case !w.Has(key):
		return w.of("outcome.", string(v.Recognition.Outcome))
	case v.Recognition.Outcome == verify.LayersDiffer && layers.Accord != nil && layers.Statute != nil:
		return w.T(key, place, w.of("outcome.", string(layers.Accord.Outcome)), w.of("outcome.", string(layers.Statute.Outcome)))
	}
	return w.T(key, place)
}

// invalid is the headline of what is not valid at that moment.
func (w words) invalid(prefix string, v *verify.Verdict) string {
	day := v.Validity.Since
	switch v.Validity.Status {
	case verify.StatusExpired:
		switch {
		case v.Label != nil:
			day = v.Label.Expires
		case v.Support != nil:
			day = v.Support.End
		}
	case verify.StatusNotYet:
		switch {
		case v.Label != nil:
			day = v.Label.Issued
		case v.Declaration != nil:
			day = v.Declaration.Issued
		}
	case verify.StatusUntrusted:
		return w.T(prefix + string(v.Validity.Status))
	}
	if key := prefix + string(v.Validity.Status); w.Has(key) && !day.IsZero() {
		return w.T(key, day)
	}
	return w.T(prefix+"status", w.of("status.", string(v.Validity.Status)))
}

// barring returns the gravest measure that bars where the question is asked.
func barring(v *verify.Verdict) (gravest verify.MeasureInForce, found bool) {
	gravity := map[verify.Notice]int{verify.StopNotice: 1, verify.RecallNotice: 2}
	for _, m := range v.Measures {
		bars := m.Effect == verify.Bars && m.Territory.Covers(v.Question.In)
		if bars && (!found || gravity[m.Notice] > gravity[gravest.Notice]) {
			gravest, found = m, true
		}
	}
	return gravest, found
}

// earlier reports whether the answer is of what was known before the head.
func earlier(v *verify.Verdict) bool {
	k := v.Question.Known
	return k.Size != 0 && k.Size < v.Log.Size || !k.Time.IsZero() && k.Time.Before(v.Log.Time)
}
