package verify

import (
	"strconv"
	"time"
)

// mayFollow says why e may not follow what was said before, all reasons at
// once. A kind that is not known may follow: what it means is not known either.
func (r *Record) mayFollow(e Entry) (faults Faults) {
	about := kinds[e.Kind].about
	switch {
	case e.Kind.First():
		r.mayBegin(e, &faults)
		return faults
	case !r.Begun():
		faults.add("code", CodeUnknown, "")
		return faults
	case about == ofLabel && r.Scheme != JCSTAR, about == ofDeclaration && r.Scheme != PSTI:
		faults.add("code", OtherScheme, string(r.Scheme))
		return faults
	}
	switch b := e.Body.(type) {
	case *Extended:
		last := r.lastEnd().day
		later("expires", b.Expires, last, NotLater, &faults)
		if furthest := lastLabelDay(last); !b.Expires.IsZero() && furthest.Before(b.Expires) {
			faults.add("expires", LabelTerm, furthest.String())
		}
		r.notFinal(time.Time{}, &faults)
	case *SupportExtended:
		later("support.end", b.Support.End, r.lastEnd().day, SupportShorter, &faults)
		r.notFinal(time.Time{}, &faults)
	case *Amended, *LinkAmended:
		r.notFinal(e.Made, &faults)
	case *StatusSaid:
		if b.Corrects != "" {
			if !r.canCorrect(b.Corrects) {
				faults.add("corrects", NothingSaid, b.Corrects)
			}
		} else if !b.From.IsZero() {
			r.notFinal(b.From.Start(Tokyo), &faults)
		}
	case *Withdrawn:
		r.notFinal(time.Time{}, &faults)
	case *Taken:
		for _, m := range r.measures {
			if m.By == e.By && m.Measure == b.Measure {
				faults.add("measure", MeasureUsed, b.Measure)
			}
		}
	case *Lifted:
		if i := r.measure(e.By, b.Measure); i < 0 {
			faults.add("measure", NoMeasure, b.Measure)
		} else if b.From.Before(r.measures[i].From) {
			faults.add("from", NotEarlier, r.measures[i].From.String())
		}
	case *Withheld:
		if r.withholding(e.By) >= 0 {
			faults.add("kind", IsWithheld, "")
		}
	case *Restored:
		if i := r.withholding(e.By); i < 0 {
			faults.add("kind", NotWithheld, "")
		} else if b.From.Start(r.abroadZone()).Before(r.withholdings[i].at) {
			faults.add("from", NotEarlier, DateOf(r.withholdings[i].at, r.abroadZone()).String())
		}
	}
	return faults
}

// mayBegin: a code is used once. A record whose first statement a compromised
// key signed is begun again by its issuer with the same number, so that the
// codes already printed live on.
func (r *Record) mayBegin(e Entry, faults *Faults) {
	switch {
	case !r.Begun():
		return
	case !r.Untrusted:
		faults.add("code", CodeUsed, "")
		return
	}
	b, isLabel := e.Body.(*Issued)
	if isLabel != (r.Scheme == JCSTAR) {
		faults.add("code", OtherScheme, string(r.Scheme))
	} else if isLabel && b.Label.Number != r.Label.Number {
		faults.add("label.number", NumberChanged, r.Label.Number)
	}
}

// notFinal notes a state after which nothing is said any more: one that holds
// at t, or, where t is zero, at any time.
func (r *Record) notFinal(t time.Time, faults *Faults) {
	for _, s := range r.statuses {
		if !s.struck && s.Status.Final() && (t.IsZero() || !t.Before(s.at)) {
			faults.add("code", Final, string(s.Status)+" "+s.From.String())
		}
	}
}

func (r *Record) canCorrect(id string) bool {
	for _, s := range r.statuses {
		if s.id == id && !s.struck {
			return true
		}
	}
	return false
}

// lastEnd is the last day said last.
func (r *Record) lastEnd() end {
	if len(r.ends) == 0 {
		return end{}
	}
	return r.ends[len(r.ends)-1]
}

func later(field string, day, than Date, rule FaultRule, faults *Faults) {
	if !day.IsZero() && !than.IsZero() && !than.Before(day) {
		faults.add(field, rule, than.String())
	}
}

// retention is the last day a declaration is kept: the later of ten years
// beginning with its day of issue (SI 2023/1007 regs 8 and 9: the day before
// the tenth anniversary) and the defined support period set out in it, which no
// later extension changes.
func (d *Declaration) retention() Date {
	kept := d.Issued.AddYears(10).AddDays(-1)
	if kept.Before(d.Support.End) {
		return d.Support.End
	}
	return kept
}

// Stars is a level as it is written on a label: ★1.
func Stars(level int) string { return "★" + strconv.Itoa(level) }
