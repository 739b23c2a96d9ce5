package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/credential"
	"tegata/verify/envelope"
	"tegata/verify/status"
)

// Media types of credentials (VC-JOSE-COSE) and of DID documents.
const (
	mediaCredential = "application/vc+jwt"
	mediaDID        = "application/did"
)

// issuing is this registry as who issues credentials.
func (s *site) issuing() credential.Registry {
	return credential.Registry{URL: s.url, Origin: s.registry.Origin()}
}

// credential answers for one code with a Verifiable Credential, as of now: like a
// signed answer it is not for others to keep. What does not stand has none, and
// what became of one that was given out is in the lists it names.
func (s *site) credential(r *http.Request) (exhibit, error) {
	code, err := verify.ParseCode(r.PathValue("code"))
	if err != nil {
		return exhibit{}, err
	}
	c, err := s.credentialOf(r.Context(), code)
	none := credential.None{}
	switch {
	case errors.As(err, &none) && none.Status == verify.StatusUnknown:
		return exhibit{}, &problem{status: http.StatusNotFound, code: problemUnknownCode, detail: code.Printed()}
	case errors.As(err, &none):
		return exhibit{}, &problem{status: http.StatusConflict, code: problemNoCredential, reason: none.Reason}
	case err != nil:
		return exhibit{}, err
	}
	return s.sealed(c.Payload(), cacheNever, string(code)+".vc.jwt")
}

// credentialOf is the credential of a code as of now. The error is a
// [credential.None] where there is none.
func (s *site) credentialOf(ctx context.Context, code verify.Code) (credential.Credential, error) {
	f, err := s.registry.Lookup(ctx, code)
	if err != nil {
		return credential.Credential{}, err
	}
	record := f.Record(verify.Known{})
	c, err := credential.New(record, f.Governance, f.Log.Time, s.issuing())
	if err != nil {
		return c, err
	}
	place, err := s.place(record)
	c.Status = s.issuing().Entries(place)
	return c, err
}

// hasCredential reports whether a code has one now.
func (s *site) hasCredential(ctx context.Context, code verify.Code) (bool, error) {
	f, err := s.registry.Lookup(ctx, code)
	if err != nil {
		return false, err
	}
	return credential.Check(f.Record(verify.Known{}), f.Log.Time) == nil, nil
}

// statusBits answers with a status list as a Bitstring Status List, for one
// purpose: the same places, of the same instant, as the list itself.
func (s *site) statusBits(r *http.Request) (exhibit, error) {
	purpose := status.Purpose(r.PathValue("purpose"))
	if !slices.Contains(status.Purposes, purpose) {
		return exhibit{}, registry.ErrNotFound
	}
	n, list, err := s.statusListOf(r)
	if err != nil {
		return exhibit{}, err
	}
	c := credential.NewList(list, n, purpose, s.issuing())
	return s.sealed(c.Payload(), listCache(list), "status-"+strconv.FormatInt(n, 10)+"-"+string(purpose)+".vc.jwt")
}

// sealed is a credential as the registry signs it.
func (s *site) sealed(payload []byte, cache, name string) (exhibit, error) {
	token, err := s.registry.Answer().SealBytes(envelope.Credential, payload)
	return exhibit{file{mediaCredential, token, cache}, http.StatusOK, name}, err
}

// did answers with the document that the registry's name in credentials leads
// to: the keys of its answers, by the method web.
func (s *site) did(*http.Request) (file, error) {
	t, err := s.registry.Trust()
	if err != nil {
		return file{}, err
	}
	var keys []credential.Key
	for _, one := range s.others { // what they issue has the same host
		other, err := one.registry.Trust()
		if err != nil {
			return file{}, err
		}
		t.AnswerKeys = append(t.AnswerKeys, other.AnswerKeys...)
	}
	for _, k := range t.AnswerKeys {
		keys = append(keys, credential.Key{JWK: k.Key, Until: k.Until})
	}
	body, err := marshal(credential.NewDID(s.issuing(), keys))
	return file{mediaDID, body, cacheShort}, err
}
