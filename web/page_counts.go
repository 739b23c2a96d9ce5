package web

import (
	"tegata/verify"
	"tegata/web/headline"
)

// A countsView is what a record counts for in the place asked about, and why.
type countsView struct {
	Heading      string
	Home         string // said where the place is the scheme's own country
	Layers       []layerView
	Practice     *practiceView
	Since, Until string // the interval in which it is the same
}

// A layerView is the answer of one layer, with every condition looked at.
type layerView struct {
	ID         verify.LayerName
	Name       string
	Tone       headline.Tone
	Word       string
	Sentence   string
	Conditions []conditionView
	Open       int    // how many of them are not met or not known
	Pack       string // address of the application pack; empty: there is none
}

// A conditionView is one condition of a layer.
type conditionView struct {
	Met      verify.Met
	Word     string
	Sentence string
	Cite     string
	Law      string // address of the rule, with its sentence of law
}

// A practiceView is what the issuer's own list shows.
type practiceView struct {
	Listed, English string
	Page            link
}

func newCountsView(b basePage, v *verify.Verdict) countsView {
	l, in := b.Lang, v.Question.In
	place := l.T("place." + string(in))
	c := countsView{Heading: l.T("counts.heading", place)}
	r := &v.Recognition
	if r.Outcome == verify.AtHome {
		c.Home = l.T("counts.home.label", place)
		if v.Scheme == verify.PSTI {
			c.Home = l.T("counts.home.declaration", place)
		}
		return c
	}
	if a := r.Layers.Accord; a != nil {
		view := newLayerView(b, verify.AccordLayer, a, place)
		if a.Outcome == verify.EligibleForSimplified && !v.Earlier() {
			view.Pack = b.Link("/application/" + string(v.Code))
		}
		c.Layers = append(c.Layers, view)
	}
	if a := r.Layers.Statute; a != nil {
		c.Layers = append(c.Layers, newLayerView(b, verify.StatuteLayer, a, place))
	}
	if p := r.Layers.Practice; p != nil {
		c.Practice = &practiceView{
			Listed:  l.T("practice.listed." + string(metOf(p.PSTIListed))),
			English: l.T("practice.english." + string(metOf(p.EnglishInfo))),
			Page:    newLink(p.Page),
		}
	}
	if !r.Since.IsZero() {
		c.Since = l.T("counts.since", l.Instant(r.Since, zoneOf(in)))
	}
	if v.NextChange.After(v.Log.Time) {
		c.Until = l.T("counts.until", l.Instant(v.NextChange, zoneOf(in)))
	}
	return c
}

func metOf(b *bool) verify.Met {
	switch {
	case b == nil:
		return verify.NotKnown
	case *b:
		return verify.Yes
	}
	return verify.No
}

func newLayerView(b basePage, id verify.LayerName, a *verify.LayerAnswer, place string) layerView {
	l := b.Lang
	view := layerView{
		ID:       id,
		Name:     l.T("layer." + string(id)),
		Tone:     headline.ToneOf(a.Outcome),
		Word:     l.T("outcome." + string(a.Outcome)),
		Sentence: l.T("layer."+string(id)+"."+string(a.Outcome), place),
	}
	for _, r := range a.Reasons {
		if r.Met != verify.Yes {
			view.Open++
		}
		view.Conditions = append(view.Conditions, newConditionView(b, r))
	}
	return view
}

func newConditionView(b basePage, r verify.Reason) conditionView {
	return conditionView{
		Met:      r.Met,
		Word:     b.Lang.T("met." + string(r.Met)),
		Sentence: b.Lang.T("rule." + string(r.Rule)),
		Cite:     b.Lang.T("cite."+string(r.Cite.Source), r.Cite.Ref),
		Law:      b.Link("/law") + "#" + string(r.Rule),
	}
}

// A measureView is a measure in force.
type measureView struct {
	Title          string // which notice, and where
	Number         string
	From           verify.Date
	Ground, Effect string
	Bars           bool
	By             phrase
	Text           phrase
	Reference      link
}

func newMeasureView(b basePage, m verify.MeasureInForce, g *verify.Governance) measureView {
	l := b.Lang
	return measureView{
		Title:     l.T("measures.title", l.T("notice."+string(m.Notice)), l.T("place."+string(m.Territory))),
		Number:    m.Measure,
		From:      m.From,
		Ground:    l.T("ground." + string(m.Ground)),
		Effect:    l.T("effect." + string(m.Effect)),
		Bars:      m.Effect == verify.Bars,
		By:        b.partyName(g, m.By),
		Text:      b.phrase(m.Text),
		Reference: newLink(m.Reference),
	}
}

// notes are the sentences that a reader must be told beside the answer.
func notes(b basePage, v *verify.Verdict) (sentences []string) {
	l := b.Lang
	for _, f := range v.Flags {
		if f == verify.EndsOn {
			sentences = append(sentences, l.T("flag.ends_on", v.AccordEnds))
			continue
		}
		sentences = append(sentences, l.T("flag."+string(f)))
	}
	for _, c := range v.Caveats {
		sentences = append(sentences, l.T("caveat."+string(c)))
	}
	return sentences
}
