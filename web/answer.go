package web

import (
	"net/http"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// answer answers for one code as verdict does, with the registry's signature: a
// receipt for a check, to be filed. It names the instant at which it was signed,
// and is given to all who ask while nothing it says has changed, for half a minute
// at the most; no cache of others adds to that. That a code is not in this registry
// is answered, and signed, with status 404.
func (s *site) answer(r *http.Request) (exhibit, rest, error) {
	j, err := s.ruling(r)
	if err != nil {
		return exhibit{}, rest{}, err
	}
	token, err := s.registry.Answer().SealBytes(envelope.Verdict, bundle.NewAnswer(j.Verdict).PayloadIn(j.wording(true)))
	if err != nil {
		return exhibit{}, rest{}, err
	}
	out := exhibit{file{mediaJWT, token, cacheNever}, http.StatusOK, string(j.Code) + ".jwt"}
	if j.Recognition.Outcome == verify.UnknownHere {
		out.status = http.StatusNotFound
	}
	return out, j.on, nil
}
