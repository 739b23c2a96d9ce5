package web

import (
	"context"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/status"
	"tegata/verify/tlog"
)

// Media types of evidence.
const (
	mediaJWT  = "application/jwt"          // RFC 7519
	mediaJWKs = "application/jwk-set+json" // RFC 7517
	mediaText = "text/plain; charset=utf-8"
)

// An exhibit is a file of evidence: to be kept, and to be shown to somebody who
// was not there.
type exhibit struct {
	file
	status int
	name   string // to be kept under
}

// exhibit serves the evidence that h finds.
func (s *site) exhibit(h func(*http.Request) (exhibit, error)) http.HandlerFunc {
	return s.resting(func(r *http.Request) (exhibit, rest, error) {
		e, err := h(r)
		return e, rest{}, err
	})
}

// resting serves the evidence that h finds, with what it rests on.
func (s *site) resting(h func(*http.Request) (exhibit, rest, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e, on, err := h(r)
		if err != nil {
			s.problemJSON(w, r, problemOf(err))
			return
		}
		a := newReply(e.status, e.media, e.data)
		a.share()
		if path.Base(r.URL.Path) != e.name { // else whoever keeps it takes that name anyway
			a.set("Content-Disposition", inline(e.name))
		}
		a.cache[0], a.rest = e.cache, on
		a.tag[0] = e.keeping().tag
		s.send(w, r, a)
	}
}

// bySuffix gives what a parameter of the path ends with to one handler, without
// that end, and all else to another: the router knows whole segments only.
func bySuffix(param, suffix string, with, without http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if value, found := strings.CutSuffix(r.PathValue(param), suffix); found {
			r.SetPathValue(param, value)
			with(w, r)
			return
		}
		without(w, r)
	}
}

// statusList returns the address of the status list that holds the place of a
// code's newest first statement. It is empty where there is none.
func (s *site) statusList(ctx context.Context, code verify.Code) (string, error) {
	f, err := s.registry.Lookup(ctx, code)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(f.Entries) {
		if !e.Kind.First() {
			continue
		}
		receipt, err := s.registry.Receipt(e.Index)
		if err != nil {
			return "", err
		}
		return "/status/" + strconv.FormatInt(receipt.Status/status.ListSize, 10), nil
	}
	return "", nil
}

// proof answers with the receipt of an entry as c2sp.org/tlog-proof has it, at
// the present head.
func (s *site) proof(r *http.Request) (exhibit, error) {
	index, err := parseIndex(r.PathValue("index"))
	if err != nil {
		return exhibit{}, registry.ErrNotFound
	}
	receipt, err := s.registry.Receipt(index)
	if err != nil {
		return exhibit{}, err
	}
	text := tlog.Proof{Index: receipt.Index, Hashes: receipt.Proof, Checkpoint: receipt.Checkpoint}.Marshal()
	return exhibit{file{mediaText, text, cacheShort}, http.StatusOK, r.PathValue("index") + ".tlog-proof"}, nil
}

// bundle answers with all that is needed to judge a code offline. For a code
// that is not in this registry too the status is 200: the bundle is there, and
// what it says, by the registry's own signature, is that nothing is known. A
// status of 404 would make the commonest clients throw that evidence away.
func (s *site) bundle(r *http.Request) (exhibit, error) {
	code, err := verify.ParseCode(r.PathValue("code"))
	if err != nil {
		return exhibit{}, err
	}
	data, err := s.registry.Bundle(r.Context(), code)
	return exhibit{file{"application/json", data, cacheShort}, http.StatusOK, string(code) + ".bundle.json"}, err
}

// trust answers with the trust file as the registry states it of itself.
// Whoever takes it compares its fingerprint by another way than this one.
func (s *site) trust(*http.Request) (exhibit, error) {
	t, err := s.registry.Trust()
	return exhibit{file{"application/json", t.Marshal(), cacheShort}, http.StatusOK, "trust.json"}, err
}

// A keyBody is one of the keys that sign the registry's own answers (RFC 7517,
// section 4).
type keyBody struct {
	verify.JWK
	KeyID     verify.KeyID `json:"kid"`
	Algorithm string       `json:"alg"`
	Use       string       `json:"use"`
}

// jwks answers with the keys that sign the registry's own answers, the present
// one first, as a JWK Set (RFC 7517, section 5).
func (s *site) jwks(*http.Request) (file, error) {
	t, err := s.registry.Trust()
	if err != nil {
		return file{}, err
	}
	var set struct {
		Keys []keyBody `json:"keys"`
	}
	for _, k := range t.AnswerKeys {
		algorithm := "EdDSA"
		if k.Key.Kty == "EC" {
			algorithm = "ES256"
		}
		set.Keys = append(set.Keys, keyBody{k.Key, k.Key.Thumbprint(), algorithm, "sig"})
	}
	body, err := marshal(set)
	return file{mediaJWKs, body, cacheShort}, err
}

// inline names a file to be shown or saved: one that is not ASCII as RFC 8187 has
// it, since a header is not UTF-8.
func inline(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		return mime.FormatMediaType("inline", map[string]string{"filename": name})
	}
	return `inline; filename="` + name + `"`
}
