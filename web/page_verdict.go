package web

import (
	"net/url"
	"time"

	"tegata/verify"
	"tegata/web/headline"
)

// A verdictPage is what a scan opens: the answer about one code.
type verdictPage struct {
	basePage
	Code      verify.Code
	Headline  headline.Headline
	Asked     string // about which place, as of when
	Beside    string // what it counts for, where the headline says something else
	Alert     bool   // a measure is in force that the headline does not speak of
	Then      bool   // the question was put to an earlier state of the log
	Now       string // address of the present answer, where this is not it
	Known     bool   // something is known; all below but Log is empty otherwise
	Product   productView
	Match     matchView
	Validity  validityView
	Timeline  *timelineView
	Counts    countsView
	Measures  []measureView
	Notes     []string
	Support   *supportView
	Contact   contactView
	Documents []documentView
	Places    []placeView
	Day       string // of the question, where it named one: YYYY-MM-DD
	ZoneName  string
	Evidence  evidenceView
	Log       logView
}

// newVerdictPage makes the page of a verdict. Of the governance it shows the
// names of parties.
func newVerdictPage(b basePage, v verify.Verdict, g *verify.Governance) verdictPage {
	l, zone := b.Lang, zoneOf(v.Question.In)
	p := verdictPage{basePage: b, Code: v.Code, Evidence: newEvidenceView(b, &v), Log: newLogView(b, &v)}
	p.Then = v.Earlier()
	if p.Then || b.Query.Has(paramAt) {
		p.Now = b.with(paramAt, "", paramKnown, "")
	}
	at := l.Instant(v.Question.At, zone)
	p.Headline = headline.Of(l, &v)
	p.Title = l.T("verdict.title", v.Code.Printed(), p.Headline.Word)
	p.Known = v.Product != nil
	if !p.Known {
		p.Asked = l.T("verdict.asked_unknown", at)
		return p
	}
	place := l.T("place." + string(v.Question.In))
	p.Asked = l.T("verdict.asked", place, at)
	if !p.Headline.Whole && v.Recognition.Outcome != verify.AtHome {
		p.Beside = l.T("verdict.beside", place, l.T("outcome."+string(v.Recognition.Outcome)))
	}
	p.Alert = len(v.Measures) > 0 && !p.Headline.Measure
	p.Feeds = b.feeds(paramCode, string(v.Code), v.Code.Printed())
	for _, maker := range newListedBody(&v).Holders {
		p.Feeds = append(p.Feeds, b.feeds(paramMaker, b.phrase(maker).Text, b.phrase(maker).Text)...)
	}
	p.Product = newProductView(b, &v)
	p.Match = newMatchView(b, v.Match)
	p.Validity = newValidityView(b, &v)
	p.Timeline = newTimelineView(b, &v, g)
	p.Counts = newCountsView(b, &v)
	for _, m := range v.Measures {
		p.Measures = append(p.Measures, newMeasureView(b, m, g))
	}
	p.Notes = notes(b, &v)
	p.Support = newSupportView(b, &v)
	p.Contact = newContactView(b, &v, "https://"+b.Host+"/v/"+string(v.Code))
	for _, d := range v.Declarations {
		p.Documents = append(p.Documents, newDocumentView(b, &v, d))
	}
	p.Documents = readable(l, p.Documents)
	for _, in := range verify.Jurisdictions {
		p.Places = append(p.Places, placeView{l.T("place." + string(in)), b.with(paramIn, string(in)), in == v.Question.In})
	}
	p.ZoneName = l.T("zone." + zone.String())
	if day, err := verify.ParseDate(b.Query.Get(paramAt)); err == nil {
		p.Day = day.String()
	}
	return p
}

// A placeView is a place that can be asked about.
type placeView struct {
	Name    string
	URL     string
	Current bool
}

// A matchView is whether the product in hand is covered, with what was typed.
type matchView struct {
	Model, GTIN string
	Answers     []matchAnswer
	Near        []string
}

type matchAnswer struct {
	Covered  bool
	Sentence string
}

func newMatchView(b basePage, m *verify.Match) matchView {
	v := matchView{Model: b.Query.Get(paramModel), GTIN: b.Query.Get(paramGTIN)}
	if m == nil {
		return v
	}
	answer := func(kind, asked string, covered bool) {
		key := "match." + kind + ".no"
		if covered {
			key = "match." + kind + ".yes"
		}
		v.Answers = append(v.Answers, matchAnswer{covered, b.Lang.T(key, asked)})
	}
	if m.Model != nil {
		answer("model", m.Model.Asked, m.Model.Covered)
		v.Near = m.Model.Near
	}
	if m.GTIN != nil {
		answer("gtin", m.GTIN.Asked, m.GTIN.Covered)
	}
	return v
}

// A validityView is since when and until when the record stands as it does.
type validityView struct {
	Status       string
	Tone         headline.Tone
	Since, Until verify.Date // of the present status, where those are not First and Last
	First, Last  verify.Date // as issued or extended; a declaration's last day is that of its support period
	Reason       phrase
	Days         string // whose days they are
}

func newValidityView(b basePage, v *verify.Verdict) validityView {
	view := validityView{
		Status: b.Lang.T("status." + string(v.Validity.Status)),
		Tone:   headline.Good,
		Since:  v.Validity.Since,
		Until:  v.Validity.Until,
		First:  v.FirstDay(),
		Last:   v.LastDay(),
		Reason: b.phrase(v.Validity.Reason),
		Days:   b.Lang.T("validity.days." + string(v.Scheme)),
	}
	if v.Validity.Status != verify.StatusValid {
		view.Tone = headline.Caution
	}
	if view.Since == view.First {
		view.Since = verify.Date{}
	}
	if view.Until == view.Last {
		view.Until = verify.Date{}
	}
	return view
}

// A logView is what the answer can be checked against.
type logView struct {
	Origin, Size, Root, Time string
	Record, API, Check       string // addresses
	WhatIf                   string
}

func newLogView(b basePage, v *verify.Verdict) logView {
	root, err := v.Log.Root.MarshalText()
	if err != nil {
		panic(err) // any 32 bytes can be written
	}
	return logView{
		Origin: v.Log.Origin,
		Size:   b.Lang.Count(v.Log.Size),
		Root:   string(root),
		Time:   b.Lang.Instant(v.Log.Time, zoneOf("")),
		Record: b.linkAsked("/records/"+string(v.Code), paramIn, paramAt, paramKnown, paramModel, paramGTIN),
		API:    "/api/v1/verify/" + string(v.Code) + askedOf(b),
		Check:  b.Link("/log"),
		WhatIf: b.Link("/whatif/" + string(v.Code)),
	}
}

// askedOf is the question of a page as it stands in an address, in no language.
func askedOf(b basePage) string {
	q := url.Values{}
	for _, p := range b.Keep(paramLang) {
		q.Set(p.Name, p.Value)
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// An evidenceView is where a reader finds what shows later what was answered.
type evidenceView struct {
	Answer, Bundle string // addresses
	Pack           string
	Status         string // of the list with the record's place; empty where it has none
	Record         string // empty where nothing is known
	Credential     string // empty where there is none now
}

func newEvidenceView(b basePage, v *verify.Verdict) evidenceView {
	e := evidenceView{
		Answer: "/api/v1/verify/" + string(v.Code) + ".jwt" + askedOf(b),
		Bundle: "/api/v1/bundles/" + string(v.Code),
		Pack:   "/api/v1/packs/" + string(v.Code) + ".zip" + askedOf(b),
	}
	if v.Product != nil {
		e.Record = newLogView(b, v).Record
	}
	return e
}

// zoneOf is the zone in which the instants of an answer are told: that of the
// place asked about.
func zoneOf(in verify.Jurisdiction) *time.Location {
	if in == "" {
		return time.UTC
	}
	return in.Country().Zone()
}
