package web

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"tegata/verify/bundle"
	"tegata/verify/tlog"
	"tegata/web/i18n"
)

// witnessed is a log with two witnesses, one of which said nothing yet.
func witnessed(tb testing.TB) (body logBody) {
	tb.Helper()
	for i, name := range []string{"witness.example/one", "witness.example/two"} {
		w, err := tlog.NewCosigner(name, ed25519.NewKeyFromSeed([]byte(strings.Repeat(string('a'+rune(i)), ed25519.SeedSize))))
		if err != nil {
			tb.Fatal(err)
		}
		body.Witnesses = append(body.Witnesses, witnessBody{Key: w.Key()})
	}
	body.Witnesses[0].Size, body.Witnesses[0].Time = 1234, time.Date(2026, 11, 23, 9, 59, 0, 0, time.UTC)
	return body
}

// TestLogPage: each witness is named with what it said last, or that it has said
// nothing, and commands name the address of this very registry.
func TestLogPage(t *testing.T) {
	r, err := newRenderer()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Languages {
		b := basePage{Lang: lang, Path: "/log", Origin: "labels.example"}
		html, err := r.page(lang, pageLog, newLogPage(b, "http://localhost:8080", witnessed(t), datedHead{}, bundle.Trust{}))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"witness.example/one", "1,234", "09:59", "witness.example/two", lang.T("check.witnesses.silent"),
			"labelctl trust -from http://localhost:8080 ", "http://localhost:8080/api/v1/verify/CODE.jwt",
			bundle.Trust{}.Fingerprint(),
		} {
			if !strings.Contains(string(html), want) {
				t.Errorf("%s: got no %q", lang, want)
			}
		}
		if strings.Contains(string(html), lang.T("check.witnesses.none")) {
			t.Errorf("%s: got that there is no witness", lang)
		}
	}
}
