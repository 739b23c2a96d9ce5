package web

import (
	"encoding/hex"
	"net/http"
	"strings"
	"sync"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// reportsMost is how many reports are kept.
const reportsMost = 1024

// reports keeps the latest reports, by the digest of the answer that each is
// about, until they are fetched. They are gone when the server ends: who wants
// one fetches it at once.
type reports struct {
	mu    sync.Mutex
	kept  map[string]string // tokens, by digest in hexadecimal
	order []string          // digests, the oldest first
}

// keep keeps a report. Of two answers with the very same bytes the later one's
// report stays.
func (k *reports) keep(digest, token string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[string]string{}
	}
	if _, there := k.kept[digest]; !there {
		k.order = append(k.order, digest)
	}
	k.kept[digest] = token
	if len(k.order) > reportsMost {
		delete(k.kept, k.order[0])
		k.order = k.order[1:]
	}
}

func (k *reports) of(digest string) (token string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	token, ok = k.kept[digest]
	return token, ok
}

// tally counts a result in a report.
func tally(report *bundle.Report, result *resultBody) {
	count := func(v *verify.Verdict) {
		report.Statuses[v.Validity.Status]++
		report.Outcomes[v.Recognition.Outcome.Counted()]++
	}
	report.Items++
	switch {
	case result.Problem != nil:
		report.Faults++
	case result.Verdict != nil:
		count(result.Verdict)
	case result.Ambiguous:
		report.Ambiguous++
	case len(result.Matches) == 1:
		count(&result.Matches[0])
	default:
		report.Statuses[verify.StatusUnknown]++
		report.Outcomes[verify.UnknownHere]++
	}
}

// file signs the report about an answer of that digest, keeps it, and returns its
// address. It is empty where the report could not be signed, which the operator
// is told.
func (b *batch) file(sum []byte) string {
	b.report.IssuedAt = b.registry.Head().Time.Unix()
	b.report.Input = hex.EncodeToString(b.input.Sum(nil))
	b.report.Output = hex.EncodeToString(sum)
	token, err := b.registry.Answer().SealAs(envelope.Report, b.report.Payload())
	if err != nil {
		b.accident(b.r, &problem{err: err})
		return ""
	}
	b.reports.keep(b.report.Output, token)
	return b.below(b.r) + "/api/v1/reports/" + b.report.Output + ".jwt"
}

// reportFile answers with the report about the answer whose digest is the name
// of the file.
func (s *site) reportFile(r *http.Request) (exhibit, error) {
	name := r.PathValue("file")
	digest, named := strings.CutSuffix(name, ".jwt")
	token, ok := s.reports.of(digest)
	if !named || !ok {
		return exhibit{}, registry.ErrNotFound
	}
	return exhibit{file{mediaJWT, []byte(token), cacheShort}, http.StatusOK, name}, nil
}
