package verify

import (
	"cmp"
	"slices"
	"time"
)

// A Step is a statement that came between two questions about the same code.
type Step struct {
	Entry
	How    How
	From   time.Time // when it began to count, as far as its own words say
	Counts Counting  // in the answer that knows it
}

// How says in which way a statement came between.
type How string

const (
	StepEntered How = "entered" // one of the questions knows it, the other does not
	StepBegan   How = "began"   // both know it, and it began to count between their instants
)

// Between lists the statements that may explain why two questions are answered
// differently, in log order: about the code, about the declarations its answer
// rests on, keys that were retired, and notices on the Memorandum. The questions
// are those of verdicts, complete. What does not count began nothing. Where there
// is none, time alone made the difference: a last day passed, or an observation
// grew old.
func (f Facts) Between(was, is Question) (steps []Step) {
	early, late := was, is
	if is.At.Before(was.At) {
		early, late = is, was
	}
	about := slices.Concat([][]Entry{f.Entries}, f.Basis, f.Related)
	for _, entries := range append(about, f.turning(slices.Concat(about...))) {
		inEarly, inLate := f.counting(entries, early.Known), f.counting(entries, late.Known)
		for _, e := range entries {
			before, after := early.Known.Includes(e), late.Known.Includes(e)
			s := Step{e, StepEntered, f.from(e, entries, is.In), inLate[e.Index]}
			switch {
			case before != after:
				if before {
					s.Counts = inEarly[e.Index]
				}
				steps = append(steps, s)
			case before && s.Counts == Counted && s.From.After(early.At) && !s.From.After(late.At):
				s.How = StepBegan
				steps = append(steps, s)
			}
		}
	}
	slices.SortFunc(steps, func(a, b Step) int { return cmp.Compare(a.Index, b.Index) })
	return slices.CompactFunc(steps, func(a, b Step) bool { return a.Index == b.Index })
}

// counting says how each of the entries about one code counts as of k, by index;
// of statements about no code, that they do.
func (f Facts) counting(entries []Entry, k Known) map[int64]Counting {
	counts := map[int64]Counting{}
	if len(entries) > 0 && entries[0].Code == "" {
		for _, e := range entries {
			counts[e.Index] = Counted
		}
		return counts
	}
	for _, s := range FoldRecord(known(entries, k), f.Governance.AsOf(k)).History {
		counts[s.Index] = s.Counts
	}
	return counts
}

// turning are the statements about no code that change what those entries amount
// to: notices on the Memorandum, and retirements of the keys that signed them.
func (f Facts) turning(signed []Entry) (entries []Entry) {
	if f.Governance == nil {
		return nil
	}
	for _, e := range f.Governance.said {
		switch b := e.Body.(type) {
		case *Noticed:
			entries = append(entries, e)
		case *RetiredKey:
			if slices.ContainsFunc(signed, func(s Entry) bool { return s.Key == b.KeyID }) {
				entries = append(entries, e)
			}
		}
	}
	return entries
}

// from is the instant from which e counts: that of its own first day, or that at
// which it was said. Among is what was said about the same code.
func (f Facts) from(e Entry, among []Entry, in Jurisdiction) time.Time {
	switch b := e.Body.(type) {
	case *Issued:
		return b.Label.Issued.Start(Tokyo)
	case *Published:
		return b.Declaration.Issued.Start(London)
	case *StatusSaid:
		return b.From.Start(Tokyo)
	case *Practised:
		return b.From.Start(Tokyo)
	case *Withdrawn:
		return b.From.Start(London)
	case *Taken:
		return b.From.Start(b.Territory.Country().Zone())
	case *Lifted:
		return b.From.Start(liftedIn(b, e.By, among).Zone())
	case *Withheld:
		return b.From.Start(abroadOf(among).Zone())
	case *Restored:
		return b.From.Start(abroadOf(among).Zone())
	case *RetiredKey:
		return b.From
	case *Noticed:
		return b.EndsOn.Start(in.Country().Zone())
	}
	return e.Made
}

// liftedIn is the country whose measure is lifted.
func liftedIn(b *Lifted, by PartyID, among []Entry) Country {
	for _, e := range slices.Backward(among) {
		if t, ok := e.Body.(*Taken); ok && e.By == by && t.Measure == b.Measure {
			return t.Territory.Country()
		}
	}
	return GB
}

// abroadOf is the other country than that of the scheme that entries speak of.
func abroadOf(among []Entry) Country {
	for _, e := range among {
		switch e.Kind {
		case LabelIssued:
			return other(JCSTAR.Home())
		case DeclarationPublished:
			return other(PSTI.Home())
		}
	}
	return GB
}
