// Package whatif tells how the answer about a label or declaration would go on
// if its issuer or maker said something that they have not said: the statement
// is imagined, folded and judged like one that was entered. Nothing of it is
// signed, and it is no evidence of anything.
package whatif

import (
	"slices"
	"time"

	"tegata/verify"
)

// A Question is what is imagined. Where neither Extend nor Status is set nothing
// is, and the answer is how things go on by themselves.
type Question struct {
	Extend verify.Date     // the new last day
	Status verify.Standing // withdrawn only, of a declaration
	From   verify.Date     // first day of Status
	Made   time.Time       // when it would be said and entered; zero: at the head
}

// An Answer is how the answer goes on, in every place.
type Answer struct {
	Imagined  bool          `json:"imagined"` // always true
	Code      verify.Code   `json:"code"`
	Scheme    verify.Scheme `json:"scheme"`
	Number    string        `json:"number,omitempty"`
	Statement *Statement    `json:"statement,omitempty"` // what is imagined; none: nothing is
	Places    []Place       `json:"places"`
	Extension *Extension    `json:"extension,omitempty"` // none: nothing can be extended any more
	Log       verify.Log    `json:"log"`
}

// A Statement is what is imagined to be said.
type Statement struct {
	Kind    verify.Kind     `json:"kind"`
	By      verify.PartyID  `json:"by"`
	Made    time.Time       `json:"made"`
	Expires verify.Date     `json:"expires,omitzero"`
	Status  verify.Standing `json:"status,omitempty"`
	From    verify.Date     `json:"from,omitzero"`
}

// A Place is how the answer goes on in one place: as things stand, and then, if
// the statement were entered.
type Place struct {
	In   verify.Jurisdiction `json:"in"`
	Now  []Span              `json:"now"`
	Then []Span              `json:"then,omitempty"`
}

// A Span is a time in which the status and every outcome stay the same. It ends
// where the next one begins; the last one has no end in sight.
type Span struct {
	From    time.Time      `json:"from"`
	Status  verify.Status  `json:"status"`
	Outcome verify.Outcome `json:"outcome"`
	Accord  verify.Outcome `json:"accord,omitempty"`
	Statute verify.Outcome `json:"statute,omitempty"`
	Because []Reason       `json:"because,omitempty"` // conditions that are another than in the span before; of the first, those not met
}

// A Reason is a condition with the layer that asks it.
type Reason struct {
	Layer verify.LayerName `json:"layer"`
	verify.Reason
}

// An Extension is what may be said to go on, as things stand.
type Extension struct {
	Present verify.Date `json:"present"`        // last day
	Before  time.Time   `json:"before"`         // the first instant at which it is over: an extension made and entered before leaves no gap
	First   verify.Date `json:"first"`          // last day that may be named, the earliest
	Last    verify.Date `json:"last,omitzero"`  // and the latest; none: the law names none
	Late    bool        `json:"late,omitempty"` // it is over already
	Gap     *Gap        `json:"gap,omitempty"`  // in what is imagined
}

// A Gap is the time between a last day and an extension that came after it. The
// label is expired in it, also afterwards.
type Gap struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// Ask answers a question about a record that is begun. Where what is imagined
// could not be entered, it says why, with every fault: their fields are those of
// the statement.
func Ask(f verify.Facts, q Question) (Answer, verify.Faults) {
	r := f.Record(verify.Known{})
	if q.Made.IsZero() {
		q.Made = f.Log.Time
	}
	a := Answer{Imagined: true, Code: r.Code, Scheme: r.Scheme, Log: f.Log}
	if r.Label != nil {
		a.Number = r.Label.Number
	}
	then := f
	if s, ok := q.statement(f, r); ok {
		var faults verify.Faults
		if then, faults = f.Imagine(s); len(faults) > 0 {
			return Answer{}, faults
		}
		a.Statement = &Statement{Kind: s.Kind, By: s.By, Made: s.Made, Expires: q.Extend, Status: q.Status, From: q.From}
	}
	for _, in := range verify.Jurisdictions {
		p := Place{In: in, Now: spans(f.Course(in, f.Log.Time))}
		if a.Statement != nil {
			p.Then = spans(then.Course(in, f.Log.Time))
		}
		a.Places = append(a.Places, p)
	}
	a.Extension = extension(f, r)
	if x := a.Extension; x != nil && a.Statement != nil && x.Before.Before(q.Made) && q.Made.Before(q.Extend.End(r.Zone())) {
		x.Gap = &Gap{x.Before, q.Made}
	}
	return a, nil
}

// statement makes the statement that is imagined.
func (q Question) statement(f verify.Facts, r *verify.Record) (s verify.Statement, any bool) {
	s.Head = verify.Head{ID: verify.NewID(q.Made, [10]byte{}), Origin: f.Log.Origin, By: r.By, Made: q.Made, Code: r.Code}
	label := r.Scheme == verify.JCSTAR
	switch {
	case !q.Extend.IsZero() && label:
		s.Kind, s.Body = verify.LabelExtended, &verify.Extended{Expires: q.Extend}
	case !q.Extend.IsZero():
		support := r.SupportAt(q.Made)
		support.End = q.Extend
		s.Kind, s.Body = verify.DeclarationExtended, &verify.SupportExtended{Support: support}
	case q.Status != "" && label:
		s.Kind, s.Body = verify.LabelStatus, &verify.StatusSaid{Status: q.Status, From: q.From}
	case q.Status != "":
		s.Kind, s.Body = verify.DeclarationWithdrawn, &verify.Withdrawn{From: q.From}
	}
	return s, s.Kind != ""
}

func extension(f verify.Facts, r *verify.Record) *Extension {
	first, last := r.Extension()
	if first.IsZero() {
		return nil
	}
	x := &Extension{Present: first.AddDays(-1), Before: first.Start(r.Zone()), First: first, Last: last}
	x.Late = !f.Log.Time.Before(x.Before)
	return x
}

// spans puts verdicts that follow each other together where nothing that
// matters is another.
func spans(course []verify.Verdict) (all []Span) {
	var before []Reason
	for _, v := range course {
		s := Span{From: v.Question.At, Status: v.Validity.Status, Outcome: v.Recognition.Outcome}
		var reasons []Reason
		add := func(layer verify.LayerName, a *verify.LayerAnswer) (o verify.Outcome) {
			if a == nil {
				return ""
			}
			for _, r := range a.Reasons {
				reasons = append(reasons, Reason{layer, r})
			}
			return a.Outcome
		}
		s.Accord = add(verify.AccordLayer, v.Recognition.Layers.Accord)
		s.Statute = add(verify.StatuteLayer, v.Recognition.Layers.Statute)
		if n := len(all); n > 0 && all[n-1].same(s) {
			continue
		}
		for i, r := range reasons {
			if before == nil && r.Met != verify.Yes || before != nil && r.Met != before[i].Met {
				s.Because = append(s.Because, r)
			}
		}
		before = reasons
		all = append(all, s)
	}
	return slices.Clip(all)
}

func (s Span) same(as Span) bool {
	return s.Status == as.Status && s.Outcome == as.Outcome && s.Accord == as.Accord && s.Statute == as.Statute
}
