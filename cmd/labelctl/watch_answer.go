package main

import (
	"cmp"
	"slices"
	"time"

	"tegata/verify"
	"tegata/verify/match"
	"tegata/web/stock"
)

// soonDays are how soon a label is to lapse for it to be told, the shortest first.
var soonDays = []int{30, 60, 90}

// An asking answers the questions of a list from what is held of a log, at one
// instant.
type asking struct {
	*following
	at    time.Time
	head  verify.Log
	known verify.Known // zero: all of it
	facts map[verify.Code]verify.Facts
}

// presentFor is how long a head is taken for the present one after it was dated.
const presentFor = 2 * time.Minute

func (f *following) ask(at time.Time) *asking {
	head := verify.Log{Origin: f.head.Origin, Size: f.head.Size, Root: verify.Root(f.head.Root), Time: at}
	if f.dated.Add(presentFor).Before(at) {
		head.Time = f.dated // nobody knows what was said since
	}
	return &asking{following: f, at: at, head: head, facts: map[verify.Code]verify.Facts{}}
}

// judge answers about one code.
func (a *asking) judge(code verify.Code, r *stockRow) verify.Verdict {
	f, ok := a.facts[code]
	if !ok {
		f = a.replay.Facts(code, a.head).Fold()
		a.facts[code] = f
	}
	v := verify.Judge(f, verify.Question{In: r.in, At: a.at, Known: a.known})
	if v.Product != nil {
		v.Match, _ = match.Covers(v.Product, r.model, r.gtin) // the number was read before
	}
	return v
}

// answer answers a row, and tells within how many days of soonDays what is valid
// lapses; 0: it does not.
func (a *asking) answer(r *stockRow) (stock.Answer, int) {
	var found []verify.Verdict
	if r.code != "" {
		v := a.judge(r.code, r)
		if r.number != "" && v.Recognition.Outcome != verify.UnknownHere && match.Number(v.Number) != match.Number(r.number) {
			return stock.Answer{Fault: "number: " + cmp.Or(v.Number, "–")}, 0
		}
		found = append(found, v)
	} else {
		for _, code := range a.find(r) {
			if v := a.judge(code, r); v.Recognition.Outcome != verify.UnknownHere {
				found = append(found, v)
			}
		}
		slices.SortStableFunc(found, func(x, y verify.Verdict) int { return cmp.Compare(stock.Caution(&x), stock.Caution(&y)) })
	}
	if len(found) == 0 {
		return stock.NewAnswer(nil), 0
	}
	return stock.NewAnswer(found), lapsesWithin(&found[0])
}

// lapsesWithin counts from today in the zone of the scheme.
func lapsesWithin(v *verify.Verdict) int {
	if v.Validity.Status != verify.StatusValid || v.Validity.Until.IsZero() {
		return 0
	}
	today := verify.DateOf(v.Question.At, v.Scheme.Home().Zone())
	for _, days := range soonDays {
		if !today.AddDays(days).Before(v.Validity.Until) {
			return days
		}
	}
	return 0
}

// What a report says of a row. They are read by programs: never renamed.
const (
	saidLapsed  = "lapsed"             // it was valid, and is not
	saidSoon    = "lapses_soon"        // it is valid, for so many days at most
	saidGained  = "recognition_gained" // it is recognised or eligible, and was not
	saidLost    = "recognition_lost"
	saidCovered = "not_covered" // it covered what the row names, and does not
	saidSeveral = "ambiguous"   // several records fit, and did not
	saidFound   = "found"       // nothing fitted, and something does
	saidChanged = "changed"     // otherwise
)

// compare says what is to be told of two answers. When they change by themselves
// next is not.
func compare(was, is stock.Answer, wasSoon, isSoon int) (said []string) {
	say := func(what string, holds bool) {
		if holds {
			said = append(said, what)
		}
	}
	say(saidFound, was.Code == "" && is.Code != "")
	say(saidLapsed, was.Status == verify.StatusValid && is.Status != verify.StatusValid)
	say(saidLost, was.Outcome.Positive() && !is.Outcome.Positive())
	say(saidGained, was.Code != "" && !was.Outcome.Positive() && is.Outcome.Positive())
	say(saidCovered, was.ModelCovered == "yes" && is.ModelCovered == "no" || was.GTINCovered == "yes" && is.GTINCovered == "no")
	say(saidSeveral, !was.Ambiguous() && is.Ambiguous())
	say(saidSoon, isSoon > 0 && (wasSoon == 0 || isSoon < wasSoon))
	was.NextChange, is.NextChange = time.Time{}, time.Time{}
	say(saidChanged, len(said) == 0 && !slices.Equal(was.Cells(), is.Cells()) ||
		slices.Equal(said, []string{saidSoon}) && !slices.Equal(was.Cells(), is.Cells()))
	return said
}
