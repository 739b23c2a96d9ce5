package whatif

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"tegata/verify"
	"tegata/web/i18n"
)

// A Line is one sentence of an answer, with the conditions that are why.
type Line struct {
	Sentence string
	Because  []Condition
}

// A Condition is one in words.
type Condition struct {
	Sentence string
	Met      verify.Met
	Rule     verify.RuleID
	Cite     string
}

// Said is what is imagined, in words; where nothing is, that nothing is said.
func (a *Answer) Said(l i18n.Language) string {
	s, zone := a.Statement, a.Scheme.Home().Zone()
	switch {
	case s == nil:
		return l.T("whatif.said.nothing")
	case s.Status != "":
		return l.T("whatif.said.status", word(l, "status.", s.Status), s.From, l.Instant(s.Made, zone))
	case a.Scheme == verify.PSTI:
		return l.T("whatif.said.support", s.Expires, l.Instant(s.Made, zone))
	}
	return l.T("whatif.said.extended", s.Expires, l.Instant(s.Made, zone))
}

// Extend says how long the record goes on, by when it is to be extended, and how
// far. It is empty where nothing can be extended.
func (a *Answer) Extend(l i18n.Language) (sentences []string) {
	x, zone := a.Extension, a.Scheme.Home().Zone()
	if x == nil {
		return nil
	}
	by := l.Instant(x.Before.Add(-time.Second), zone)
	if x.Late {
		sentences = append(sentences, l.T("whatif.extend.late", x.Present))
	} else {
		sentences = append(sentences, l.T("whatif.extend.by", x.Present, by))
	}
	if x.Last.IsZero() {
		sentences = append(sentences, l.T("whatif.extend.open", x.First))
	} else {
		sentences = append(sentences, l.T("whatif.extend.most", x.First, x.Last))
	}
	if x.Gap != nil {
		sentences = append(sentences, l.T("whatif.extend.gap", l.Instant(x.Gap.From, zone), l.Instant(x.Gap.Until, zone)))
	}
	return sentences
}

// A Told is what an answer tells of places, the same of each.
type Told struct {
	In   []verify.Jurisdiction
	Now  []Line
	Then []Line // none: nothing is imagined, or it changes nothing there
	Same bool   // something is imagined, and it changes nothing there
}

// Tell tells the answer in words, and only what changes: what is not met now is no
// news. Where what is imagined changes something, why is told of that alone.
func (a *Answer) Tell(l i18n.Language) (told []Told) {
	for _, p := range a.Places {
		t := Told{In: []verify.Jurisdiction{p.In}, Now: p.lines(l, p.Now), Then: p.lines(l, p.Then)}
		if t.Same = len(t.Then) > 0 && reflect.DeepEqual(t.Then, t.Now); t.Same {
			t.Then = nil
		}
		for i := range t.Now {
			if len(t.Then) > 0 {
				t.Now[i].Because = nil
			}
		}
		if n := len(told) - 1; n >= 0 && told[n].Same == t.Same && reflect.DeepEqual(told[n].Now, t.Now) && reflect.DeepEqual(told[n].Then, t.Then) {
			told[n].In = append(told[n].In, p.In)
			continue
		}
		told = append(told, t)
	}
	return told
}

// Places names the places.
func (t Told) Places(l i18n.Language) string {
	names := make([]string, len(t.In))
	for i, in := range t.In {
		names[i] = word(l, "place.", in)
	}
	return strings.Join(names, " · ")
}

// lines are spans in words, in the place's own time; of the first without what is
// not met already, as things stand.
func (p Place) lines(l i18n.Language, spans []Span) (lines []Line) {
	zone := p.In.Country().Zone()
	for i, s := range spans {
		said := word(l, "outcome.", s.Outcome)
		switch {
		case s.Outcome == verify.AtHome:
			said = word(l, "status.", s.Status)
		case s.Outcome == verify.LayersDiffer:
			said = l.T("whatif.differ", word(l, "outcome.", s.Accord), word(l, "outcome.", s.Statute))
		}
		if s.Outcome != verify.AtHome && s.Status != verify.StatusValid {
			said = l.T("whatif.status", said, word(l, "status.", s.Status))
		}
		line := Line{Sentence: l.T("whatif.from", l.Instant(s.From, zone), said)}
		if i == 0 {
			line.Sentence = l.T("whatif.now", said)
		}
		for _, r := range s.Because {
			if i > 0 || len(p.Now) == 0 || !slices.Contains(p.Now[0].Because, r) {
				line.Because = append(line.Because, Condition{word(l, "rule.", r.Rule), r.Met, r.Rule, cite(l, r.Cite)})
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// word is the word for a value; what a registry newer than this program says, and
// there are no words for, is shown as it was sent.
func word[T ~string](l i18n.Language, prefix string, value T) string {
	if key := prefix + string(value); l.Has(key) {
		return l.T(key)
	}
	return string(value)
}

func cite(l i18n.Language, c verify.Cite) string {
	if key := "cite." + string(c.Source); l.Has(key) {
		return l.T(key, c.Ref)
	}
	return string(c.Source) + " " + c.Ref
}
