package stock

import (
	"slices"
	"strings"
	"time"

	"tegata/verify"
)

// An Answer is what a row of a list is answered with: a verdict as far as it has
// room in cells. Where several records fit it is of the most cautious.
type Answer struct {
	Code         verify.Code // empty: none was found
	Status       verify.Status
	Until        verify.Date // the last day of the status; zero: open
	Outcome      verify.Outcome
	In           verify.Jurisdiction // where it was asked for
	Accord       verify.Outcome      // of the Memorandum; empty: it is not asked
	Statute      verify.Outcome      // of United Kingdom law; empty: it is not asked
	ModelCovered string              // yes, no, or empty: no model was named
	GTINCovered  string
	Barred       bool // by a measure in force where it was asked for
	Codes        []verify.Code
	NextChange   time.Time // when the first of them changes by itself; zero: not foreseen
	Fault        string    // why there is no answer
}

// AnswerNames are the names of the columns of an answer. They are read by
// programs: never renamed, and new ones stand before the last.
var AnswerNames = []string{"tegata_code", "tegata_status", "tegata_until", "tegata_outcome", "tegata_in", "tegata_accord", "tegata_statute",
	"tegata_model_covered", "tegata_gtin_covered", "tegata_barred", "tegata_ambiguous", "tegata_codes", "tegata_next_change", "tegata_fault"}

// NewAnswer returns the answer that the verdicts on a row make, the most cautious
// first. None says that nothing in the registry fits.
func NewAnswer(found []verify.Verdict) Answer {
	if len(found) == 0 {
		return Answer{Status: verify.StatusUnknown, Outcome: verify.UnknownHere}
	}
	v := &found[0]
	a := Answer{Code: v.Code, Status: v.Validity.Status, Until: v.Validity.Until, Outcome: v.Recognition.Outcome, In: v.Question.In}
	if l := v.Recognition.Layers.Accord; l != nil {
		a.Accord = l.Outcome
	}
	if l := v.Recognition.Layers.Statute; l != nil {
		a.Statute = l.Outcome
	}
	if v.Match != nil && v.Match.Model != nil {
		a.ModelCovered = yes(v.Match.Model.Covered)
	}
	if v.Match != nil && v.Match.GTIN != nil {
		a.GTINCovered = yes(v.Match.GTIN.Covered)
	}
	_, a.Barred = v.Barring()
	for i := range found {
		a.Codes = append(a.Codes, found[i].Code)
		if next := found[i].NextChange; a.NextChange.IsZero() || !next.IsZero() && next.Before(a.NextChange) {
			a.NextChange = next
		}
	}
	return a
}

// Caution orders verdicts, the most cautious first: what is not valid, barred by
// a measure or does not cover what was named before all else, then by outcome.
func Caution(v *verify.Verdict) int {
	n := slices.Index([]verify.Outcome{verify.UnknownHere, verify.NotRecognised, verify.Unavailable, verify.Undetermined,
		verify.LayersDiffer, verify.NotApplicable, verify.AtHome, verify.EligibleForSimplified, verify.TreatedAsCompliant}, v.Recognition.Outcome)
	if a := NewAnswer([]verify.Verdict{*v}); a.Status == verify.StatusValid && a.covers() {
		n += len(verify.Outcomes)
	}
	return n
}

// Ambiguous reports whether several records fit.
func (a Answer) Ambiguous() bool { return len(a.Codes) > 1 }

// Good reports whether the answer is yes: valid, recognised or eligible abroad or
// asked at home, barred by no measure there, and covering what was named.
func (a Answer) Good() bool {
	return a.Fault == "" && a.Status == verify.StatusValid && (a.Outcome.Positive() || a.Outcome == verify.AtHome) && a.covers()
}

// covers reports whether no measure bars what was named and it is covered.
func (a Answer) covers() bool { return !a.Barred && a.ModelCovered != "no" && a.GTINCovered != "no" }

// Cells returns the cells below AnswerNames. Codes are in their printed form,
// which no spreadsheet takes for a number. Of a fault nothing else is said.
func (a Answer) Cells() []string {
	if a.Fault != "" {
		cells := make([]string, len(AnswerNames))
		cells[len(cells)-1] = a.Fault
		return cells
	}
	var codes []string
	for _, code := range a.Codes {
		codes = append(codes, code.Printed())
	}
	var until, next string
	if !a.Until.IsZero() {
		until = a.Until.String()
	}
	if !a.NextChange.IsZero() {
		next = a.NextChange.UTC().Format(time.RFC3339)
	}
	return []string{a.Code.Printed(), string(a.Status), until, string(a.Outcome), string(a.In), string(a.Accord), string(a.Statute),
		a.ModelCovered, a.GTINCovered, yes(a.Barred), yes(a.Ambiguous()), strings.Join(codes, " "), next, ""}
}

// ParseAnswer reads the cells of an answer, and whether they are one.
func ParseAnswer(cells []string) (a Answer, ok bool) {
	if len(cells) != len(AnswerNames) {
		return a, false
	}
	code := func(s string) (code verify.Code) {
		if s != "" {
			var err error
			code, err = verify.ParseCode(s)
			ok = ok && err == nil
		}
		return code
	}
	ok = true
	a = Answer{Code: code(cells[0]), Status: verify.Status(cells[1]), Outcome: verify.Outcome(cells[3]), In: verify.Jurisdiction(cells[4]),
		Accord: verify.Outcome(cells[5]), Statute: verify.Outcome(cells[6]), ModelCovered: cells[7], GTINCovered: cells[8],
		Barred: cells[9] == "yes", Fault: cells[13]}
	for _, s := range strings.Fields(cells[11]) {
		a.Codes = append(a.Codes, code(s))
	}
	var err error
	if cells[2] != "" {
		a.Until, err = verify.ParseDate(cells[2])
		ok = ok && err == nil
	}
	if cells[12] != "" {
		a.NextChange, err = time.Parse(time.RFC3339, cells[12])
		ok = ok && err == nil
	}
	return a, ok && slices.Equal(a.Cells(), cells)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
