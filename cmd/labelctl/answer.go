package main

import (
	"fmt"
	"strings"
	"time"

	"tegata/verify"
	"tegata/web/i18n"
)

// tell prints verdicts for people: of a number, every record that has it.
func (c *console) tell(l i18n.Language, found []verify.Verdict, number string) {
	w := words{l}
	if number != "" {
		switch len(found) {
		case 0:
			c.print(w.T("home.found_none", number))
			c.print(w.T("home.found_none_note"))
		case 1:
		default:
			c.print(w.T("home.found", len(found), number))
			c.print(w.T("home.found_note"))
			c.print("")
		}
	}
	for i := range found {
		if i > 0 {
			c.print("")
		}
		a := answer{c, w, &found[i]}
		a.print()
	}
}

// An answer is a verdict on its way to a reader: sections with a heading, and
// lines under it.
type answer struct {
	*console
	words
	v *verify.Verdict
}

func (a *answer) print() {
	v := a.v
	a.console.print(a.headline(v))
	a.head()
	if v.Recognition.Outcome != verify.UnknownHere {
		a.product()
		a.validity()
		a.layer("layer.accord", v.Recognition.Layers.Accord)
		a.layer("layer.statute", v.Recognition.Layers.Statute)
		a.practice()
		a.measures()
		a.notes()
	} else {
		a.section(a.T("unknown.heading"))
		for _, key := range []string{"unknown.meaning", "unknown.compare"} {
			a.line(a.T(key))
		}
	}
	a.section(a.T("log.heading"))
	a.pair("log.origin", v.Log.Origin)
	a.pair("log.size", a.Count(v.Log.Size))
	a.pair("log.time", a.Instant(v.Log.Time, time.UTC))
}

func (a *answer) section(heading string) {
	a.console.print("")
	a.console.print(heading)
}

func (a *answer) line(text string) { a.console.print("  " + text) }

// pair prints a value under its name, if there is one.
func (a *answer) pair(key, value string) {
	if value != "" {
		a.line(a.T(key) + ": " + value)
	}
}

// text returns a text in the reader's language, or in the other one.
func (a *answer) text(t verify.Text) string {
	s, _ := t.In(string(a.Language))
	return s
}

// head says what was asked, in the time of the place asked about.
func (a *answer) head() {
	v, zone := a.v, time.UTC
	if v.Question.In != "" {
		zone = v.Question.In.Country().Zone()
	}
	a.console.print("")
	a.line(v.Code.Printed())
	if v.Scheme != "" {
		a.pair("product.scheme", a.of("scheme.", string(v.Scheme)))
	}
	a.pair("product.number", v.Number)
	if v.Question.In == "" {
		a.line(a.T("verdict.asked_unknown", a.Instant(v.Question.At, zone)))
	} else {
		a.line(a.T("verdict.asked", a.of("place.", string(v.Question.In)), a.Instant(v.Question.At, zone)))
	}
	if v.Earlier() {
		a.line(a.T("verdict.then"))
	}
}

// product says what the record covers, and whether that is the product in hand.
func (a *answer) product() {
	v := a.v
	if v.Product == nil {
		return
	}
	a.section(a.T("product.heading"))
	a.pair("product.name", a.text(v.Product.Name))
	a.pair("product.brand", v.Product.Brand)
	if v.Label != nil {
		a.pair("product.holder", a.text(v.Label.Holder.Name))
		a.pair("product.level", fmt.Sprint(v.Label.Level))
	}
	models := make([]string, len(v.Product.Models))
	for i, m := range v.Product.Models {
		models[i] = m.Model
	}
	a.pair("product.models", strings.Join(models, ", "))
	if v.Match == nil {
		return
	}
	if m := v.Match.Model; m != nil {
		a.line(a.T("match.model."+yesNo(m.Covered), m.Asked))
		if len(m.Near) > 0 {
			a.line(a.T("match.near") + " " + strings.Join(m.Near, ", "))
		}
	}
	if g := v.Match.GTIN; g != nil {
		a.line(a.T("match.gtin."+yesNo(g.Covered), g.Asked))
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// validity says how the record stands, with its days.
func (a *answer) validity() {
	v := a.v
	a.section(a.T("validity.heading"))
	a.pair("validity.status", a.of("status.", string(v.Validity.Status)))
	a.pair("validity.since", a.Day(v.Validity.Since))
	a.pair("validity.until", a.Day(v.Validity.Until))
	a.pair("validity.reason", a.text(v.Validity.Reason))
	if key := "validity.days." + string(v.Scheme); a.Has(key) {
		a.line(a.T(key))
	}
}

// marks stand before a condition, for the eye; the word beside says the same.
var marks = map[verify.Met]string{verify.Yes: "✓", verify.No: "✗", verify.NotKnown: "?"}

// layer says what one of the layers of law answers, and on which conditions.
func (a *answer) layer(key string, l *verify.LayerAnswer) {
	if l == nil {
		return
	}
	a.section(a.T(key))
	if sentence := key + "." + string(l.Outcome); a.Has(sentence) {
		a.line(a.T(sentence, a.of("place.", string(a.v.Question.In))))
	} else {
		a.line(a.of("outcome.", string(l.Outcome)))
	}
	for _, r := range l.Reasons {
		a.line(fmt.Sprintf("%s %s · %s [%s]", marks[r.Met], a.of("met.", string(r.Met)), a.of("rule.", string(r.Rule)), a.cite(r.Cite)))
	}
}

func (a *answer) cite(c verify.Cite) string {
	if key := "cite." + string(c.Source); a.Has(key) {
		return a.T(key, c.Ref)
	}
	return string(c.Source) + " " + c.Ref
}

// practice says what IPA's own list shows.
func (a *answer) practice() {
	p := a.v.Recognition.Layers.Practice
	if p == nil {
		return
	}
	a.section(a.T("layer.practice"))
	a.line(a.T("practice.listed." + shown(p.PSTIListed)))
	a.line(a.T("practice.english." + shown(p.EnglishInfo)))
	a.line(a.T("practice.note"))
}

func shown(b *bool) string {
	if b == nil {
		return "unknown"
	}
	return yesNo(*b)
}

// measures says which are in force, barring or not.
func (a *answer) measures() {
	if len(a.v.Measures) == 0 {
		return
	}
	a.section(a.T("measures.heading"))
	for _, m := range a.v.Measures {
		key := "say.measure.taken." + string(m.Notice)
		if !a.Has(key) {
			key = "say.measure.taken." + string(verify.OtherNotice)
		}
		a.line(a.T(key, m.Measure, a.of("place.", string(m.Territory)), m.From))
		a.pair("measures.effect", a.of("effect.", string(m.Effect)))
		a.pair("measures.by", string(m.By))
		a.pair("measures.ground", a.of("ground.", string(m.Ground)))
		a.pair("measures.reference", m.Reference)
		a.pair("measures.text", a.text(m.Text))
	}
}

// notes says what stands beside the answer, and what it does not mean.
func (a *answer) notes() {
	if len(a.v.Flags)+len(a.v.Caveats) == 0 {
		return
	}
	a.section(a.T("notes.heading"))
	for _, f := range a.v.Flags {
		if f == verify.EndsOn {
			a.line(a.T("flag.ends_on", a.v.AccordEnds))
			continue
		}
		a.line(a.of("flag.", string(f)))
	}
	for _, c := range a.v.Caveats {
		a.line(a.of("caveat.", string(c)))
	}
}
