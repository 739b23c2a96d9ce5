package web

import (
	"fmt"
	"strings"
	"time"

	"tegata/verify"
	"tegata/web/headline"
)

// A comparedView is two moments of one record side by side: the two answers, each
// fact that differs, and the statements that came in between.
type comparedView struct {
	From, To momentView
	Rows     []differenceView
	Steps    []stepView
}

// A momentView is the answer at one of two moments.
type momentView struct {
	Headline headline.Headline
	Asked    string
	Notes    []string
}

// A differenceView is a fact that differs. The one that a verdict does not tell
// has no lines.
type differenceView struct {
	Name    string
	Was, Is []phrase
}

// A stepView is a statement that came between two moments.
type stepView struct {
	saidView
	How string
	Of  verify.Code // another code than that of the page; empty: that one, or none
	URL string      // where it stands
}

// newComparedView is nil where no other moment was asked about.
func newComparedView(b basePage, body *recordBody) *comparedView {
	c := body.Compared
	if c == nil {
		return nil
	}
	view := &comparedView{From: newMomentView(b, &c.From), To: newMomentView(b, &body.Verdict)}
	for _, d := range c.Differences {
		view.Rows = append(view.Rows, differenceView{b.factName(d), b.value(&c.From, d.Was), b.value(&body.Verdict, d.Is)})
	}
	for _, s := range c.steps {
		view.Steps = append(view.Steps, newStepView(b, body, s))
	}
	return view
}

func newMomentView(b basePage, v *verify.Verdict) momentView {
	l := b.Lang
	m := momentView{Headline: headline.Of(l, v), Notes: momentNotes(b, v)}
	m.Asked = l.T("moment.at", l.Instant(v.Question.At, zoneOf(v.Question.In)))
	if !v.Earlier() {
		m.Notes = append(m.Notes, l.T("moment.known_now", l.Instant(v.Log.Time, zoneOf(v.Question.In))))
	}
	return m
}

func newStepView(b basePage, body *recordBody, s verify.Step) stepView {
	g := body.facts.Governance
	v := stepView{saidView: newSaidView(b, verify.Said{Entry: s.Entry, Counts: s.Counts}, g), How: b.Lang.T("how." + string(s.How))}
	v.URL = v.Envelope
	switch {
	case s.Code == body.Code && body.Verdict.Question.Known.Includes(s.Entry):
		v.URL = "#" + v.ID
	case s.Code != "" && s.Code != body.Code:
		v.Of, v.URL = s.Code, b.Link("/records/"+string(s.Code))+"#"+v.ID
	}
	return v
}

// factName says which fact a difference is in.
func (b basePage) factName(d verify.Difference) string {
	l := b.Lang
	key := "fact." + string(d.Fact)
	switch d.Fact {
	case verify.FactLayer:
		return l.T(key, l.T("layer."+d.Of))
	case verify.FactRule:
		return l.T(key, l.T("rule."+d.Of))
	}
	return l.T(key, d.Of)
}

// value puts a value of a verdict, or of a statement, into words: a line or more
// by its type. Nil is none.
func (b basePage) value(v *verify.Verdict, value any) (lines []phrase) {
	l := b.Lang
	add := func(text string) {
		if text != "" {
			lines = append(lines, phrase{Text: text})
		}
	}
	text := func(t verify.Text) {
		if !t.IsZero() {
			lines = append(lines, b.phrase(t))
		}
	}
	switch x := value.(type) {
	case nil:
	case verify.Status:
		add(l.T("status." + string(x)))
	case verify.Outcome:
		add(l.T("outcome." + string(x)))
	case verify.Met:
		add(l.T("met." + string(x)))
	case verify.Market:
		add(l.T("market." + string(x)))
	case verify.Class:
		add(l.T("class." + string(x)))
	case verify.Flag:
		if x == verify.EndsOn {
			add(l.T("flag.ends_on", v.AccordEnds))
		} else {
			add(l.T("flag." + string(x)))
		}
	case verify.Date:
		add(l.Day(x))
	case time.Time:
		add(l.Instant(x, zoneOf(v.Question.In)))
	case verify.Text:
		text(x)
	case []verify.Text:
		for _, t := range x {
			text(t)
		}
	case []string:
		add(strings.Join(x, ", "))
	case []verify.Model:
		for _, m := range x {
			add(strings.TrimSuffix(m.Model+" ("+strings.Join(m.GTINs, ", ")+")", " ()"))
		}
	case []verify.Translation:
		for _, t := range x {
			add(t.URL)
		}
	case int:
		add(verify.Stars(x))
	case verify.Practice:
		add(l.T("practice.listed." + string(metOf(x.PSTIListed))))
		add(l.T("practice.english." + string(metOf(x.EnglishInfo))))
		add(x.Page)
	case verify.MeasureInForce:
		add(l.T("say.measure.taken."+string(x.Notice), x.Measure, l.T("place."+string(x.Territory)), x.From))
		add(l.T("effect." + string(x.Effect)))
		text(x.Text)
	case verify.Document:
		add(newDocumentView(b, v, x).Seen)
		add(l.T("fact.document_digest", x.SHA256))
	case verify.Model:
		add(l.T("fact.model_covered"))
		add(strings.Join(x.GTINs, ", "))
	case verify.Support:
		s := newSupportView(b, &verify.Verdict{Support: &x, Scheme: v.Scheme})
		add(s.End)
		text(x.Text)
		add(s.Precision)
	case verify.Contact:
		add(x.Vulnerability)
		add(x.Email)
	case verify.Firm:
		text(x.Name)
		add(x.Address)
	case []verify.Firm:
		for _, f := range x {
			add(l.T("role." + f.Role))
			text(f.Name)
			add(f.Address)
		}
	case verify.Traits:
		add(l.T("fact.traits_ip", l.T("met."+string(metOf(x.IP)))))
		add(l.T("market." + string(x.Market)))
		add(l.T("class." + string(x.Class)))
		add(l.T("fact.traits_ni", l.T("met."+string(metOf(x.NIEULaw)))))
	case verify.Basis:
		add(l.T("basis." + string(x.Route)))
		add(x.Arrangement)
		add(x.Declaration.Printed())
	case verify.DeclarationFacts:
		add(l.T("product.issued_at", x.Place, x.Issued))
		for _, f := range x.Parties {
			text(f.Name)
			add(f.Address)
		}
		add(l.T("route.passwords." + string(x.Routes.Passwords)))
		add(l.T("route.reporting." + string(x.Routes.Reporting)))
		add(l.T("route.support." + string(x.Routes.Support)))
	default:
		add(fmt.Sprint(x))
	}
	return lines
}
