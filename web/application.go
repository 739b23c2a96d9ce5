package web

import (
	"net/http"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/web/i18n"
)

// An applicationBody is what an applicant for a JC-STAR ★1 label has to show and
// to fill in where the product is compliant with the UK's law (MoC 3(2)(a)): the
// statement of compliance as it was signed, what it answers of the criteria and
// what it leaves. It is no application; that is made to IPA, on IPA's forms.
type applicationBody struct {
	Code     verify.Code     `json:"code"`
	Question verify.Question `json:"question"`
	Outcome  verify.Outcome  `json:"outcome"` // always eligible_for_simplified_application
	Reasons  []verify.Reason `json:"reasons"` // every condition of the accord layer, all met

	Statement  statementBody   `json:"statement"`
	Schedule4  schedule4Body   `json:"schedule_4"`
	SupportNow *verify.Support `json:"support_now,omitempty"` // as published now, where that is not as at first supply
	English    bool            `json:"english"`               // the document or a translation of it is in English: MoC 4(4)

	Covered   []coveredBody   `json:"covered"`   // criteria that the statement answers
	Remaining []remainingBody `json:"remaining"` // criteria still to be declared

	Practice practiceBody `json:"practice"`
	NotKnown []noteBody   `json:"not_known"`
	Caveats  []noteBody   `json:"caveats"`

	Entry    int64      `json:"entry"`    // of the log: the statement as its maker signed it
	Envelope string     `json:"envelope"` // the same, to be checked by the maker's key
	Answer   string     `json:"answer"`   // of the registry, that 3(2)(a) holds; by its answer key
	Log      verify.Log `json:"log"`

	verdict verify.Verdict
}

// A statementBody is where the statement is open to the public online, and what
// was last found there.
type statementBody struct {
	verify.Document
	Translations []verify.Document `json:"translations"`
}

// A schedule4Body is the contents of the statement, by the letters of SI
// 2023/1007 Sch 4 para 1(1), and para 1(2).
type schedule4Body struct {
	A verify.Product    `json:"a"`
	B []verify.Firm     `json:"b"`
	C bool              `json:"c"`
	D verify.Routes     `json:"d"`
	S []verify.Standard `json:"standards,omitempty"`
	E verify.Support    `json:"e"`
	F verify.Signatory  `json:"f"`
	G placeAndDay       `json:"g"`
}

type placeAndDay struct {
	Place  string      `json:"place"`
	Issued verify.Date `json:"issued"`
}

// A noteBody is a sentence in both languages, under a name that stays.
type noteBody struct {
	ID    string      `json:"id"`
	Words verify.Text `json:"words"`
}

func noteOf(id, key string, args ...any) noteBody {
	return noteBody{id, verify.Text{EN: i18n.English.T(key, args...), JA: i18n.Japanese.T(key, args...)}}
}

// application answers with the application pack of a declaration, or says why
// there is none.
func (s *site) application(r *http.Request) (view, error) {
	code, err := verify.ParseCode(r.PathValue("code"))
	if err != nil {
		return view{}, err
	}
	q, p := readQuery(r)
	if q.in != "" && q.in != verify.InJP {
		p.fault(paramIn, verify.NotOneOf, string(verify.InJP))
	}
	if len(p.faults) > 0 {
		return view{}, p
	}
	q.in = verify.InJP
	f, err := s.registry.Lookup(r.Context(), code)
	if err != nil {
		return view{}, err
	}
	asked, err := s.question(q, f)
	if err != nil {
		return view{}, err
	}
	v := verify.Judge(f, asked)
	if p := notEligible(&v); p != nil {
		return view{}, p
	}
	body := newApplicationBody(f.Record(asked.Known), v)
	if body.Envelope, err = s.registry.Envelope(body.Entry); err != nil {
		return view{}, err
	}
	if body.Answer, err = s.registry.Answer().SealAs(envelope.Verdict, bundle.NewAnswer(v).Payload()); err != nil {
		return view{}, err
	}
	return view{status: http.StatusOK, body: body, next: changes(&v), tag: applicationTag(body), page: func(b basePage) (string, any) {
		return pageApplication, newApplicationPage(b, body)
	}}, nil
}

// applicationTag is the pack without what only says when it was asked for.
func applicationTag(a applicationBody) any {
	a.Question.At, a.Log.Time, a.Answer = time.Time{}, time.Time{}, ""
	return a
}

// notEligible says why there is no application pack, by the reasons of the
// answer itself. It is nil where there is one. What is withheld has the generic
// reason and no other beside it (MoC 6).
func notEligible(v *verify.Verdict) *problem {
	switch v.Recognition.Outcome {
	case verify.EligibleForSimplified:
		return nil
	case verify.UnknownHere:
		return &problem{status: http.StatusNotFound, code: problemUnknownCode, detail: v.Code.Printed()}
	case verify.AtHome:
		return &problem{status: http.StatusConflict, code: problemNoDeclaration, detail: v.Code.Printed()}
	}
	p := &problem{status: http.StatusConflict, code: problemNotEligible, detail: v.Code.Printed(), outcome: v.Recognition.Outcome}
	for _, r := range v.Recognition.Layers.Accord.Reasons {
		if p.outcome != verify.Unavailable || ruleOf(r.Rule).Fails == verify.Unavailable {
			p.reasons = append(p.reasons, r)
		}
	}
	return p
}

// newApplicationBody makes the pack of a declaration that is eligible. Contents
// of Schedule 4 are those that were signed first; the address is that of now.
func newApplicationBody(r *verify.Record, v verify.Verdict) applicationBody {
	d := r.Declaration
	a := applicationBody{
		Code: v.Code, Question: v.Question, Outcome: v.Recognition.Outcome, Reasons: v.Recognition.Layers.Accord.Reasons,
		Statement: statementBody{Translations: []verify.Document{}},
		Schedule4: schedule4Body{d.Product, d.Parties, d.Prepared, d.Routes, d.Standards, d.Support, d.Signatory, placeAndDay{d.Place, d.Issued}},
		Covered:   coveredBy(d.Routes), Remaining: remaining(),
		Practice: practiceOfIPA(), NotKnown: notKnown(), Log: v.Log, verdict: v,
	}
	for _, said := range r.History {
		if said.Kind.First() && said.Counts == verify.Counted {
			a.Entry = said.Index
		}
	}
	if v.Support.End != d.Support.End || v.Support.Text != d.Support.Text {
		a.SupportNow = v.Support
	}
	first := true
	for _, document := range v.Declarations {
		if document.Code != v.Code {
			continue // of another declaration of the same trade item
		}
		language, _, _ := strings.Cut(strings.ToLower(document.Language), "-") // BCP 47: in any case
		a.English = a.English || language == "en"
		if first {
			a.Statement.Document, first = document, false
		} else {
			a.Statement.Translations = append(a.Statement.Translations, document)
		}
	}
	for _, c := range v.Caveats {
		a.Caveats = append(a.Caveats, noteOf(string(c), "caveat."+string(c)))
	}
	return a
}
