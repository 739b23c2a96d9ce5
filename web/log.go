package web

import (
	"net/http"
	"time"

	"tegata/verify"
	"tegata/verify/tlog"
)

// A logBody names the log, its keys and who has seen it, for who wants to check
// it.
type logBody struct {
	verify.Log
	LogKey      tlog.LogKey      `json:"log_key"`      // verifier key of the checkpoint (c2sp.org/signed-note)
	CosignerKey tlog.CosignerKey `json:"cosigner_key"` // of its date (c2sp.org/tlog-cosignature)
	Witnesses   []witnessBody    `json:"witnesses"`    // who cosigns
	Mirror      *mirrorBody      `json:"mirror,omitempty"`
	Beside      []besideLog      `json:"beside,omitempty"`
}

// A besideLog is the head of another log that is answered for here, and the address
// below which it is answered for by itself.
type besideLog struct {
	verify.Log
	At string `json:"at"`
}

// A witnessBody is the head that somebody else cosigned last, without size and
// time where nothing was heard since this server was started.
type witnessBody struct {
	Key  tlog.CosignerKey `json:"key"`
	Size int64            `json:"size,omitempty"`
	Time time.Time        `json:"time,omitzero"`
}

// log answers with the head and the keys of the log and who cosigned it, and
// tells people how to check all of it.
func (s *site) log(*http.Request) (view, error) {
	body := logBody{
		Log: s.registry.Head(), LogKey: s.registry.LogKey(), CosignerKey: s.registry.CosignerKey(),
		Witnesses: []witnessBody{}, Mirror: newMirrorBody(s.registry),
	}
	for _, c := range s.registry.Cosigned() {
		body.Witnesses = append(body.Witnesses, witnessBody{c.By, c.Size, c.Time})
	}
	for _, one := range s.others {
		body.Beside = append(body.Beside, besideLog{one.registry.Head(), one.url})
	}
	trust, err := s.registry.Trust()
	if err != nil {
		return view{}, err
	}
	_, dated, err := s.datedHead()
	if err != nil {
		return view{}, err
	}
	out := view{status: http.StatusOK, body: body, tag: []any{dated, body.Witnesses, body.Mirror, body.Beside}}
	out.page = func(b basePage) (string, any) { return pageLog, newLogPage(b, s.url, body, dated, trust) }
	return out, nil
}

// A datedHead is the head of the log with the date that the registry put to it.
type datedHead struct {
	tlog.Checkpoint
	Time time.Time
}

// datedHead returns the checkpoint, opened as a reader would.
func (s *site) datedHead() (signed []byte, d datedHead, err error) {
	if signed, err = s.registry.Checkpoint(); err != nil {
		return nil, d, err
	}
	d.Checkpoint, d.Time, err = s.registry.OpenCheckpoint(signed)
	return signed, d, err
}
