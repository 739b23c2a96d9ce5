package browser

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"tegata/verify"
)

// TestDemoCredentials: other people's programs read the credential of every demo
// record. There is one where its verdict says valid until a day, and nothing bars
// it anywhere; and it reads from the lists that it stands.
func TestDemoCredentials(t *testing.T) {
	address, r := demoServer(t)
	args := []string{"../../../web/testdata/credential.mjs", address}
	want := map[string]bool{}
	for _, code := range demoCodes(t, r) {
		f, err := r.Lookup(context.Background(), code)
		if err != nil {
			t.Fatal(err)
		}
		given := true
		for _, in := range verify.Jurisdictions {
			v := verify.Judge(f, verify.Question{In: in})
			bars := slices.ContainsFunc(v.Measures, func(m verify.MeasureInForce) bool { return m.Effect == verify.Bars })
			given = given && v.Validity.Status == verify.StatusValid && !v.Validity.Until.IsZero() && !bars
		}
		want[string(code)] = given
		args = append(args, string(code))
	}
	out, err := exec.Command("node", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seen := map[bool]int{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		given, ok := want[words[0]]
		if !ok || given != (words[1] == "200") || given && words[len(words)-1] != "stands" {
			t.Errorf("want a credential that stands: %v; got %s", given, line)
		}
		seen[given]++
	}
	if len(want) != seen[true]+seen[false] || seen[true] < 10 || seen[false] < 10 {
		t.Errorf("got %v of %d records", seen, len(want))
	}
}
