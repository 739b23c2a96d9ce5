package web

import (
	"regexp"
	"strings"

	"tegata/verify"
	"tegata/web/headline"
	"tegata/web/i18n"
	"tegata/web/stock"
)

// A mark is a reason to look at a row of a list, or that there is none.
type mark string

const (
	markMeasure       mark = "measure"
	markNotValid      mark = "not_valid"
	markNotCovered    mark = "not_covered"
	markLapses30      mark = "lapses_30"
	markLapses60      mark = "lapses_60"
	markLapses90      mark = "lapses_90"
	markNotRecognised mark = "not_recognised" // for whatever reason: what is withheld is not told apart (MoC 6)
	markDiffer        mark = "layers_differ"
	markUndetermined  mark = "undetermined" // or in lapse-grace, of which it is not published what it means
	markUnknown       mark = "unknown"
	markAmbiguous     mark = "ambiguous"
	markFault         mark = "fault"
	markNone          mark = "none"
)

// marks lists them in the order in which they are shown.
var marks = []mark{markMeasure, markNotValid, markNotCovered, markLapses30, markLapses60, markLapses90,
	markNotRecognised, markDiffer, markUndetermined, markUnknown, markAmbiguous, markFault, markNone}

// toneOfMark is how rows with a mark look.
var toneOfMark = map[mark]headline.Tone{
	markMeasure: headline.Bad, markNotValid: headline.Bad, markNotCovered: headline.Bad,
	markLapses30: headline.Caution, markLapses60: headline.Caution, markLapses90: headline.Caution,
	markNotRecognised: headline.Caution, markDiffer: headline.Caution, markUndetermined: headline.Caution,
	markUnknown: headline.None, markAmbiguous: headline.Caution, markFault: headline.Caution, markNone: headline.Good,
}

// marksOf lists the marks of an answer, given the day in question.
func marksOf(a stock.Answer, today verify.Date) (found []mark) {
	switch {
	case a.Fault != "":
		return []mark{markFault}
	case a.Status == verify.StatusUnknown:
		return []mark{markUnknown}
	}
	ends := func(days int) bool {
		return a.Status == verify.StatusValid && !a.Until.IsZero() && !today.AddDays(days).Before(a.Until)
	}
	for _, m := range []struct {
		mark mark
		has  bool
	}{
		{markMeasure, a.Barred},
		{markNotValid, a.Status != verify.StatusValid && a.Status != verify.StatusGrace},
		{markNotCovered, notCovering(a)},
		{markLapses30, ends(30)},
		{markLapses60, ends(60)},
		{markLapses90, ends(90)},
		{markNotRecognised, a.Outcome == verify.NotRecognised || a.Outcome == verify.Unavailable},
		{markDiffer, a.Outcome == verify.LayersDiffer},
		{markUndetermined, a.Outcome == verify.Undetermined || a.Status == verify.StatusGrace},
		{markAmbiguous, a.Ambiguous()},
	} {
		if m.has {
			found = append(found, m.mark)
		}
	}
	if found == nil {
		return []mark{markNone}
	}
	return found
}

func notCovering(a stock.Answer) bool { return a.ModelCovered == "no" || a.GTINCovered == "no" }

// A rowWord is what a row can be answered with in a word, by the key that the
// scripts of the page choose it by too.
type rowWord struct {
	Key, Text string
	Tone      headline.Tone
}

// rowWords lists them all.
func rowWords(l i18n.Language) (all []rowWord) {
	for _, m := range []mark{markFault, markMeasure, markNotCovered} {
		all = append(all, rowWord{"mark." + string(m), l.T("stock.mark." + string(m)), toneOfMark[m]})
	}
	for _, s := range verify.Statuses {
		tone := headline.Caution
		switch s {
		case verify.StatusValid:
			tone = headline.Good
		case verify.StatusRevoked, verify.StatusWithdrawn, verify.StatusUntrusted:
			tone = headline.Bad
		case verify.StatusUnknown:
			tone = headline.None
		}
		all = append(all, rowWord{"status." + string(s), l.T("status." + string(s)), tone})
	}
	for _, o := range verify.Outcomes {
		all = append(all, rowWord{"outcome." + string(o), l.T("outcome." + string(o)), headline.ToneOf(o)})
	}
	return all
}

// rowKey chooses what matters most to who has the product on the shelf.
func rowKey(a stock.Answer) string {
	switch {
	case a.Fault != "":
		return "mark." + string(markFault)
	case a.Barred:
		return "mark." + string(markMeasure)
	case notCovering(a):
		return "mark." + string(markNotCovered)
	case a.Status != verify.StatusValid:
		return "status." + string(a.Status)
	case a.Outcome == verify.AtHome:
		return "status." + string(verify.StatusValid)
	}
	return "outcome." + string(a.Outcome)
}

// faultName is what stands before the sentence of a fault, for programs.
var faultName = regexp.MustCompile(`(^|; )[a-z_.]+: (?:[a-z0-9_]+: )?`)

// rowNotes are what is said beside the word.
func rowNotes(l i18n.Language, a stock.Answer) (notes []string) {
	if a.Fault != "" {
		return []string{strings.TrimSpace(faultName.ReplaceAllString(a.Fault, " "))}
	}
	if a.Ambiguous() {
		var codes []string
		for _, c := range a.Codes {
			codes = append(codes, c.Printed())
		}
		notes = append(notes, l.T("stock.note.ambiguous", strings.Join(codes, " ")))
	}
	if a.Outcome == verify.LayersDiffer {
		notes = append(notes, l.T("stock.note.differ", l.T("outcome."+string(a.Accord)), l.T("outcome."+string(a.Statute))))
	}
	return notes
}
