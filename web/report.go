package web

import (
	"encoding/hex"
	"net/http"
	"strings"
	"sync"

	"tegata/registry"
	"tegata/verify"
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

// counted is what an item counts as in a report, but for a fault: under the status
// and outcome of its one verdict, or where both are empty as ambiguous.
type counted struct {
	status  verify.Status
	outcome verify.Outcome
}

// countedAs is what a result counts as that is no problem.
func countedAs(r *resultBody) counted {
	v := r.Verdict
	switch {
	case v == nil && len(r.Matches) == 0:
		return counted{verify.StatusUnknown, verify.UnknownHere}
	case v == nil && r.Ambiguous:
		return counted{}
	case v == nil:
		v = &r.Matches[0]
	}
	return counted{v.Validity.Status, v.Recognition.Outcome.Counted()}
}

// tally counts a result in the report.
func (b *batch) tally(r *resultBody) {
	if r.Problem == nil {
		b.count(countedAs(r))
		return
	}
	b.report.Items++
	b.report.Faults++
}

// count counts one more item. Those that count as the one before are added up, and
// entered in the report together.
func (b *batch) count(c counted) {
	b.report.Items++
	if c != b.like {
		b.enter()
		b.like = c
	}
	b.alike++
}

func (b *batch) enter() {
	switch {
	case b.alike == 0:
	case b.like == counted{}:
		b.report.Ambiguous += b.alike
	default:
		b.report.Statuses[b.like.status] += b.alike
		b.report.Outcomes[b.like.outcome] += b.alike
	}
	b.alike = 0
}

// file signs the report about an answer of that digest, keeps it, and returns its
// address. It is empty where the report could not be signed, which the operator
// is told.
func (b *batch) file(sum []byte) string {
	b.enter()
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
