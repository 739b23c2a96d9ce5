package web

import (
	"encoding/json"
	"net/http"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
)

// A recordBody is a record with its whole history.
type recordBody struct {
	Code       verify.Code   `json:"code"`
	Scheme     verify.Scheme `json:"scheme,omitempty"`
	Statements []saidBody    `json:"statements"`
	Log        verify.Log    `json:"log"`
}

// A saidBody is one statement of a record, with the bytes that were signed.
type saidBody struct {
	Index     int64           `json:"index"`
	Logged    time.Time       `json:"logged"`
	KeyID     verify.KeyID    `json:"kid"`
	Counts    verify.Counting `json:"counts"`
	Statement json.RawMessage `json:"statement"`
	Envelope  string          `json:"envelope"`
}

// record answers with the full history of a code.
func (s *site) record(r *http.Request) (view, error) {
	code, err := verify.ParseCode(r.PathValue("code"))
	if err != nil {
		return view{}, err
	}
	q, p := parseQuery(r)
	if p != nil {
		return view{}, p
	}
	f, err := s.registry.Lookup(r.Context(), code)
	if err != nil {
		return view{}, err
	}
	asked, err := s.question(q, f)
	if err != nil {
		return view{}, err
	}
	record := f.Record(asked.Known)
	body := recordBody{Code: code, Scheme: record.Scheme, Statements: []saidBody{}, Log: f.Log}
	for _, said := range record.History {
		token, err := s.registry.Envelope(said.Index)
		if err != nil {
			return view{}, err
		}
		_, payload, err := envelope.OpenLogged(token)
		if err != nil {
			return view{}, err
		}
		body.Statements = append(body.Statements, saidBody{said.Index, said.Logged, said.Key, said.Counts, payload, token})
	}
	out := view{status: http.StatusOK, body: body, tag: body.Statements}
	out.page = func(b basePage) (string, any) {
		return pageRecord, newRecordPage(b, code, record, f.Governance, f.Log)
	}
	if !record.Begun() {
		out.status = http.StatusNotFound
	}
	return out, nil
}
