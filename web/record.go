package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/match"
	"tegata/verify/pack"
)

// A recordBody is a record with its whole history as known at some time, what it
// amounts to at an instant, and what differs: from another moment, and from what
// is said of the same product elsewhere.
type recordBody struct {
	Code        verify.Code    `json:"code"`
	Scheme      verify.Scheme  `json:"scheme,omitempty"`
	Statements  []pack.Said    `json:"statements"`
	Verdict     verify.Verdict `json:"verdict"`
	Compared    *comparedBody  `json:"compared,omitempty"`
	Consistency []besideBody   `json:"consistency"`
	Log         verify.Log     `json:"log"`

	record *verify.Record
	facts  verify.Facts
}

// A comparedBody is the verdict at another moment, and how that of the record
// differs from it.
type comparedBody struct {
	From        verify.Verdict      `json:"from"`
	Differences []verify.Difference `json:"differences"`
	Between     []stepBody          `json:"between"`

	steps []verify.Step
}

// A stepBody is a statement that came between the two moments.
type stepBody struct {
	Index  int64           `json:"index"`
	Logged time.Time       `json:"logged"`
	Kind   verify.Kind     `json:"kind"`
	By     verify.PartyID  `json:"by"`
	Code   verify.Code     `json:"code,omitempty"`
	How    verify.How      `json:"how"`
	From   time.Time       `json:"from"`   // when it began to count
	Counts verify.Counting `json:"counts"` // in the answer that knows it
}

// Names of the parameters of another moment: at and known, with this before.
const paramFrom = "from_"

// record answers with the full history of a code, and what it amounts to.
func (s *site) record(r *http.Request) (view, error) {
	code, err := verify.ParseCode(r.PathValue("code"))
	if err != nil {
		return view{}, err
	}
	q, from, p := parseMoments(r)
	if p != nil {
		return view{}, p
	}
	f, err := s.registry.Lookup(r.Context(), code)
	if err != nil {
		return view{}, err
	}
	asked, earlier, err := s.moments(q, from, f)
	if err != nil {
		return view{}, err
	}
	body := recordBody{Code: code, Log: f.Log, facts: f, record: f.Record(asked.Known)}
	body.Scheme = body.record.Scheme
	if body.Statements, err = pack.Statements(body.record, s.registry.Envelope); err != nil {
		return view{}, err
	}
	if body.Verdict, err = judged(f, asked, q); err != nil {
		return view{}, err
	}
	if earlier != nil {
		if body.Compared, err = compared(f, *earlier, q, &body.Verdict); err != nil {
			return view{}, err
		}
	}
	var next time.Time // when the records beside it change
	if body.Consistency, next, err = s.beside(r.Context(), body.record, &body.Verdict); err != nil {
		return view{}, err
	}
	next = sooner(next, changes(&body.Verdict))
	if body.Compared != nil {
		next = sooner(next, changes(&body.Compared.From))
	}
	var documents []documentBody
	if q == (query{in: q.in}) && from == nil { // they are told of as they are now
		documents = s.documentsOf(f)
	}
	out := view{status: http.StatusOK, body: body, tag: []any{body.tag(), documents}, next: next}
	out.page = func(b basePage) (string, any) {
		p := newRecordPage(b, &body)
		p.Documents = newReadViews(b, documents, &body.Verdict)
		return pageRecord, p
	}
	if !body.record.Begun() {
		out.status = http.StatusNotFound
	}
	return out, nil
}

// tag is what the body says, without the instants of asking.
func (b recordBody) tag() any {
	b.Verdict, b.Log.Time = verdictTag(b.Verdict), time.Time{}
	if b.Compared != nil {
		c := *b.Compared
		c.From, b.Compared = verdictTag(c.From), &c
	}
	return b
}

// parseMoments reads the parameters of a question and those of another moment,
// which is nil where none is named. What the other moment leaves open is as in
// the question.
func parseMoments(r *http.Request) (q query, from *query, p *problem) {
	q, p = parseQuery(r)
	if p == nil {
		p = &problem{status: http.StatusBadRequest, code: problemParameter}
	}
	given := r.URL.Query()
	at, known := given[paramFrom+paramAt], given[paramFrom+paramKnown]
	other := &problem{}
	first := other.query(url.Values{paramAt: at, paramKnown: known})
	for _, f := range other.faults {
		p.fault(paramFrom+f.Field, f.Rule, f.Detail)
	}
	if len(p.faults) > 0 {
		return query{}, nil, p
	}
	if first == (query{}) {
		return q, nil, nil
	}
	first.in = q.in
	if first.at.IsZero() && first.day.IsZero() {
		first.at, first.day = q.at, q.day
	}
	if first.size == 0 && first.then.IsZero() && first.until.IsZero() {
		first.size, first.then, first.until = q.size, q.then, q.until
	}
	return q, &first, nil
}

// moments turns what was asked into questions about facts. The first moment must
// not be later than the second, on either clock and earlier on none: then they
// are to be exchanged.
func (s *site) moments(q query, from *query, f verify.Facts) (asked verify.Question, earlier *verify.Question, err error) {
	asked, err = s.question(q, f)
	if from == nil || err != nil {
		return asked, nil, err
	}
	first, err := s.question(*from, f)
	var p *problem
	if errors.As(err, &p) {
		for i := range p.faults {
			p.faults[i].Field = paramFrom + p.faults[i].Field
		}
	}
	if err != nil {
		return asked, nil, err
	}
	a, b := whole(first, f.Log), whole(asked, f.Log)
	days, sizes := a.At.Compare(b.At), a.Known.Size-b.Known.Size
	if days >= 0 && sizes >= 0 && (days > 0 || sizes > 0) {
		p := &problem{status: http.StatusBadRequest, code: problemParameter}
		field := paramFrom + paramAt
		if days == 0 {
			field = paramFrom + paramKnown
		}
		p.fault(field, faultParamLater, "")
		return asked, nil, p
	}
	return asked, &first, nil
}

// whole fills in what a question leaves open, to compare it.
func whole(q verify.Question, log verify.Log) verify.Question {
	if q.At.IsZero() {
		q.At = log.Time
	}
	if q.Known.Size == 0 {
		q.Known.Size = log.Size
	}
	return q
}

// judged answers a question from facts, and for the product in hand.
func judged(f verify.Facts, asked verify.Question, q query) (v verify.Verdict, err error) {
	v = verify.Judge(f, asked)
	if v.Product != nil {
		// The GTIN was checked with the other parameters.
		v.Match, err = match.Covers(v.Product, q.model, q.gtin)
	}
	return v, err
}

// compared answers for another moment, in the same place, and says what differs
// from it.
func compared(f verify.Facts, earlier verify.Question, q query, v *verify.Verdict) (*comparedBody, error) {
	earlier.In = v.Question.In
	from, err := judged(f, earlier, q)
	if err != nil {
		return nil, err
	}
	c := &comparedBody{From: from, Differences: []verify.Difference{}, Between: []stepBody{}, steps: f.Between(from.Question, v.Question)}
	c.Differences = append(c.Differences, verify.Differences(&from, v)...)
	for _, s := range c.steps {
		c.Between = append(c.Between, stepBody{s.Index, s.Logged, s.Kind, s.By, s.Code, s.How, s.From, s.Counts})
	}
	return c, nil
}

// envelope answers with the bytes of a statement as they were signed and logged.
func (s *site) envelope(r *http.Request) (exhibit, error) {
	index, err := parseIndex(r.PathValue("index"))
	if err != nil {
		return exhibit{}, registry.ErrNotFound
	}
	token, err := s.registry.Envelope(index)
	return exhibit{file{mediaJOSE, []byte(token), cacheForever}, http.StatusOK, r.PathValue("index") + ".jws"}, err
}
