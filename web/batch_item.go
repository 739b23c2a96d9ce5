package web

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/match"
)

// An itemBody is one question of many.
type itemBody struct {
	Ref    string    `json:"ref"` // the asker's own; it comes back with the answer
	Code   string    `json:"code"`
	Number string    `json:"number"`
	Scheme string    `json:"scheme"`
	GTIN   string    `json:"gtin"`
	Model  string    `json:"model"`
	In     string    `json:"in"`
	At     string    `json:"at"`
	Known  knownText `json:"known"`
}

// Members that no address has as a parameter.
const (
	memberRef  = "ref"
	memberCode = "code"
)

// knownText is a size or an instant as a parameter has it. In JSON a size may be
// a number, as verdicts write it.
type knownText string

func (k *knownText) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(k))
	}
	var n json.Number
	err := json.Unmarshal(b, &n)
	*k = knownText(n)
	return err
}

// values returns the item as parameters, with what is asked of all.
func (i *itemBody) values(all url.Values) url.Values {
	v := url.Values{}
	for _, p := range []param{
		{paramIn, all.Get(paramIn)}, {paramAt, all.Get(paramAt)}, {paramKnown, all.Get(paramKnown)},
		{paramIn, i.In}, {paramAt, i.At}, {paramKnown, string(i.Known)},
		{paramNumber, i.Number}, {paramScheme, i.Scheme}, {paramModel, i.Model}, {paramGTIN, i.GTIN},
	} {
		if p.Value != "" {
			v.Set(p.Name, p.Value)
		}
	}
	return v
}

// A resultBody is the answer to one question of many: what the question would
// have been answered with alone.
type resultBody struct {
	Ref      string          `json:"ref,omitempty"`
	Verdict  *verify.Verdict `json:"verdict,omitempty"` // of a code
	*matches                 // of a number, trade item or model
	Problem  *problemBody    `json:"problem,omitempty"`
}

// texts reads the items of a body of JSON, of which next returns the text.
func texts(next func() ([]byte, error)) func() (question, error) {
	return func() (q question, _ error) {
		text, err := next()
		if errors.Is(err, bufio.ErrBufferFull) {
			q.err = &problem{status: http.StatusRequestEntityTooLarge, code: problemTooLarge, reason: "an item has at most " + strconv.Itoa(itemMost) + " bytes"}
			return q, nil
		}
		if err != nil {
			return q, err
		}
		if err := envelope.Decode(text, &q.item); err != nil {
			q.item = itemBody{Ref: refOf(text)}
			q.err = &problem{status: http.StatusBadRequest, code: problemQuestion, reason: reasonOf(err, envelope.ErrMalformed)}
		}
		return q, nil
	}
}

// result answers a question, or says what is wrong with it. What was answered a
// moment ago is not looked up and judged again.
func (b *batch) result(q question) (out resultBody) {
	if q.row != nil {
		q.item, q.err = rowItem(q.row)
	}
	ref, item := q.item.Ref, q.item
	item.Ref = ""
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	if p.text(memberRef, ref); len(p.faults) > 0 {
		ref = ""
	}
	out, again := b.latest[item]
	if q.err != nil || len(p.faults) > 0 || !again {
		err := q.err
		if out = (resultBody{}); err == nil {
			err = b.answer(item, p, &out)
		}
		if err != nil {
			out = resultBody{Problem: b.problem(problemOf(err))}
		} else if out.matches == nil || len(out.Matches) <= matchesKept {
			if len(b.latest) == latestMost {
				clear(b.latest)
			}
			b.latest[item] = out
		}
	}
	out.Ref = ref
	return out
}

// answer answers an item, of which p tells what was found wrong before.
func (b *batch) answer(item itemBody, p *problem, out *resultBody) error {
	q := p.query(item.values(b.all))
	q.batch = b
	if item.Code+item.Number+item.GTIN+item.Model == "" {
		p.fault(memberCode, faultParamOne, "code, number, gtin, model")
	}
	code, err := verify.ParseCode(item.Code)
	if item.Code != "" && err != nil {
		if len(p.faults) == 0 {
			p.code = problemBadCode
		}
		p.faults = append(p.faults, problemOf(err).faults...)
	}
	if len(p.faults) > 0 {
		return p
	}
	if item.Code == "" {
		by, _ := q.names()
		found, err := b.findAll(b.r, by, q)
		found.by, out.matches = by, &found
		return cmp.Or(err, found.all(by))
	}
	v, err := b.judge(b.r, code, q)
	if err == nil && item.Number != "" && v.Recognition.Outcome != verify.UnknownHere && match.Number(v.Number) != match.Number(item.Number) {
		p.fault(paramNumber, faultParamOther, cmp.Or(v.Number, "–"))
		return p
	}
	out.Verdict = &v
	return err
}

// refOf finds the reference of an item that cannot be read otherwise.
func refOf(text []byte) string {
	var item struct {
		Ref string `json:"ref"`
	}
	p := &problem{}
	if json.Unmarshal(text, &item) != nil || p.text(memberRef, item.Ref) == "" || len(p.faults) > 0 {
		return ""
	}
	return item.Ref
}

// factsAt returns facts as they were at a head that is or was the present one.
func factsAt(f verify.Facts, head verify.Log) verify.Facts {
	if f.Log.Size == head.Size {
		f.Log = head
		return f
	}
	then := verify.Known{Size: head.Size}
	known := func(entries []verify.Entry) []verify.Entry {
		for i, e := range entries {
			if !then.Includes(e) {
				return entries[:i]
			}
		}
		return entries
	}
	lists := func(all [][]verify.Entry) (out [][]verify.Entry) {
		for _, entries := range all {
			out = append(out, known(entries))
		}
		return out
	}
	return verify.Facts{
		Code: f.Code, Governance: f.Governance.AsOf(then), Log: head,
		Entries: known(f.Entries), Basis: lists(f.Basis), Related: lists(f.Related),
	}
}
