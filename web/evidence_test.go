package web_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// bodyOf is the body of the last answer.
func bodyOf(ts *testscript.TestScript) []byte {
	_, body, _ := strings.Cut(ts.ReadFile("stdout"), "\n\n")
	return []byte(body)
}

// open KIND [CODE]: checks what was answered last as somebody does who has the
// trust file and nothing else, and puts what it says on standard output. A kind
// is verdict, report, credential, bundle of a code, or proof that the log holds an entry.
func open(ts *testscript.TestScript, neg bool, args []string) {
	k := ts.Value("kit").(*registrytest.Kit)
	text, err := opened(ts.Value("tb").(testing.TB), k, args, bodyOf(ts))
	if neg {
		if err == nil {
			ts.Fatalf("it was opened: %s", text)
		}
		return
	}
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), text)
}

func opened(tb testing.TB, k *registrytest.Kit, args []string, body []byte) (string, error) {
	trust := k.Trust(tb)
	switch args[0] {
	case "verdict":
		payload, _, err := trust.OpenAnswer(envelope.Verdict, body)
		if err == nil {
			_, err = bundle.ParseAnswer(payload)
		}
		return string(payload), err
	case "report":
		payload, _, err := trust.OpenAnswer(envelope.Report, body)
		if err == nil {
			_, err = bundle.ParseReport(payload)
		}
		return string(payload), err
	case "credential":
		e, err := envelope.OpenAs(envelope.Credential, body)
		if err == nil {
			err = e.Verify(k.Registry.Answer().Key())
		}
		return string(e.Payload), err
	case "bundle":
		f, err := bundle.Open(body, verify.Code(args[1]), trust)
		v := verify.Judge(f, verify.Question{})
		return fmt.Sprintf("%s %s", v.Validity.Status, v.Recognition.Outcome), err
	case "proof":
		p, err := tlog.ParseProof(body)
		if err != nil {
			return "", err
		}
		receipt, err := k.Registry.Receipt(p.Index)
		if err != nil {
			return "", err
		}
		head, _, err := p.Open(receipt.Leaf, k.Registry.LogKey(), k.Registry.CosignerKey())
		return fmt.Sprintf("entry %d of %d", p.Index, head.Size), err
	}
	return "", fmt.Errorf("no kind %q", args[0])
}

// follow: asks for the address that the last answer's Link names.
func follow(ts *testscript.TestScript, neg bool, _ []string) {
	_, link, found := strings.Cut(ts.ReadFile("stdout"), "Link: <")
	address, _, closed := strings.Cut(link, ">")
	if !found || !closed {
		ts.Fatalf("the last answer has no Link")
	}
	get(ts, neg, []string{address})
}

// TestJose: npm's jose, by the keys that the registry serves, verifies its
// answers and reports, and finds no token where there is another thing.
func TestJose(t *testing.T) {
	_, url := served(t)
	resp, err := http.Post(url+"/api/v1/verify", "application/json", strings.NewReader(`[{"code":"7K3MQ2ZT9XWE"}]`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	report, _, _ := strings.Cut(strings.TrimPrefix(resp.Header.Get("Link"), "<"), ">")
	out, err := exec.Command("node", "testdata/jose.mjs", url,
		"/api/v1/verify/7K3MQ2ZT9XWE.jwt?in=GB&at=2026-04-05", "/api/v1/verify/000000000024.jwt", report, "/api/v1/receipts/0.tlog-proof").CombinedOutput()
	want := `tegata-verdict+jwt EdDSA labels.example
tegata-verdict+jwt EdDSA labels.example
tegata-report+jwt EdDSA labels.example
ERR_JWS_INVALID
`
	if err != nil || string(out) != want {
		t.Errorf("%v: got\n%s\nwant\n%s", err, out, want)
	}
}
