package web_test

import (
	"os/exec"
	"testing"
	"time"

	"tegata/verify"
)

// TestLinkset: other people's programs read what machines are told about a trade
// item, of one record and of several, and find what GS1 wants of it.
func TestLinkset(t *testing.T) {
	k, url := served(t)
	k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	k.Append(t, k.Say(t, verify.LabelIssued, "000000000012", func(m map[string]any) {
		m["label"].(map[string]any)["product"].(map[string]any)["models"] = []any{map[string]any{"model": "X", "gtins": []any{"04006381333931", "96385074"}}}
	}))
	k.Append(t, k.Say(t, verify.LabelIssued, "000000000024", func(m map[string]any) {
		m["label"].(map[string]any)["product"].(map[string]any)["models"] = []any{map[string]any{"model": "Y", "gtins": []any{"4006381333931"}}}
	}))
	out, err := exec.Command("node", "testdata/linkset.mjs", url, "/01/04912345678904", "/01/4006381333931/10/A%2FB", "/01/96385074").CombinedOutput()
	want := `/01/04912345678904 application/linkset+json 8 0
/01/4006381333931/10/A%2FB application/linkset+json 12 0
/01/96385074 application/linkset+json 8 0
`
	if err != nil || string(out) != want {
		t.Errorf("%v: got\n%s\nwant\n%s", err, out, want)
	}
}
