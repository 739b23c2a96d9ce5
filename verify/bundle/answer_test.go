package bundle_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// TestAnswer: what is signed says all that is needed to work it out again, from
// the facts of the same head or of a later one, and says the same put together from
// the wording of its verdict.
func TestAnswer(t *testing.T) {
	k := told(t)
	head := k.Registry.Head()
	sizes := []verify.Known{{}, {Size: head.Size}, {Size: head.Size, Time: head.Time.AddDate(0, 0, -400)}}
	for _, size := range []int64{1, head.Size / 3, head.Size / 2, head.Size - 1} {
		known, err := k.Registry.KnownAt(size)
		if err != nil {
			t.Fatal(err)
		}
		earlier := known
		earlier.Time = earlier.Time.Add(-1) // asked for by an instant
		sizes = append(sizes, known, earlier)
	}
	for _, code := range append(codes(t, k), nowhere) {
		f, err := k.Registry.Lookup(context.Background(), code)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []verify.Jurisdiction{"", verify.InGB, verify.InJP} {
			for _, known := range sizes {
				v := verify.Judge(f, verify.Question{In: in, Known: known})
				payload := bundle.NewAnswer(v).Payload()
				if got := bundle.NewAnswer(v).PayloadIn(f.Wording(&v, true)); string(got) != string(payload) {
					t.Errorf("%s %v: put together it is\n%s, want\n%s", code, known, got, payload)
				}
				a, err := bundle.ParseAnswer(payload)
				if err != nil {
					t.Fatalf("%s %v: %v", code, known, err)
				}
				if a.Issuer != "labels.example" || a.IssuedAt != head.Time.Unix() {
					t.Errorf("%s: got %s at %d", code, a.Issuer, a.IssuedAt)
				}
				again := verify.Judge(f, a.Asked())
				if d := cmp.Diff(v, again); d != "" {
					t.Errorf("%s %v (-answered +worked out again):\n%s", code, known, d)
				}
				again.Question.Known.Time = a.Question.Known.Time
				if d := cmp.Diff(again, a.Verdict); d != "" {
					t.Errorf("%s %v (-worked out again +signed):\n%s", code, known, d)
				}
			}
		}
	}
}

// specimens are the answer to a question about an earlier state of the log, and
// a report that counts it.
func specimens(tb testing.TB) (answer, report map[string]any) {
	k := told(tb)
	f, err := k.Registry.Lookup(context.Background(), "7K3MQ2ZT9XWE")
	if err != nil {
		tb.Fatal(err)
	}
	known, err := k.Registry.KnownAt(f.Log.Size - 1)
	if err != nil {
		tb.Fatal(err)
	}
	v := verify.Judge(f, verify.Question{Known: known})
	if err := json.Unmarshal(bundle.NewAnswer(v).Payload(), &answer); err != nil {
		tb.Fatal(err)
	}
	r := bundle.Report{
		Issuer: f.Log.Origin, IssuedAt: f.Log.Time.Unix() + 9,
		Input: strings.Repeat("0a", 32), Output: strings.Repeat("f9", 32),
		In: verify.InGB, At: "2026-06-01", Known: "12",
		Items: 9, Faults: 2, Ambiguous: 1,
		Statuses: map[verify.Status]int64{verify.StatusValid: 4, verify.StatusUnknown: 2},
		Outcomes: map[verify.Outcome]int64{verify.TreatedAsCompliant: 3, verify.LayersDiffer: 1, verify.UnknownHere: 2},
		Log:      f.Log,
	}
	if err := json.Unmarshal(r.Payload(), &report); err != nil {
		tb.Fatal(err)
	}
	return answer, report
}

// A refusal is one thing that is changed in what may be signed, and what is said
// of it. Nothing is said where it may be so.
type refusal struct {
	path  string // members, between full stops
	value any    // nil: the member is taken out
	want  string
}

func refuses(t *testing.T, valid map[string]any, parse func([]byte) error, refusals []refusal) {
	t.Helper()
	text, err := json.Marshal(valid)
	if err != nil {
		t.Fatal(err)
	}
	if err := parse(text); err != nil {
		t.Fatalf("unchanged: %v", err)
	}
	for _, r := range refusals {
		var changed map[string]any
		if err := json.Unmarshal(text, &changed); err != nil {
			t.Fatal(err)
		}
		at, names := changed, strings.Split(r.path, ".")
		for _, name := range names[:len(names)-1] {
			at = at[name].(map[string]any)
		}
		if last := names[len(names)-1]; r.value == nil {
			delete(at, last)
		} else {
			at[last] = r.value
		}
		b, err := json.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		err = parse(b)
		switch {
		case r.want == "" && err != nil:
			t.Errorf("%s = %v: got %v", r.path, r.value, err)
		case r.want != "" && (!errors.Is(err, envelope.ErrMalformed) || !strings.Contains(err.Error(), r.want)):
			t.Errorf("%s = %v: got %v, want malformed and %q", r.path, r.value, err, r.want)
		}
	}
	for _, b := range []string{"", "[]", "null", string(text) + "{}", strings.Replace(string(text), "{", `{"iss":"labels.example",`, 1)} {
		if err := parse([]byte(b)); !errors.Is(err, envelope.ErrMalformed) {
			t.Errorf("%.40s: got %v, want malformed", b, err)
		}
	}
}

// signedBy are refusals of who signed when, as of which head.
var signedBy = []refusal{
	{"iss", nil, "iss: "},
	{"iss", "other.example", "iss: "},
	{"iat", nil, "iat: "},
	{"iat", 1, "iat: 1 is before"},
	{"iat", "1893456000", "wrong type"},
	{"iat", 1 << 40, ""},
	{"extra", 1, "unknown"},
	{"log", nil, "log.root: it is missing"},
	{"log.origin", "Labels", "log.origin: "},
	{"log.size", 0, "log.size: 0"},
	{"log.root", nil, "log.root: it is missing"},
	{"log.root", "AAAA", "wrong type"},
	{"log.time", nil, "log.time: it is missing"},
	{"log.more", true, "unknown"},
}

func TestParseAnswerRefuses(t *testing.T) {
	answer, _ := specimens(t)
	parse := func(b []byte) error { _, err := bundle.ParseAnswer(b); return err }
	refuses(t, answer, parse, append(signedBy, []refusal{
		{"code", "7k3mq2zt9xwe", "wrong type at \"/code\""},
		{"code", "7K3MQ2ZT9XWA", "wrong type at \"/code\""},
		{"code", nil, "code: "},
		{"question", nil, "question.at: it is missing"},
		{"question.in", nil, "question.in: "},
		{"question.in", "UK", "question.in: "},
		{"question.at", nil, "question.at: it is missing"},
		{"question.at", "2026-06-01", "wrong type"},
		{"question.known", nil, "question.known: 0"},
		{"question.known", 0, "question.known: 0"},
		{"question.known", 1000, "question.known: 1000"},
		{"question.known", "2026-06-01T00:00:00Z", "question.known: 0"},
		{"known_at", nil, "known_at: it is missing"},
		{"known_at", "2031-01-01T00:00:00Z", "known_at: it is after"},
		{"known_at", "2026-01-01T00:00:00Z", ""},
		{"validity.status", "green", "validity.status: "},
		{"validity.status", "unknown", "recognition.outcome: "},
		{"recognition.outcome", "yes", "recognition.outcome: "},
		{"recognition.outcome", "unknown", "recognition.outcome: "},
		{"recognition.sure", true, "unknown"},
		{"number", "OTHER", ""},
	}...))
}

func TestParseReportRefuses(t *testing.T) {
	_, report := specimens(t)
	parse := func(b []byte) error { _, err := bundle.ParseReport(b); return err }
	own := report["log"].(map[string]any)
	beside := maps.Clone(own)
	beside["origin"] = "fables.example"
	refuses(t, report, parse, append(signedBy, []refusal{
		{"input_sha256", nil, "input_sha256: "},
		{"input_sha256", strings.Repeat("0A", 32), "input_sha256: "},
		{"output_sha256", strings.Repeat("0a", 31), "output_sha256: "},
		{"in", "UK", "in: "},
		{"in", nil, ""},
		{"at", "today", "at: "},
		{"at", "2026-06-01T00:00:00+09:00", ""},
		{"known", "x", "known: "},
		{"known", "2026-06-01T00:00:00Z", ""},
		{"items", 10, "items: 7 of 10 have an answer, 6 a status, 6 an outcome"},
		{"items", -1, "items: -1"},
		{"items", 1 << 54, "items: 18014398509481984"},
		{"faults", nil, "items: 8 of 9"},
		{"ambiguous", -1, "-1 ambiguous"},
		{"statuses.valid", 5, "7 a status"},
		{"statuses.valid", 1 << 62, "statuses.valid: "},
		{"statuses.valid", 0, "statuses.valid: 0"},
		{"statuses.fine", 1, "statuses: "},
		{"statuses", nil, "0 a status"},
		{"outcomes.layers_differ", nil, "5 an outcome"},
		{"outcomes.yes", 1, "outcomes: "},
		{"beside", []any{beside}, ""},
		{"beside", []any{beside, beside}, "beside[1]: "},
		{"beside", []any{own}, "beside[0]: "},
		{"beside", []any{map[string]any{"origin": "fables.example"}}, "beside[0]: "},
	}...))
}

func FuzzParseAnswer(f *testing.F) {
	answer, _ := specimens(f)
	b, err := json.Marshal(answer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := bundle.ParseAnswer(b)
		if err != nil {
			if !errors.Is(err, envelope.ErrMalformed) {
				t.Fatalf("got %v, want malformed", err)
			}
			return
		}
		again, err := bundle.ParseAnswer(a.Payload())
		if err != nil {
			t.Fatalf("accepted, and refused as it was printed: %v", err)
		}
		if d := cmp.Diff(a, again); d != "" {
			t.Errorf("(-first +again):\n%s", d)
		}
	})
}

func FuzzParseReport(f *testing.F) {
	_, report := specimens(f)
	b, err := json.Marshal(report)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := bundle.ParseReport(b)
		if err != nil {
			if !errors.Is(err, envelope.ErrMalformed) {
				t.Fatalf("got %v, want malformed", err)
			}
			return
		}
		again, err := bundle.ParseReport(r.Payload())
		if err != nil {
			t.Fatalf("accepted, and refused as it was printed: %v", err)
		}
		if d := cmp.Diff(r, again); d != "" {
			t.Errorf("(-first +again):\n%s", d)
		}
	})
}
