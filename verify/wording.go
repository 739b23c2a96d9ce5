package verify

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Wording is a verdict in JSON, but for what is the question's own: the question
// itself, whether the product in hand is covered, and the head. So it is the same for
// all who ask; of folded facts that of the last verdict is kept. It is not to be changed.
type Wording struct {
	of   *Verdict
	html bool // text is escaped for HTML

	code, validity, recognition []byte // the members from there on: up to question, match and log
}

// Wording returns that of a verdict that [Judge] gave on a question about f. With html,
// text is as [json.Marshal] writes it; else &, < and > stand for themselves.
func (f Facts) Wording(given *Verdict, html bool) *Wording {
	if f.folded == nil || !f.folded.record.Begun() || !f.all(given.Question.Known) {
		v := *given
		v.Question, v.Match, v.Log = Question{}, nil, Log{}
		return newWording(&v, html)
	}
	v, l, _ := f.judge(given.Question) // the one that is kept, of which it is a copy
	last := &l.wordings[0]
	if html {
		last = &l.wordings[1]
	}
	if w := last.Load(); w != nil && w.of == v {
		return w
	}
	w := newWording(v, html)
	if w.Len() <= wordingMost {
		last.Store(w)
	}
	return w
}

// wordingMost is how long a wording is that is kept, in bytes. One that cites all
// there is to cite, of a product of fourteen models, has half of that.
const wordingMost = 8 << 10

// newWording puts a verdict into JSON that is without what is the question's own.
func newWording(v *Verdict, html bool) *Wording {
	w, text := &Wording{of: v, html: html}, jsonOf(v, html)
	// In a text a quotation mark is escaped, so these are names.
	w.code, text, _ = bytes.Cut(text, []byte(`,"question":`))
	_, text, _ = bytes.Cut(text, []byte(`,"validity":`))
	w.validity, text, _ = bytes.Cut(text, []byte(`,"recognition":`))
	w.recognition = text[:bytes.LastIndex(text, []byte(`,"log":`))]
	w.code = w.code[len("{"):]
	return w
}

// Append appends the members of v to b, without the braces around them. Of v only
// what is the question's own is looked at.
func (w *Wording) Append(b []byte, v *Verdict) []byte {
	b = w.question(append(append(b, w.code...), `,"question":`...), v.Question)
	b = append(append(b, `,"validity":`...), w.validity...)
	if v.Match != nil {
		b = w.match(append(b, `,"match":`...), v.Match)
	}
	b = append(append(b, `,"recognition":`...), w.recognition...)
	b = w.Text(append(b, `,"log":{"origin":`...), v.Log.Origin)
	b = strconv.AppendInt(append(b, `,"size":`...), v.Log.Size, 10)
	b = rootEncoding.AppendEncode(append(b, `,"root":"`...), v.Log.Root[:])
	return append(instantOf(append(b, `","time":`...), v.Log.Time), '}')
}

// Len is how many bytes Append appends at the least.
func (w *Wording) Len() int { return len(w.code) + len(w.validity) + len(w.recognition) }

func (w *Wording) question(b []byte, q Question) []byte {
	b = append(b, '{')
	if q.In != "" {
		b = append(w.Text(append(b, `"in":`...), string(q.In)), ',')
	}
	b = append(instantOf(append(b, `"at":`...), q.At), `,"known":`...)
	if q.Known.Size == 0 {
		b = instantOf(b, q.Known.Time)
	} else {
		b = strconv.AppendInt(b, q.Known.Size, 10)
	}
	return append(b, '}')
}

func (w *Wording) match(b []byte, m *Match) []byte {
	b = append(b, '{')
	if m.Model != nil {
		b = w.Text(append(b, `"model":{"asked":`...), m.Model.Asked)
		b = strconv.AppendBool(append(b, `,"covered":`...), m.Model.Covered)
		for i, near := range m.Model.Near {
			if i == 0 {
				b = append(b, `,"near":[`...)
			} else {
				b = append(b, ',')
			}
			b = w.Text(b, near)
		}
		if len(m.Model.Near) > 0 {
			b = append(b, ']')
		}
		b = append(b, '}')
	}
	if m.GTIN != nil {
		if m.Model != nil {
			b = append(b, ',')
		}
		b = w.Text(append(b, `"gtin":{"asked":`...), m.GTIN.Asked)
		b = append(strconv.AppendBool(append(b, `,"covered":`...), m.GTIN.Covered), '}')
	}
	return append(b, '}')
}

// Text appends a text, of which few have anything to escape.
func (w *Wording) Text(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || strings.IndexByte(`"\<>&`, c) >= 0 {
			return append(b, jsonOf(s, w.html)...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// instantOf appends an instant as [time.Time.MarshalJSON] writes it.
func instantOf(b []byte, t time.Time) []byte {
	b, err := t.AppendText(append(b, '"'))
	if err != nil {
		panic(err) // a year that no question, head or point of a timeline has
	}
	return append(b, '"')
}

// jsonOf is a value of texts, numbers and instants in JSON.
func jsonOf(v any, html bool) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(html)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
