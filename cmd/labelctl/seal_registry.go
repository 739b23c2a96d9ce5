package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"tegata/verify"
	"tegata/verify/bundle"
)

// A checkedWith is a registry that is asked what only it knows of a statement. It
// is taken at its word: whatever it says, it decides when the statement comes.
type checkedWith struct {
	*client
	origin string
	trust  bundle.Trust
}

// withRegistry asks a registry which log it keeps.
func withRegistry(ctx context.Context, to string, lang language) (*checkedWith, error) {
	registry, err := newClient("to", to, lang)
	if err != nil {
		return nil, err
	}
	with := &checkedWith{client: registry}
	if with.origin, err = registry.origin(ctx); err != nil {
		return nil, err
	}
	_, text, err := registry.get(ctx, "/api/v1/trust")
	if err == nil {
		with.trust, err = bundle.ParseTrust(text)
	}
	return with, err
}

// faults says what stands against entering a statement without faults of its own.
// Of a first statement it is its log, code and number; of another all that
// admission would say, but for what a party may say that has not spoken there.
func (w *checkedWith) faults(ctx context.Context, s verify.Statement) (faults verify.Faults, err error) {
	switch {
	case s.Kind.First():
		return w.first(ctx, s)
	case s.Code != "":
		return w.following(ctx, s)
	}
	return w.elsewhere(s), nil
}

func (w *checkedWith) elsewhere(s verify.Statement) (faults verify.Faults) {
	if s.Origin != w.origin {
		faults = verify.Faults{{Field: "origin", Rule: verify.WrongOrigin, Detail: w.origin}}
	}
	return faults
}

func (w *checkedWith) first(ctx context.Context, s verify.Statement) (verify.Faults, error) {
	faults := w.elsewhere(s)
	_, body, err := w.get(ctx, "/api/v1/verify/"+string(s.Code))
	if err != nil {
		return nil, err
	}
	found, err := readVerdicts(body, s.Code)
	if err != nil {
		return nil, err
	}
	// What a compromised key began is begun again, under the same code.
	if status := found[0].Validity.Status; status != verify.StatusUnknown && status != verify.StatusUntrusted {
		faults = append(faults, verify.Fault{Field: "code", Rule: verify.CodeUsed})
	}
	b, isLabel := s.Body.(*verify.Issued)
	if !isLabel {
		return faults, nil
	}
	_, body, err = w.get(ctx, "/api/v1/verify?"+url.Values{"number": {b.Label.Number}, "scheme": {string(verify.JCSTAR)}}.Encode())
	if err != nil {
		return nil, err
	}
	if found, err = readVerdicts(body, ""); err != nil {
		return nil, err
	}
	for _, v := range found {
		if v.Code != s.Code {
			faults = append(faults, verify.Fault{Field: "label.number", Rule: verify.NumberUsed})
			break
		}
	}
	return faults, nil
}

// following judges by the registry's own evidence whether s may follow what was
// said, as admission does.
func (w *checkedWith) following(ctx context.Context, s verify.Statement) (verify.Faults, error) {
	_, data, err := w.get(ctx, "/api/v1/bundles/"+string(s.Code))
	var no *problem
	if errors.As(err, &no) && no.Status == http.StatusNotFound {
		return append(w.elsewhere(s), verify.Fault{Field: "code", Rule: verify.CodeUnknown}), nil
	}
	if err != nil {
		return nil, err
	}
	f, err := bundle.Open(data, s.Code, w.trust)
	if err != nil {
		return nil, err
	}
	if len(f.Entries) == 0 {
		return append(w.elsewhere(s), verify.Fault{Field: "code", Rule: verify.CodeUnknown}), nil
	}
	if _, spoke := f.Governance.Party(s.By); spoke {
		_, faults := f.Imagine(s)
		return faults, nil
	}
	_, faults := f.Record(verify.Known{}).Apply(verify.Entry{Index: f.Log.Size, Logged: f.Log.Time, Statement: s})
	return append(w.elsewhere(s), faults...), nil
}
