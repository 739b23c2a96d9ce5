package main

import (
	"slices"

	"tegata/verify"
	"tegata/web/headline"
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

// headline is the sentence that a reader must not miss, first.
func (w words) headline(v *verify.Verdict) string {
	if !slices.Contains(verify.Outcomes, v.Recognition.Outcome) || !slices.Contains(verify.Statuses, v.Validity.Status) {
		return string(v.Validity.Status) + ", " + string(v.Recognition.Outcome)
	}
	return headline.Of(w.Language, v).Sentence
}
