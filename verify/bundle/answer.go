package bundle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
)

// An Answer is a verdict with the registry's name and the moment of signing:
// the payload of a token of [envelope.Verdict]. It names all that is needed to
// work it out again from the log years later: the code, the place, the instant,
// the state of the log, the head and the product in hand.
type Answer struct {
	Issuer   string `json:"iss"` // the origin of the log
	IssuedAt int64  `json:"iat"` // Unix seconds

	// KnownAt is until when the state of the log that the question names was its
	// head; ages of observations count from then. It is absent where that state
	// is the head of the verdict itself, at the head's time.
	KnownAt time.Time `json:"known_at,omitzero"`

	verify.Verdict
}

// NewAnswer returns the answer of a log to a question, as it stands at the time
// of the log's head. The verdict's question names a state of the log by its size.
func NewAnswer(v verify.Verdict) Answer {
	a := Answer{Issuer: v.Log.Origin, IssuedAt: v.Log.Time.Unix(), KnownAt: v.Question.Known.Time, Verdict: v}
	a.Question.Known.Time = time.Time{}
	return a
}

// Asked returns the question that was answered, to be put to the same facts
// again. Its place is empty where the code was unknown and none was named.
func (a Answer) Asked() verify.Question {
	q := a.Question
	q.Known.Time = a.KnownAt
	return q
}

// ParseAnswer reads the payload of a token of a verdict, already verified. The
// error wraps [envelope.ErrMalformed] and names everything that is wrong with it:
// a member that an answer does not have, or one that leaves open what was asked.
func ParseAnswer(payload []byte) (a Answer, err error) {
	if err := envelope.Decode(payload, &a); err != nil {
		return Answer{}, fmt.Errorf("answer: %w", err)
	}
	var f faults
	f.signed(a.Issuer, a.IssuedAt, a.Log)
	f.add(a.Code == "", "code: it is missing")
	f.add(!slices.Contains(verify.Statuses, a.Validity.Status), "validity.status: %.40q", a.Validity.Status)
	f.add(!slices.Contains(verify.Outcomes, a.Recognition.Outcome), "recognition.outcome: %.40q", a.Recognition.Outcome)
	unknown := a.Recognition.Outcome == verify.UnknownHere
	f.add(unknown != (a.Validity.Status == verify.StatusUnknown), "recognition.outcome: %s of a record that is %s", a.Recognition.Outcome, a.Validity.Status)

	q := a.Question
	f.add(q.In == "" && !unknown || q.In != "" && !slices.Contains(verify.Jurisdictions, q.In), "question.in: %.40q is no place", q.In)
	f.add(q.At.IsZero(), "question.at: it is missing")
	f.add(q.Known.Size < 1 || q.Known.Size > a.Log.Size, "question.known: %d of a log of %d is no size it had", q.Known.Size, a.Log.Size)
	f.add(q.Known.Size < a.Log.Size && a.KnownAt.IsZero(), "known_at: it is missing, and the question is of an earlier state")
	f.add(a.KnownAt.After(a.Log.Time), "known_at: it is after the time of the head")
	if err := f.err("answer"); err != nil {
		return Answer{}, err
	}
	return a, nil
}

// Payload returns the JSON that is signed.
func (a Answer) Payload() []byte { return payloadOf(a) }

// PayloadIn is Payload where the wording of the verdict is there, escaped for HTML.
func (a Answer) PayloadIn(w *verify.Wording) []byte {
	const rest = 512 // what the wording does not have, of usual size
	b := w.Text(append(make([]byte, 0, w.Len()+rest), `{"iss":`...), a.Issuer)
	b = strconv.AppendInt(append(b, `,"iat":`...), a.IssuedAt, 10)
	if !a.KnownAt.IsZero() {
		b = append(append(b, `,"known_at":`...), payloadOf(a.KnownAt)...)
	}
	return append(w.Append(append(b, ','), &a.Verdict), '}')
}

func payloadOf(claims any) []byte {
	b, err := json.Marshal(claims)
	if err != nil {
		panic(err) // texts, numbers and instants only
	}
	return b
}

// faults are what is wrong with something, each with its place.
type faults []string

func (f *faults) add(bad bool, format string, args ...any) {
	if bad {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}

// signed notes what is wrong with who signed when, as of which head.
func (f *faults) signed(issuer string, issued int64, log verify.Log) {
	f.add(!verify.ValidOrigin(log.Origin), "log.origin: %.80q is not the name of a log", log.Origin)
	f.add(issuer != log.Origin, "iss: %.80q answers for the log %.80q", issuer, log.Origin)
	f.add(log.Size < 1, "log.size: %d", log.Size)
	f.add(log.Root == verify.Root{}, "log.root: it is missing")
	f.add(log.Time.IsZero(), "log.time: it is missing")
	f.add(issued <= 0 || issued < log.Time.Unix(), "iat: %d is before the time of the head", issued)
}

func (f faults) err(what string) error {
	if len(f) == 0 {
		return nil
	}
	return fmt.Errorf("%w %s: %s", envelope.ErrMalformed, what, strings.Join(f, "; "))
}
