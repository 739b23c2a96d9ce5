package bundle

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
)

// A Report is the registry's word on many answers that it gave at once, all of
// them as of one head: the payload of a token of [envelope.Report]. With the two
// files it vouches for it is a receipt for every check in them.
type Report struct {
	Issuer   string `json:"iss"` // the origin of the log
	IssuedAt int64  `json:"iat"` // Unix seconds

	// Input and Output are the SHA-256 of what was sent and of what was answered,
	// as 64 small hexadecimal digits.
	Input  string `json:"input_sha256"`
	Output string `json:"output_sha256"`

	// In, At and Known are what was asked of all items that did not ask otherwise,
	// as it was written; empty where nothing was.
	In    verify.Jurisdiction `json:"in,omitempty"`
	At    string              `json:"at,omitempty"`    // a day or an instant
	Known string              `json:"known,omitempty"` // a size, a day or an instant

	// Every item counts once: as a fault, as ambiguous, or under the status and
	// the outcome of its one verdict, as outcomes are counted (see
	// [verify.Outcome.Counted]). One that names no record is unknown.
	Items     int64                    `json:"items"`
	Faults    int64                    `json:"faults"`    // could not be answered
	Ambiguous int64                    `json:"ambiguous"` // more than one record fits
	Statuses  map[verify.Status]int64  `json:"statuses"`
	Outcomes  map[verify.Outcome]int64 `json:"outcomes"`

	Log    verify.Log   `json:"log"`              // the head that every item was asked of
	Beside []verify.Log `json:"beside,omitempty"` // heads of other logs, which it was asked of too
}

// ParseReport reads the payload of a token of a report, already verified. The
// error wraps [envelope.ErrMalformed] and names everything that is wrong with it:
// a member that a report does not have, or counts that do not add up.
func ParseReport(payload []byte) (r Report, err error) {
	if err := envelope.Decode(payload, &r); err != nil {
		return Report{}, fmt.Errorf("report: %w", err)
	}
	var f faults
	f.signed(r.Issuer, r.IssuedAt, r.Log)
	for i, l := range r.Beside {
		f.add(!verify.ValidOrigin(l.Origin) || l.Size < 1 || l.Time.IsZero() || l.Origin == r.Log.Origin || slices.ContainsFunc(r.Beside[:i], func(o verify.Log) bool { return o.Origin == l.Origin }),
			"beside[%d]: %.80q is not the head of another log", i, l.Origin)
	}
	f.add(!digest(r.Input), "input_sha256: %.80q is not a SHA-256 in hexadecimal", r.Input)
	f.add(!digest(r.Output), "output_sha256: %.80q is not a SHA-256 in hexadecimal", r.Output)
	f.add(r.In != "" && !slices.Contains(verify.Jurisdictions, r.In), "in: %.40q is no place", r.In)
	_, noDay := verify.ParseDate(r.At)
	_, noTime := time.Parse(time.RFC3339, r.At)
	f.add(r.At != "" && noDay != nil && noTime != nil, "at: %.40q is neither a day nor an instant", r.At)
	_, noSize := strconv.ParseInt(r.Known, 10, 64)
	_, noTime = time.Parse(time.RFC3339, r.Known)
	_, noDay = verify.ParseDate(r.Known)
	f.add(r.Known != "" && noSize != nil && noDay != nil && noTime != nil, "known: %.40q is neither a size, a day nor an instant", r.Known)
	f.add(min(r.Items, r.Faults, r.Ambiguous) < 0 || r.Items > countMost, "items: %d with %d faults and %d ambiguous", r.Items, r.Faults, r.Ambiguous)
	statuses := count(&f, "statuses", r.Statuses, verify.Statuses)
	outcomes := count(&f, "outcomes", r.Outcomes, verify.Outcomes)
	answered := r.Items - r.Faults - r.Ambiguous
	f.add(statuses != answered || outcomes != answered, "items: %d of %d have an answer, %d a status, %d an outcome", answered, r.Items, statuses, outcomes)
	if err := f.err("report"); err != nil {
		return Report{}, err
	}
	return r, nil
}

// countMost is more than anybody counts, and little enough to add up.
const countMost = 1 << 53

// count adds up the counts of what there may be.
func count[K ~string](f *faults, place string, counts map[K]int64, all []K) (sum int64) {
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		n := counts[name]
		f.add(!slices.Contains(all, name), "%s: %.40q is none of %q", place, name, all)
		f.add(n < 1 || n > countMost, "%s.%.40s: %d", place, name, n)
		sum += n
	}
	return sum
}

func digest(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && hex.EncodeToString(b) == s
}

// Payload returns the JSON that is signed.
func (r Report) Payload() []byte { return payloadOf(r) }
