package web

import (
	"net/http"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// answer answers for one code as verdict does, with the registry's signature: a
// receipt for a check, to be kept. It is of the moment it was asked for, so it
// is never taken from a cache. That a code is not in this registry is answered,
// and signed, with status 404.
func (s *site) answer(r *http.Request) (exhibit, error) {
	code, err := verify.ParseCode(r.PathValue("code"))
	if err != nil {
		return exhibit{}, err
	}
	q, p := parseQuery(r)
	if p != nil {
		return exhibit{}, p
	}
	v, err := s.judge(r, code, q)
	if err != nil {
		return exhibit{}, err
	}
	token, err := s.registry.Answer().SealAs(envelope.Verdict, bundle.NewAnswer(v).Payload())
	if err != nil {
		return exhibit{}, err
	}
	out := exhibit{file{mediaJWT, []byte(token), cacheNever}, http.StatusOK, string(code) + ".jwt"}
	if v.Recognition.Outcome == verify.UnknownHere {
		out.status = http.StatusNotFound
	}
	return out, nil
}
