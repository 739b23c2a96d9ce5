package verify

// Earlier reports whether the verdict is that of an earlier state of the log
// than the head it names.
func (v *Verdict) Earlier() bool {
	k := v.Question.Known
	return k.Size != 0 && k.Size < v.Log.Size || !k.Time.IsZero() && k.Time.Before(v.Log.Time)
}

// FirstDay is the first day of the label or declaration, whatever became of it.
func (v *Verdict) FirstDay() Date {
	switch {
	case v.Label != nil:
		return v.Label.Issued
	case v.Declaration != nil:
		return v.Declaration.Issued
	}
	return Date{}
}

// LastDay is the last day of the label, or of the declaration's support period.
func (v *Verdict) LastDay() Date {
	switch {
	case v.Label != nil:
		return v.Label.Expires
	case v.Support != nil:
		return v.Support.End
	}
	return Date{}
}

// Barring returns the gravest measure that bars in the place asked about: a
// recall before a stop, and both before any other.
func (v *Verdict) Barring() (gravest MeasureInForce, found bool) {
	gravity := map[Notice]int{StopNotice: 1, RecallNotice: 2}
	for _, m := range v.Measures {
		bars := m.Effect == Bars && m.Territory.Covers(v.Question.In)
		if bars && (!found || gravity[m.Notice] > gravity[gravest.Notice]) {
			gravest, found = m, true
		}
	}
	return gravest, found
}
