package web

import (
	"strconv"
	"strings"
	"time"

	"tegata/verify"
)

// A recordPage is everything that was said about one code, in plain words: what
// it amounts to at a moment, what differs from another one, and from what is said
// elsewhere of the same product.
type recordPage struct {
	basePage
	Code     verify.Code
	Head     string // of which log
	Verdict  string // address of the answer about the code
	API      string // address of the same as data
	Pack     string // address of the evidence of it
	Packs    string // address of that with what it is compared with; empty: nothing is
	Artwork  string // address of what can be printed; empty: nothing
	Asked    askedView
	State    stateView
	Compared *comparedView
	Beside   []besideView
	Said     []saidView

	Documents []readView // of a declaration, as they are now
}

// newRecordPage makes the page of a record's history. Of the governance it
// shows the names of parties.
func newRecordPage(b basePage, body *recordBody) recordPage {
	l, code, log, g := b.Lang, body.Code, body.Log, body.facts.Governance
	p := recordPage{
		basePage: b,
		Code:     code,
		Head:     l.T("record.head", l.Count(log.Size), log.Origin, l.Instant(log.Time, time.UTC)),
		Verdict:  b.linkAsked("/v/"+string(code), paramIn, paramAt, paramKnown, paramModel, paramGTIN),
		API:      "/api/v1/records/" + string(code) + askedOf(b),
		Pack:     "/api/v1/packs/" + string(code) + ".zip",
	}
	asked := b.Keeping(paramIn, paramAt, paramKnown, paramModel, paramGTIN)
	if len(asked) > 0 {
		p.Pack += "?" + asked.Encode()
	}
	if len(body.Consistency) > 0 {
		asked.Add(paramCode, string(code))
		for _, other := range body.Consistency {
			asked.Add(paramCode, string(other.beside(code)))
		}
		p.Packs = "/api/v1/packs?" + asked.Encode()
	}
	if !unprintable[body.record.Status(log.Time)] {
		p.Artwork = b.Link("/artwork/" + string(code))
	}
	p.Title = l.T("record.title", code.Printed())
	p.Feeds = b.feeds(paramCode, string(code), code.Printed())
	p.Asked = newAskedView(b, body)
	p.State = newStateView(b, body)
	p.Compared = newComparedView(b, body)
	for _, other := range body.Consistency {
		p.Beside = append(p.Beside, newBesideView(b, code, other))
	}
	for _, s := range body.record.History {
		p.Said = append(p.Said, newSaidView(b, s, g))
	}
	return p
}

// A saidView is one statement: who said what and when, and how it counts.
type saidView struct {
	ID        string // in the address of the page
	Index     string
	Envelope  string // address
	Receipt   string // address, without what its form adds
	Kind      string
	Sentence  string
	Items     []string // what belongs to the sentence
	Text      phrase   // what its author added
	Reference link
	By        phrase
	Made      string
	Logged    string
	Counts    string
	Counted   bool
}

func newSaidView(b basePage, s verify.Said, g *verify.Governance) saidView {
	l := b.Lang
	v := saidView{
		ID:       entryID(s.Index),
		Index:    l.Count(s.Index),
		Envelope: "/api/v1/statements/" + strconv.FormatInt(s.Index, 10),
		Receipt:  "/api/v1/receipts/" + strconv.FormatInt(s.Index, 10),
		Kind:     l.T("kind.not_known"),
		By:       b.partyName(g, s.By),
		Made:     l.Instant(s.Made, time.UTC),
		Logged:   l.Instant(s.Logged.Truncate(time.Second), time.UTC),
		Counts:   l.T("counting." + string(s.Counts)),
		Counted:  s.Counts == verify.Counted,
	}
	if s.Kind.Known() {
		v.Kind = l.T("kind." + string(s.Kind))
		v.say(b, s)
	}
	return v
}

// say puts into words what a statement says.
func (v *saidView) say(b basePage, s verify.Said) {
	l := b.Lang
	key := "say." + string(s.Kind)
	switch body := s.Body.(type) {
	case *verify.Issued:
		v.Sentence = l.T(key, body.Label.Number, body.Label.Level, body.Label.Issued, body.Label.Expires)
		v.tells(b, "name", body.Label.Product.Name)
		v.tells(b, "holder", body.Label.Holder)
		v.tells(b, "models", body.Label.Product.Models)
		if body.Label.Support != (verify.Support{}) {
			v.tells(b, "support", body.Label.Support)
		}
	case *verify.Extended:
		v.Sentence = l.T(key, body.Expires)
	case *verify.Amended:
		v.Sentence = l.T(key)
		v.tells(b, "holder", pointed(body.Holder))
		v.tells(b, "models", body.Models)
		v.tells(b, "name", pointed(body.Name))
		v.tells(b, "page", body.Page)
		v.tells(b, "support", pointed(body.Support))
		v.tells(b, "contact", pointed(body.Contact))
	case *verify.StatusSaid:
		if body.Corrects != "" {
			key = "say.label.status_corrects"
		}
		v.Sentence = l.T(key, body.From, l.T("status."+string(body.Status)))
		v.Text = b.phrase(body.Reason)
	case *verify.Practised:
		v.Sentence = l.T(key, body.From)
		v.Items = []string{
			l.T("practice.listed." + string(metOf(body.PSTIListed))),
			l.T("practice.english." + string(metOf(body.EnglishInfo))),
		}
		v.Reference = newLink(body.Page)
	case *verify.Published:
		v.Sentence = l.T(key, body.Declaration.Place, body.Declaration.Issued)
		v.tells(b, "name", body.Declaration.Product.Name)
		v.tells(b, "parties", body.Declaration.Parties)
		v.tells(b, "models", body.Declaration.Product.Models)
		v.tells(b, "support", body.Declaration.Support)
		v.Reference = newLink(body.Declaration.URL)
	case *verify.SupportExtended:
		v.Sentence = l.T(key, body.Support.End)
		v.Text = b.phrase(body.Support.Text)
	case *verify.LinkAmended:
		v.Sentence = l.T(key)
		v.tells(b, "url", body.URL)
		v.tells(b, "translations", body.Translations)
		v.tells(b, "contact", pointed(body.Contact))
		v.tells(b, "models", body.Models)
	case *verify.Withdrawn:
		v.Sentence = l.T(key, body.From)
		v.Text = b.phrase(body.Reason)
	case *verify.Observed:
		v.Sentence = l.T(key + "." + string(body.Seen))
		v.Reference = newLink(body.URL)
	case *verify.Taken:
		v.Sentence = l.T(key+"."+string(body.Notice), body.Measure, l.T("place."+string(body.Territory)), body.From)
		v.Items = []string{l.T("ground." + string(body.Ground)), l.T("effect." + string(body.Effect))}
		v.Text = b.phrase(body.Text)
		v.Reference = newLink(body.Reference)
	case *verify.Lifted:
		v.Sentence = l.T(key, body.Measure, body.From)
	case *verify.Created:
		v.Sentence = l.T(key, s.Origin)
	case *verify.Enrolled:
		v.Sentence = l.T(key, b.phrase(body.Party.Name).Text, l.Instant(body.Party.From, time.UTC))
	case *verify.AddedKey:
		v.Sentence = l.T(key, l.Instant(body.From, time.UTC))
	case *verify.Withheld:
		v.Sentence = l.T(key, body.From)
	case *verify.Restored:
		v.Sentence = l.T(key, body.From)
	case *verify.Noticed:
		v.Sentence = l.T(key, body.NoticeOn, body.EndsOn)
	case *verify.RetiredKey:
		if body.Compromised {
			key = "say.key.retired_compromised"
		}
		v.Sentence = l.T(key, l.Instant(body.From, time.UTC))
	}
}

// entryID is where on the page of its record an entry stands.
func entryID(index int64) string { return "entry-" + strconv.FormatInt(index, 10) }

// tells names a member of what is said and its value, where it has one.
func (v *saidView) tells(b basePage, member string, value any) {
	var texts []string
	for _, line := range b.value(&verify.Verdict{}, value) {
		texts = append(texts, line.Text)
	}
	if len(texts) > 0 {
		v.Items = append(v.Items, b.Lang.T("said.member", b.Lang.T("said."+member), strings.Join(texts, " · ")))
	}
}

// pointed is the value that a pointer leads to; nil, without type, if to none.
func pointed[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
