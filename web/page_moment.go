package web

import (
	"time"

	"tegata/verify"
	"tegata/web/headline"
)

// An askedView is the form of the moments that a record is asked about, as it was
// sent.
type askedView struct {
	Places            []placeView
	At, Known         askedField
	FromAt, FromKnown askedField
	Zone              string // whose days they are
}

// An askedField is one of its fields: a day, or what an address had in its place,
// an instant or a size of the log, so that it is not lost when the form is sent
// again.
type askedField struct {
	Name, Label, Value string
	Day                bool
	Most               string // the last day that can be asked about; empty: any
}

func newAskedView(b basePage, body *recordBody) askedView {
	l, in := b.Lang, body.Verdict.Question.In
	zone := zoneOf(in)
	field := func(name, label, most string) askedField {
		f := askedField{Name: name, Label: l.T("moment." + label), Value: b.Query.Get(name), Most: most}
		_, err := verify.ParseDate(f.Value)
		f.Day = f.Value == "" || err == nil
		return f
	}
	today := verify.DateOf(body.Log.Time, zone).String()
	a := askedView{
		At: field(paramAt, "day", ""), Known: field(paramKnown, "known", today),
		FromAt: field(paramFrom+paramAt, "from_day", ""), FromKnown: field(paramFrom+paramKnown, "from_known", today),
		Zone: l.T("zone." + zone.String()),
	}
	for _, place := range verify.Jurisdictions {
		a.Places = append(a.Places, placeView{l.T("place." + string(place)), string(place), place == in})
	}
	return a
}

// A stateView is what a record amounts to at a moment.
type stateView struct {
	Headline headline.Headline
	Asked    string
	Notes    []string // what kind of moment it is
	Now      string   // address of the present state, where this is not it
	Rows     []rowView
}

// A rowView is something, and what there is to say of it.
type rowView struct {
	Name  string
	Lines []phrase
}

func (r *rowView) add(text string) { r.Lines = append(r.Lines, phrase{Text: text}) }

func newStateView(b basePage, body *recordBody) stateView {
	l, v := b.Lang, &body.Verdict
	zone := zoneOf(v.Question.In)
	s := stateView{Headline: headline.Of(l, v)}
	s.Asked = l.T("verdict.asked_unknown", l.Instant(v.Question.At, zone))
	if v.Question.In != "" {
		s.Asked = l.T("verdict.asked", l.T("place."+string(v.Question.In)), l.Instant(v.Question.At, zone))
	}
	s.Notes = momentNotes(b, v)
	if len(s.Notes) > 0 || b.Query.Has(paramAt) {
		s.Now = b.with(paramAt, "", paramKnown, "", paramFrom+paramAt, "", paramFrom+paramKnown, "")
	}
	if v.Product == nil {
		if v.Earlier() && body.facts.Record(verify.Known{}).Begun() {
			s.Notes = append(s.Notes, l.T("moment.entered_later"))
		}
		return s
	}
	s.Rows = stateRows(b, body)
	return s
}

// momentNotes say what kind of moment a verdict is of: what the registry knew
// then, or a day that is still to come.
func momentNotes(b basePage, v *verify.Verdict) (notes []string) {
	l := b.Lang
	if v.Earlier() {
		k := v.Question.Known
		notes = append(notes, l.T("moment.then", l.Count(k.Size), l.Instant(k.Time.Truncate(time.Second), zoneOf(v.Question.In))))
	}
	if v.Question.At.After(v.Log.Time) {
		notes = append(notes, l.T("moment.to_come"))
	}
	return notes
}

// stateRows are the facts that an officer looks for first.
func stateRows(b basePage, body *recordBody) (rows []rowView) {
	l, v := b.Lang, &body.Verdict
	row := func(name string, fill func(*rowView)) {
		r := rowView{Name: name}
		if fill(&r); len(r.Lines) > 0 {
			rows = append(rows, r)
		}
	}
	row(l.T("fact.name"), func(r *rowView) {
		r.Lines = append(r.Lines, b.phrase(v.Product.Name))
		r.add(v.Product.Brand)
	})
	row(l.T("product.models"), func(r *rowView) {
		var names []string
		for _, m := range v.Product.Models {
			names = append(names, m.Model)
		}
		r.Lines = b.value(v, names)
	})
	if v.Label != nil {
		row(l.T("said.holder"), func(r *rowView) { r.Lines = b.value(v, v.Label.Holder) })
	} else {
		row(l.T("said.parties"), func(r *rowView) { r.Lines = b.value(v, v.Declaration.Parties) })
	}
	row(l.T("match.heading"), func(r *rowView) {
		for _, m := range newMatchView(b, v.Match).Answers {
			r.add(m.Sentence)
		}
	})
	row(l.T("validity.status"), func(r *rowView) {
		r.add(l.T("status." + string(v.Validity.Status)))
		if v.Validity.Reason != (verify.Text{}) {
			r.Lines = append(r.Lines, b.phrase(v.Validity.Reason))
		}
	})
	row(l.T("moment.days"), func(r *rowView) {
		if last := v.LastDay(); !last.IsZero() {
			r.add(l.T("moment.days_from_to", v.FirstDay(), last))
		} else {
			r.add(l.T("moment.days_from", v.FirstDay()))
		}
	})
	counts := newCountsView(b, v)
	for _, layer := range counts.Layers {
		row(layer.Name, func(r *rowView) {
			r.add(layer.Word)
			for _, c := range layer.Conditions {
				if c.Met != verify.Yes {
					r.add(l.T("moment.condition", c.Word, c.Sentence, c.Cite))
				}
			}
		})
	}
	row(l.T("layer.practice"), func(r *rowView) {
		if p := counts.Practice; p != nil {
			r.add(p.Listed)
		}
	})
	row(l.T("measures.heading"), func(r *rowView) {
		for _, m := range v.Measures {
			r.Lines = append(r.Lines, b.value(v, m)...)
		}
		if len(r.Lines) == 0 {
			r.add(l.T("moment.no_measures"))
		}
	})
	row(l.T("documents.heading"), func(r *rowView) {
		for _, d := range v.Declarations {
			r.add(l.T("moment.document", d.URL, newDocumentView(b, v, d).Seen))
		}
	})
	row(l.T("fact.support"), func(r *rowView) {
		if s := newSupportView(b, v); s != nil {
			r.add(s.End)
		}
	})
	row(l.T("notes.heading"), func(r *rowView) {
		for _, f := range v.Flags {
			r.Lines = append(r.Lines, b.value(v, f)...)
		}
	})
	return rows
}
