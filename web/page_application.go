package web

import (
	"net/url"
	"time"

	"tegata/verify"
	"tegata/web/i18n"
)

// An applicationPage is the application pack for people: a document in English
// throughout (MoC 4(4)), to be filled in and printed. Who reads the site in
// another language has its sentences beside it, on the screen only.
type applicationPage struct {
	basePage
	Code      verify.Code
	Head      string
	Name      phrase
	JSON      string // addresses
	Answer    string
	Bundle    string
	Record    string
	Verdict   string
	Entry     string
	Documents []applicationDocument
	NoEnglish bool
	Contents  []fieldView // of Schedule 4
	Covered   []coveredView
	Remaining []remainingView
	Page      link // of IPA's practice
	Practice  []twice
	NotKnown  []twice
	Reasons   []metView
	Caveats   []twice
}

// A twice is a sentence of a document in English, and in the reader's language
// where that is another.
type twice struct{ EN, Here, Lang string }

// Twice returns the words for key in English and in the language of the page.
func (b basePage) Twice(key string, args ...any) twice {
	return b.twice(verify.Text{EN: i18n.English.T(key, args...), JA: i18n.Japanese.T(key, args...)})
}

func (b basePage) twice(t verify.Text) twice {
	if b.Lang == i18n.Japanese {
		return twice{t.EN, t.JA, string(b.Lang)}
	}
	return twice{EN: t.EN}
}

type applicationDocument struct {
	Link     link
	Language string
	SHA256   string
	Seen     twice
}

// A fieldView is one of the contents that Schedule 4 asks for.
type fieldView struct {
	Letter string
	Name   twice
	Values []string
}

type coveredView struct {
	ID    string
	Title twice
	Law   string
	Route twice
}

type remainingView struct {
	ID, Number string // S1.1-07, 07
	Title      twice  // empty where no published table was read
}

// A metView is a condition that was looked at.
type metView struct {
	Met      verify.Met
	Word     string
	Sentence twice
	Cite     string
	Law      string // address of the rule
}

func newApplicationPage(b basePage, a applicationBody) applicationPage {
	en, code := i18n.English, string(a.Code)
	p := applicationPage{
		basePage: b, Code: a.Code,
		Head:    en.T("application.head", en.Instant(a.Question.At, verify.Tokyo), a.Log.Origin, en.Count(a.Log.Size)),
		Name:    phrase{Text: a.Schedule4.A.Name.EN},
		JSON:    "/api/v1/applications/" + code + askedOf(b),
		Answer:  "/api/v1/verify/" + code + ".jwt" + askedInJapan(b),
		Bundle:  "/api/v1/bundles/" + code,
		Record:  b.Link("/records/" + code),
		Verdict: "/v/" + code + askedInJapan(b),
		Entry:   en.Count(a.Entry), NoEnglish: !a.English,
		Page: newLink(a.Practice.Page),
	}
	p.Title = b.Lang.T("application.title", a.Code.Printed())
	for _, d := range append([]verify.Document{a.Statement.Document}, a.Statement.Translations...) {
		p.Documents = append(p.Documents, newApplicationDocument(b, d))
	}
	p.Contents = contentsOf(b, a)
	for _, c := range a.Covered {
		p.Covered = append(p.Covered, coveredView{c.Criterion, b.twice(c.Title), en.T("cite."+string(c.Requirement.Source), c.Requirement.Ref), b.Twice(c.key)})
	}
	for _, c := range a.Remaining {
		v := remainingView{ID: c.Criterion, Number: c.Criterion[len("S1.1-"):]}
		if !c.Title.IsZero() {
			v.Title = b.twice(c.Title)
		}
		p.Remaining = append(p.Remaining, v)
	}
	for _, notes := range []struct {
		from []noteBody
		to   *[]twice
	}{{a.Practice.Notes, &p.Practice}, {a.NotKnown, &p.NotKnown}, {a.Caveats, &p.Caveats}} {
		for _, n := range notes.from {
			*notes.to = append(*notes.to, b.twice(n.Words))
		}
	}
	for _, r := range a.Reasons {
		p.Reasons = append(p.Reasons, metView{
			Met: r.Met, Word: en.T("met." + string(r.Met)), Sentence: b.Twice("rule." + string(r.Rule)),
			Cite: en.T("cite."+string(r.Cite.Source), r.Cite.Ref), Law: b.Link("/law") + "#" + string(r.Rule),
		})
	}
	return p
}

// askedInJapan is the question of the page as it stands in an address.
func askedInJapan(b basePage) string {
	q := url.Values{paramIn: {string(verify.InJP)}}
	for _, name := range []string{paramAt, paramKnown} {
		if v := b.Query.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	return "?" + q.Encode()
}

func newApplicationDocument(b basePage, d verify.Document) applicationDocument {
	v := applicationDocument{Link: newLink(d.URL), Language: d.Language, SHA256: d.SHA256, Seen: b.Twice("seen.never")}
	if key := "language." + d.Language; i18n.English.Has(key) {
		v.Language = i18n.English.T(key)
	}
	if d.Seen == "" {
		return v
	}
	seen := func(l i18n.Language) string { return l.T("seen."+string(d.Seen), l.Instant(d.SeenAt, time.UTC)) }
	v.Seen = b.twice(verify.Text{EN: seen(i18n.English), JA: seen(i18n.Japanese)})
	return v
}

// contentsOf lists the contents of Schedule 4 in its own order, in English.
func contentsOf(b basePage, a applicationBody) (fields []fieldView) {
	en, c := i18n.English, a.Schedule4
	add := func(letter, key string, values ...string) {
		fields = append(fields, fieldView{letter, b.Twice(key), values})
	}
	product := []string{c.A.Name.EN + " · " + c.A.Brand, c.A.Type + " · " + c.A.Batch}
	for _, m := range c.A.Models {
		line := m.Model
		for _, g := range m.GTINs {
			line += " · GTIN " + g
		}
		product = append(product, line)
	}
	add("1(1)(a)", "application.sch4.a", product...)
	var parties []string
	for _, f := range c.B {
		parties = append(parties, en.T("role."+f.Role)+": "+f.Name.EN+", "+f.Address)
	}
	add("1(1)(b)", "application.sch4.b", parties...)
	add("1(1)(c)", "application.sch4.c", en.T("application.sch4.c_said"))
	var routes []string
	for _, r := range a.Covered {
		routes = append(routes, en.T(r.key))
	}
	add("1(1)(d)", "application.sch4.d", routes...)
	for _, s := range c.S {
		add("1(2)", "application.sch4.standard", s.ID+" "+s.Version+", "+en.Day(s.Date))
	}
	add("1(1)(e)", "application.sch4.e", supportLines(en, c.E)...)
	if a.SupportNow != nil {
		add("", "application.sch4.now", supportLines(en, *a.SupportNow)...)
	}
	signatory := c.F.Function
	if c.F.Name != "" {
		signatory = c.F.Name + ", " + signatory
	}
	add("1(1)(f)", "application.sch4.f", signatory)
	add("1(1)(g)", "application.sch4.g", c.G.Place+", "+en.Day(c.G.Issued))
	return fields
}

// supportLines is a support period in the maker's words, and its last day.
func supportLines(l i18n.Language, s verify.Support) (lines []string) {
	if s.Text.EN != "" {
		lines = append(lines, s.Text.EN)
	}
	end := l.Day(s.End)
	if s.Qualifier == verify.AtLeast {
		end = l.T("support.end_least", s.End)
	}
	return append(lines, l.T("application.sch4.end", end))
}
