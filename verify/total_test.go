package verify

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"
)

// against says which layers cannot be positive.
type against int

const (
	neither    against = 0
	accordOnly against = 1
	statuteToo against = 2
	both               = accordOnly | statuteToo
)

// An option is one of the ways in which a fact can be, and what stands against
// a positive answer where it is so: the law once more, apart from the rules.
type option struct {
	name   string
	bars   against
	in     Jurisdiction // where it bars; empty: everywhere
	change func(*combination)
}

// A combination is one option of every fact.
type combination struct {
	label       Label
	declaration Declaration
	said        []Body // about the record, after its first statement
	basis       []Body // about the declaration that a label rests on
	robbed      bool   // the keys of issuer and maker were stolen
}

// combinations are all there are of one option of every fact.
func combinations(facts [][]option) iter.Seq[[]option] {
	return func(yield func([]option) bool) {
		chosen, at := make([]option, len(facts)), make([]int, len(facts))
		for {
			for i := range facts {
				chosen[i] = facts[i][at[i]]
			}
			if !yield(chosen) {
				return
			}
			i := 0
			for i < len(at) && at[i] == len(facts[i])-1 {
				at[i] = 0
				i++
			}
			if i == len(at) {
				return
			}
			at[i]++
		}
	}
}

// A moment is when it is asked, and which layers are not in force then.
type moment struct {
	at   string
	bars against
}

// A stage holds what all combinations share.
type stage struct {
	t       *testing.T
	honest  *Governance // with the notice of an end
	robbed  *Governance
	keys    map[PartyID]KeyID
	label   Label
	text    Declaration
	log     Log
	moments []moment
	instant []time.Time
}

func newStage(t *testing.T, moments ...moment) *stage {
	d := open(t)
	d.say("meti", "2026-02-01T00:00:00Z", "", &Noticed{NoticeOn: day(t, "2026-02-01"), EndsOn: day(t, "2030-07-10")})
	s := &stage{t: t, honest: d.governance, keys: d.keys, moments: moments, log: Log{Size: 100, Time: instant(t, "2040-01-01T00:00:00Z")},
		label: specimenOf(t, LabelIssued).Body.(*Issued).Label, text: specimenOf(t, DeclarationPublished).Body.(*Published).Declaration}
	for _, thief := range []PartyID{"ipa", "thames-iot"} {
		d.say("operator", "2026-02-01T00:00:01Z", "", &RetiredKey{thief, d.keys[thief], instant(t, "2020-01-01T00:00:00Z"), true})
	}
	s.robbed = d.governance
	s.label.Issued, s.label.Expires = day(t, "2024-01-01"), day(t, "2039-12-31")
	s.text.Issued, s.text.Support.End = day(t, "2024-01-01"), day(t, "2039-12-31")
	for _, m := range moments {
		s.instant = append(s.instant, instant(t, m.at))
	}
	return s
}

// entries are what the bodies are in the log, each by a party that may say it.
// They are neither parsed nor admitted: others test that, and this is faster.
func (s *stage) entries(code Code, bodies ...Body) []Entry {
	entries := make([]Entry, len(bodies))
	for i, body := range bodies {
		by, kind, made := PartyID("ipa"), future, s.instant[0].AddDate(-1, 0, 0)
		switch b := body.(type) {
		case *Issued:
			kind = LabelIssued
		case *StatusSaid:
			kind = LabelStatus
		case *Published:
			by, kind = "thames-iot", DeclarationPublished
		case *Withdrawn:
			by, kind = "thames-iot", DeclarationWithdrawn
		case *Withheld:
			by, kind = "dsit", RecognitionWithheld
			if code == thames {
				by = "meti"
			}
		case *Taken:
			by, kind = "opss", MeasureTaken
			if b.Territory == TerritoryJP {
				by = "meti"
			}
		case seenThen:
			by, kind, body, made = "watcher", DeclarationObserved, b.Observed, b.at
		}
		entries[i] = Entry{int64(i), made, s.keys[by], Statement{Head{Kind: kind, By: by, Code: code, Made: made}, body}}
	}
	return entries
}

// seenThen is an observation made at an instant of its own.
type seenThen struct {
	*Observed
	at time.Time
}

// total asks about every combination everywhere, at every moment. It returns
// how many answers there were, and how many of them were positive in a layer.
func (s *stage) total(code Code, facts [][]option) (judged, positive int) {
	for chosen := range combinations(facts) {
		c := combination{label: s.label, declaration: s.text}
		for _, o := range chosen {
			if o.change != nil {
				o.change(&c)
			}
		}
		f := Facts{Code: code, Governance: s.honest, Log: s.log}
		if c.robbed {
			f.Governance = s.robbed
		}
		if code == aoba {
			f.Entries = s.entries(aoba, append([]Body{&Issued{c.label}}, c.said...)...)
		} else {
			f.Entries = s.entries(thames, append([]Body{&Published{c.declaration}}, c.said...)...)
		}
		if c.basis != nil {
			f.Basis = append(f.Basis, s.entries(thames, c.basis...))
		}
		f = f.Fold()
		for _, in := range Jurisdictions {
			bars := neither
			for _, o := range chosen {
				if o.in == "" || o.in == in {
					bars |= o.bars
				}
			}
			for i, m := range s.moments {
				v := Judge(f, Question{In: in, At: s.instant[i]})
				judged++
				good, wrong := holds(&v, bars|m.bars)
				if wrong != "" {
					names := ""
					for _, o := range chosen {
						names += o.name + "; "
					}
					s.t.Fatalf("%sin %s at %s: %s", names, in, m.at, wrong)
				}
				if good {
					positive++
				}
			}
		}
	}
	return judged, positive
}

// holds reports whether a layer is positive, and what is wrong with an answer:
// it has one headline, on which its layers agree or differ, whose outcomes
// follow from their reasons; and a layer is positive if and only if nothing
// stands against it.
func holds(v *Verdict, bars against) (positive bool, wrong string) {
	headline, layers := v.Recognition.Outcome, v.Recognition.Layers
	named := 0
	for _, o := range Outcomes {
		if o == headline {
			named++
		}
	}
	if named != 1 {
		return false, fmt.Sprintf("%q is %d outcomes", headline, named)
	}
	home := v.Question.In.Country() == v.Scheme.Home()
	if home != (headline == AtHome) || home == (layers.Accord != nil) || (layers.Statute != nil) != (v.Scheme == JCSTAR && !home) {
		return false, fmt.Sprintf("%s, of the layers %v", headline, outcomes(*v))
	}
	if home {
		return false, ""
	}
	good, want := TreatedAsCompliant, layers.Accord.Outcome
	if v.Scheme == PSTI {
		good = EligibleForSimplified
	}
	if layers.Statute != nil && layers.Statute.Outcome != want {
		want = LayersDiffer
	}
	if headline != want {
		return false, fmt.Sprintf("headline: got %s, want %s of %v", headline, want, outcomes(*v))
	}
	for l, bar := range map[*LayerAnswer]against{layers.Accord: accordOnly, layers.Statute: statuteToo} {
		if l == nil {
			continue
		}
		if want := weighed(l, good); l.Outcome != want {
			return false, fmt.Sprintf("layer: got %s, want %s of %v", l.Outcome, want, l.Reasons)
		}
		if l.Outcome.Positive() != (bars&bar == 0) {
			return false, fmt.Sprintf("layers %v, where %b stands against: %v", outcomes(*v), bars, l.Reasons)
		}
		positive = positive || l.Outcome.Positive()
	}
	if positive && v.Validity.Status != StatusValid {
		return false, fmt.Sprintf("%v, though it is %s", outcomes(*v), v.Validity.Status)
	}
	if positive != (len(v.Caveats) > 0) {
		return false, fmt.Sprintf("%v, with the caveats %v", outcomes(*v), v.Caveats)
	}
	return positive, ""
}

// weighed works out a layer's outcome from its reasons: of what they fail with,
// not applicable comes first, then not recognised, unavailable, undetermined.
func weighed(l *LayerAnswer, good Outcome) Outcome {
	var failed [4]bool
	for _, r := range l.Reasons {
		switch {
		case r.Met == Yes:
		case r.Met == NotKnown:
			failed[3] = true
		case slices.Contains(outOfScope, r.Rule):
			failed[0] = true
		case r.Rule == "label-accord-available" || r.Rule == "declaration-accord-available":
			failed[2] = true
		default:
			failed[1] = true
		}
	}
	for i, o := range []Outcome{NotApplicable, NotRecognised, Unavailable, Undetermined} {
		if failed[i] {
			return o
		}
	}
	return good
}

// outOfScope are the rules that fail as not applicable: outside a scheme's
// scope, or nothing to recognise.
var outOfScope = []RuleID{"label-accord-scope-jp", "label-accord-scope-uk", "label-statute-scope",
	"declaration-accord-own-label", "declaration-accord-scope-uk", "declaration-accord-scope-jp"}
