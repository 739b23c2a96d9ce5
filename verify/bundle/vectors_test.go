package bundle_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// vectorFolder holds the published test vectors. Its README says what they are
// and how another language runs them.
const vectorFolder = "../testdata/vectors"

// A vector is one case: what is given, and what must come of it.
type vector struct {
	name  string
	given given
	outcome
}

// given is the input of a vector, one type for each file. Its members are those
// of the file.
type given interface {
	// run does with it what a verifier does who brings that trust file. The first
	// result is what the file calls want.
	run(trust []byte) (any, error)
}

// vectorFiles are the files, and what the vectors of each are given.
var vectorFiles = []struct {
	name  string
	given func() given
}{
	{"codes.json", func() given { return new(givenCode) }},
	{"keys.json", func() given { return new(givenKey) }},
	{"statements.json", func() given { return new(givenStatement) }},
	{"envelopes.json", func() given { return new(givenEnvelope) }},
	{"entries.json", func() given { return new(givenEntry) }},
	{"proofs.json", func() given { return new(givenProof) }},
	{"checkpoints.json", func() given { return new(givenCheckpoint) }},
	{"trusts.json", func() given { return new(givenTrust) }},
	{"bundles.json", func() given { return new(givenBundle) }},
	{"receipts.json", func() given { return new(givenReceipt) }},
	{"status-lists.json", func() given { return new(givenList) }},
	{"qr-texts.json", func() given { return new(givenText) }},
}

// An outcome is what must come of a vector: Want, or Refused.
type outcome struct {
	Want    json.RawMessage `json:"want,omitempty"`
	Refused string          `json:"refused,omitempty"`
	Faults  []fault         `json:"faults,omitempty"` // where faults is why
}

// A fault is one of a statement's, without its detail, which is for people.
type fault struct {
	Field string           `json:"field"`
	Rule  verify.FaultRule `json:"rule"`
}

// outcomeOf runs what is given.
func outcomeOf(g given, trust []byte) (o outcome) {
	got, err := g.run(trust)
	if err == nil {
		o.Want = encoded(got)
		return o
	}
	o.Refused = refusalWord(err)
	var faulty statementFaults
	if errors.As(err, &faulty) {
		for _, f := range faulty {
			o.Faults = append(o.Faults, fault{f.Field, f.Rule})
		}
	}
	return o
}

// refusalWord is the plain word for an error. The words are those of the README.
func refusalWord(err error) string {
	var code *verify.CodeError
	var faulty statementFaults
	switch {
	case errors.As(err, &faulty):
		return "faults"
	case errors.As(err, &code):
		return string(code.Rule)
	case errors.Is(err, bundle.ErrUntrusted):
		return "untrusted"
	case errors.Is(err, tlog.ErrProof):
		return "proof"
	case errors.Is(err, envelope.ErrSignature), errors.Is(err, tlog.ErrSignature):
		return "signature"
	case errors.Is(err, envelope.ErrKey):
		return "key"
	case errors.Is(err, envelope.ErrMalformed), errors.Is(err, tlog.ErrMalformed):
		return "malformed"
	}
	return "entry" // what an honest registry would not have entered
}

// TestVectors holds this program to the published vectors. UPDATE=1 adds those
// that are made and not yet published.
func TestVectors(t *testing.T) {
	if os.Getenv("UPDATE") != "" {
		writeVectors(t)
	}
	trust := readVectors(t, "trust.json")
	for _, file := range vectorFiles {
		vectors := parseVectors(t, file.name, file.given)
		if len(vectors) == 0 {
			t.Errorf("%s: no vectors", file.name)
		}
		seen := map[string]bool{}
		for _, v := range vectors {
			if seen[v.name] {
				t.Errorf("%s: two vectors are called %q", file.name, v.name)
			}
			seen[v.name] = true
			if got := outcomeOf(v.given, trust); !got.equal(v.outcome) {
				t.Errorf("%s: %s: got %s, want %s", file.name, v.name, encoded(got), encoded(v.outcome))
			}
		}
	}
}

func (o outcome) equal(p outcome) bool {
	var a, b any
	if o.Want != nil && p.Want != nil {
		if json.Unmarshal(o.Want, &a) != nil || json.Unmarshal(p.Want, &b) != nil {
			return false
		}
	}
	return (o.Want == nil) == (p.Want == nil) && reflect.DeepEqual(a, b) &&
		o.Refused == p.Refused && reflect.DeepEqual(o.Faults, p.Faults)
}

// parseVectors reads a file, and makes sure that nothing in it goes unread.
func parseVectors(t *testing.T, name string, blank func() given) []vector {
	t.Helper()
	data := readVectors(t, name)
	var raws []json.RawMessage
	if err := json.Unmarshal(data, &raws); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	vectors := make([]vector, len(raws))
	for i, raw := range raws {
		v := &vectors[i]
		v.given = blank()
		for _, part := range []any{&struct{ Name *string }{&v.name}, v.given, &v.outcome} {
			if err := json.Unmarshal(raw, part); err != nil {
				t.Fatalf("%s: vector %d: %v", name, i, err)
			}
		}
	}
	if !bytes.Equal(printed(vectors), data) {
		t.Fatalf("%s: it is not spelt as it is written, or has members that nobody reads", name)
	}
	return vectors
}

func readVectors(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(vectorFolder, name))
	if err != nil {
		t.Fatalf("%v; UPDATE=1 makes it", err)
	}
	return data
}

// MarshalJSON writes a vector as one object: its name, what is given, and what
// must come of it.
func (v vector) MarshalJSON() ([]byte, error) {
	b := encoded(struct {
		Name string `json:"name"`
	}{v.name})
	for _, part := range []any{v.given, v.outcome} {
		if more := encoded(part); len(more) > len("{}") {
			b = append(append(b[:len(b)-1], ','), more[1:]...)
		}
	}
	return b, nil
}

// encoded is the JSON of v, in which <, > and & are themselves.
func encoded(v any) []byte { return bytes.TrimSuffix(encode(v, ""), []byte("\n")) }

func printed(v any) []byte { return encode(v, "  ") }

func encode(v any, indent string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		panic(err) // texts and numbers only
	}
	return b.Bytes()
}

// TestVectorsNode has the vectors checked by a program that shares no code with
// this one. JOSE_NODE_MODULES names the folder that npm's jose is installed in.
func TestVectorsNode(t *testing.T) {
	out, err := checkInNode(t, vectorFolder)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(vectorFiles) {
		t.Fatalf("got %d lines, want one for each of %d files:\n%s", len(lines), len(vectorFiles), out)
	}
	for i, f := range vectorFiles {
		n := len(parseVectors(t, f.name, f.given))
		if want := fmt.Sprintf("%s: %d vectors, ", f.name, n); !strings.HasPrefix(lines[i], want) || !strings.HasSuffix(lines[i], " 0 differ") {
			t.Errorf("got %q, want it to begin %q and to end in 0 differ", lines[i], want)
		}
	}
}

// TestVectorsNodeDisagrees: of every file, a vector whose outcome was altered is
// found and named.
func TestVectorsNodeDisagrees(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(vectorFolder)); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range vectorFiles {
		vectors := parseVectors(t, f.name, f.given)
		for _, taken := range []bool{true, false} {
			for i := range vectors {
				v := &vectors[i]
				if (v.Want != nil) != taken {
					continue
				}
				if v.outcome = (outcome{Want: []byte(`{"holds":"no"}`)}); taken {
					v.outcome = outcome{Refused: "proof"}
				}
				names = append(names, fmt.Sprintf("%s: %s:", f.name, v.name))
				break
			}
		}
		if err := os.WriteFile(filepath.Join(folder, f.name), printed(vectors), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if want := 2 * len(vectorFiles); len(names) != want {
		t.Fatalf("altered %d vectors, want %d", len(names), want)
	}
	out, err := checkInNode(t, folder)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("got %v, want exit status 1\n%s", err, out)
	}
	for _, name := range names {
		if !strings.Contains(string(out), name) {
			t.Errorf("%s it was altered, and not found\n%s", name, out)
		}
	}
}

func checkInNode(t *testing.T, folder string) ([]byte, error) {
	t.Helper()
	modules := os.Getenv("JOSE_NODE_MODULES")
	if modules == "" {
		modules = "../../web/node_modules"
	}
	if _, err := os.Stat(filepath.Join(modules, "jose", "package.json")); err != nil {
		t.Fatalf("no jose in %s, run: make tools", modules)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("no node: install Node.js 20 or later, and run: make tools")
	}
	return exec.Command(node, filepath.Join(vectorFolder, "check.mjs"), folder, modules).CombinedOutput()
}
