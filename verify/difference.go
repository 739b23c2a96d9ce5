package verify

import (
	"reflect"
	"slices"
)

// A Difference is one fact that two verdicts on the same code tell differently.
// Was and Is have the type that the fact has in a verdict; the one that a verdict
// does not tell is nil, and absent in JSON.
type Difference struct {
	Fact Fact   `json:"fact"`
	Of   string `json:"of,omitempty"` // which one, of a fact that there are several of
	Was  any    `json:"was,omitempty"`
	Is   any    `json:"is,omitempty"`
}

// A Fact names what a verdict tells.
type Fact string

const (
	FactStatus       Fact = "status"
	FactReason       Fact = "reason"
	FactSince        Fact = "since" // first day of the status
	FactUntil        Fact = "until" // last day of the status, where it is not the last day of all
	FactFirstDay     Fact = "first_day"
	FactLastDay      Fact = "last_day"
	FactOutcome      Fact = "outcome"       // the headline
	FactOutcomeFrom  Fact = "outcome_from"  // the instant from which it is the same
	FactOutcomeUntil Fact = "outcome_until" // the first instant at which it is another
	FactLayer        Fact = "layer"         // of a layer's name
	FactRule         Fact = "rule"          // of a rule
	FactPractice     Fact = "practice"
	FactMeasure      Fact = "measure"  // of its number
	FactDocument     Fact = "document" // of its address
	FactCoversModel  Fact = "covers_model"
	FactCoversGTIN   Fact = "covers_gtin"
	FactModel        Fact = "model" // of its name: the trade items it is sold under
	FactSupport      Fact = "support"
	FactContact      Fact = "contact"
	FactHolder       Fact = "holder"
	FactPage         Fact = "page"
	FactName         Fact = "name"
	FactBrand        Fact = "brand"
	FactType         Fact = "type"
	FactBatch        Fact = "batch"
	FactCategory     Fact = "category"
	FactTraits       Fact = "traits"
	FactNumber       Fact = "number"
	FactLevel        Fact = "level"
	FactCriteria     Fact = "criteria"
	FactBasis        Fact = "basis"
	FactDeclaration  Fact = "declaration"
	FactFlag         Fact = "flag" // of itself
	FactAccordEnds   Fact = "accord_ends"
)

// Differences lists what two verdicts on the same code tell differently, in the
// order in which a reader needs it. Where one of them is that the code is not
// known, that is the difference: all else follows from it. What follows from the
// outcome (caveats), and what only says when it was asked, is not listed.
func Differences(was, is *Verdict) []Difference {
	d := differing{}
	d.one(FactStatus, was.Validity.Status, is.Validity.Status)
	d.one(FactOutcome, was.Recognition.Outcome, is.Recognition.Outcome)
	if was.Product == nil || is.Product == nil {
		return d
	}
	d.validity(was, is)
	d.recognition(was, is)
	for _, number := range union(was.Measures, is.Measures, measureOf) {
		d.several(FactMeasure, number, find(was.Measures, measureOf, number), find(is.Measures, measureOf, number))
	}
	for _, address := range union(was.Declarations, is.Declarations, documentOf) {
		d.several(FactDocument, address, find(was.Declarations, documentOf, address), find(is.Declarations, documentOf, address))
	}
	d.product(was, is)
	d.one(FactNumber, was.Number, is.Number)
	d.label(was.Label, is.Label)
	d.one(FactDeclaration, was.Declaration, is.Declaration)
	for _, f := range union(was.Flags, is.Flags, itself) {
		d.several(FactFlag, string(f), find(was.Flags, itself, f), find(is.Flags, itself, f))
	}
	d.one(FactAccordEnds, was.AccordEnds, is.AccordEnds)
	return d
}

// differing is a list of differences that grows.
type differing []Difference

// one notes a fact of which there is one. Its zero value, or a nil pointer, is
// that it is not told.
func (d *differing) one(fact Fact, was, is any) { d.several(fact, "", was, is) }

func (d *differing) several(fact Fact, of string, was, is any) {
	if was, is = told(was), told(is); !reflect.DeepEqual(was, is) {
		*d = append(*d, Difference{fact, of, was, is})
	}
}

// told is the value of a fact, without pointer; nil where it is not told.
func told(value any) any {
	v := reflect.ValueOf(value)
	if !v.IsValid() || v.IsZero() {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		return v.Elem().Interface()
	}
	return value
}

func (d *differing) validity(was, is *Verdict) {
	d.one(FactReason, was.Validity.Reason, is.Validity.Reason)
	d.one(FactSince, was.Validity.Since, is.Validity.Since)
	until := func(v *Verdict) Date {
		if v.Validity.Until == v.LastDay() {
			return Date{}
		}
		return v.Validity.Until
	}
	d.one(FactUntil, until(was), until(is))
	d.one(FactFirstDay, was.FirstDay(), is.FirstDay())
	d.one(FactLastDay, was.LastDay(), is.LastDay())
}

func (d *differing) recognition(was, is *Verdict) {
	a, b := &was.Recognition, &is.Recognition
	d.one(FactOutcomeFrom, a.Since, b.Since)
	d.one(FactOutcomeUntil, a.Until, b.Until)
	d.layer(AccordLayer, a.Layers.Accord, b.Layers.Accord)
	d.layer(StatuteLayer, a.Layers.Statute, b.Layers.Statute)
	d.one(FactPractice, a.Layers.Practice, b.Layers.Practice)
	covers := func(v *Verdict) (model, item any) {
		if v.Match == nil {
			return nil, nil
		}
		if m := v.Match.Model; m != nil {
			model = met(m.Covered)
		}
		if g := v.Match.GTIN; g != nil {
			item = met(g.Covered)
		}
		return model, item
	}
	model, item := covers(was)
	modelNow, itemNow := covers(is)
	d.one(FactCoversModel, model, modelNow)
	d.one(FactCoversGTIN, item, itemNow)
}

// layer notes the outcome of a layer, and every condition of it.
func (d *differing) layer(name LayerName, was, is *LayerAnswer) {
	if was == nil {
		was = &LayerAnswer{}
	}
	if is == nil {
		is = &LayerAnswer{}
	}
	d.several(FactLayer, string(name), was.Outcome, is.Outcome)
	ruleOf := func(r Reason) RuleID { return r.Rule }
	metIn := func(reasons []Reason, rule RuleID) any {
		if r, ok := find(reasons, ruleOf, rule).(Reason); ok {
			return r.Met
		}
		return nil
	}
	for _, rule := range union(was.Reasons, is.Reasons, ruleOf) {
		d.several(FactRule, string(rule), metIn(was.Reasons, rule), metIn(is.Reasons, rule))
	}
}

func (d *differing) product(was, is *Verdict) {
	a, b := was.Product, is.Product
	modelOf := func(m Model) string { return m.Model }
	for _, name := range union(a.Models, b.Models, modelOf) {
		d.several(FactModel, name, find(a.Models, modelOf, name), find(b.Models, modelOf, name))
	}
	d.one(FactSupport, was.Support, is.Support)
	d.one(FactContact, was.Contact, is.Contact)
	d.one(FactName, a.Name, b.Name)
	d.one(FactBrand, a.Brand, b.Brand)
	d.one(FactType, a.Type, b.Type)
	d.one(FactBatch, a.Batch, b.Batch)
	d.one(FactCategory, a.Category, b.Category)
	d.one(FactTraits, a.Traits, b.Traits)
}

func (d *differing) label(was, is *LabelFacts) {
	if was == nil || is == nil { // a declaration
		return
	}
	d.one(FactHolder, was.Holder, is.Holder)
	d.one(FactPage, was.Page, is.Page)
	d.one(FactLevel, was.Level, is.Level)
	d.one(FactCriteria, was.Criteria, is.Criteria)
	d.one(FactBasis, was.Basis, is.Basis)
}

// measureOf names a measure: its number is of the party's own.
func measureOf(m MeasureInForce) string { return m.Measure + " (" + string(m.By) + ")" }

// documentOf names an address of a declaration; two declarations may share it.
func documentOf(d Document) string { return d.URL + " (" + d.Code.Printed() + ")" }

func itself(f Flag) Flag { return f }

// union lists the names of the elements of two lists, those of the first first,
// each once.
func union[E any, N comparable](was, is []E, nameOf func(E) N) (names []N) {
	for _, e := range slices.Concat(was, is) {
		if n := nameOf(e); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// find returns the element of that name, or nil.
func find[E any, N comparable](list []E, nameOf func(E) N, name N) any {
	if i := slices.IndexFunc(list, func(e E) bool { return nameOf(e) == name }); i >= 0 {
		return list[i]
	}
	return nil
}
