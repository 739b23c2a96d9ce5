package pack

import (
	"bytes"
	"encoding/json"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
)

// A Record is the history of a code: what record.json holds.
type Record struct {
	Code       verify.Code   `json:"code"`
	Scheme     verify.Scheme `json:"scheme,omitempty"`
	Statements []Said        `json:"statements"`
	Log        verify.Log    `json:"log"`
}

// A Said is one statement of a record, with the bytes that were signed.
type Said struct {
	Index     int64           `json:"index"`
	Logged    time.Time       `json:"logged"`
	KeyID     verify.KeyID    `json:"kid"`
	Counts    verify.Counting `json:"counts"`
	Statement json.RawMessage `json:"statement"`
	Envelope  string          `json:"envelope"`
}

// Statements lists the history of a record, whose envelopes are found by token.
func Statements(r *verify.Record, token func(index int64) (string, error)) ([]Said, error) {
	list := []Said{}
	for _, s := range r.History {
		t, err := token(s.Index)
		if err != nil {
			return nil, err
		}
		_, payload, err := envelope.OpenLogged(t)
		if err != nil {
			return nil, err
		}
		list = append(list, Said{s.Index, s.Logged, s.Key, s.Counts, payload, t})
	}
	return list, nil
}

// Marshal returns the bytes of record.json.
func (r Record) Marshal() []byte { return append(encode(r), '\n') }

// encode writes JSON in its one spelling here: text is not escaped for HTML.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // texts, numbers, instants, and JSON that was opened
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
