package web

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tegata/verify"
	"tegata/web/headline"
	"tegata/web/i18n"
)

// golden compares what a test got with its file, and writes the file anew where
// UPDATE is set.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
		for i := range min(len(g), len(w)) {
			if g[i] != w[i] {
				t.Fatalf("%s:%d: got %q, want %q; UPDATE=1 writes it anew", file, i+1, g[i], w[i])
			}
		}
		t.Fatalf("%s: got %d lines, want %d; UPDATE=1 writes it anew", file, len(g), len(w))
	}
}

// TestHeadlines holds what a shopper reads first, in every state.
func TestHeadlines(t *testing.T) {
	for _, lang := range i18n.Languages {
		var b bytes.Buffer
		for _, s := range scenes {
			p := s.page(t, lang)
			fmt.Fprintf(&b, "%s\n\t[%s] %s\n\t%s\n", s.name, p.Headline.Tone, p.Headline.Word, p.Headline.Sentence)
			if p.Beside != "" {
				fmt.Fprintf(&b, "\t%s\n", p.Beside)
			}
		}
		golden(t, "headlines."+string(lang)+".txt", b.Bytes())
	}
}

func sceneNamed(t testing.TB, name string) scene {
	t.Helper()
	for _, s := range scenes {
		if s.name == name {
			return s
		}
	}
	t.Fatalf("no scene %q", name)
	return scene{}
}

// TestGoodNewsIsRare: only what is in force, there or at home, and covers the
// product asked about looks good.
func TestGoodNewsIsRare(t *testing.T) {
	for _, s := range scenes {
		p := s.page(t, i18n.English)
		good := p.Headline.Tone == headline.Good || p.Headline.Tone == headline.Part
		f := s.facts(t)
		v := verify.Judge(f, verify.Question{In: s.in, At: instant(t, s.at), Known: verify.Known{Size: s.known}})
		want := v.Validity.Status == verify.StatusValid &&
			(v.Recognition.Outcome.Positive() || v.Recognition.Outcome == verify.AtHome) && s.model != "WX-10O" && s.gtin != "4912345678904" ||
			s.name == "label of this model"
		if good != want {
			t.Errorf("%s: got %s for %s, %s", s.name, p.Headline.Tone, v.Validity.Status, v.Recognition.Outcome)
		}
	}
}

// TestGravest: of several measures the gravest in the place asked about is the
// headline.
func TestGravest(t *testing.T) {
	v := verify.Verdict{Question: verify.Question{In: verify.InGBNIR}}
	add := func(n verify.Notice, e verify.Effect, where verify.Territory) {
		v.Measures = append(v.Measures, verify.MeasureInForce{Taken: verify.Taken{Notice: n, Effect: e, Territory: where}})
	}
	add(verify.RecallNotice, verify.Bars, verify.TerritoryGB)
	add(verify.RecallNotice, verify.Bars, verify.TerritoryJP)
	add(verify.OtherNotice, verify.Cautions, verify.TerritoryUK)
	if m, found := v.Barring(); found {
		t.Errorf("measures elsewhere and cautions: got %s", m.Notice)
	}
	for _, want := range []verify.Notice{verify.OtherNotice, verify.StopNotice, verify.RecallNotice} {
		add(want, verify.Bars, verify.TerritoryUK)
		if m, found := v.Barring(); !found || m.Notice != want {
			t.Errorf("got %s, want %s", m.Notice, want)
		}
	}
	add(verify.StopNotice, verify.Bars, verify.TerritoryGBNIR)
	if m, _ := v.Barring(); m.Notice != verify.RecallNotice {
		t.Errorf("a stop notice after a recall notice: got %s", m.Notice)
	}
}

func TestVerdictPage(t *testing.T) {
	p := sceneNamed(t, "label recalled").page(t, i18n.English)
	if len(p.Measures) != 1 || p.Measures[0].By.Text != "Enforcement authority of the United Kingdom (demo)" {
		t.Errorf("got measures %+v, want one with the name of who took it", p.Measures)
	}
	if !strings.HasPrefix(p.Title, "Code 7K3M-Q2ZT-9XWE") {
		t.Errorf("got title %q, want the code in it", p.Title)
	}
	p = sceneNamed(t, "label while notice runs").page(t, i18n.English)
	if want := "Notice has been given that the Memorandum ends: it no longer applies from 10 July 2030."; p.Notes[0] != want {
		t.Errorf("got note %q, want %q", p.Notes[0], want)
	}
	p = sceneNamed(t, "label of this model").page(t, i18n.English)
	if len(p.Match.Answers) != 2 || !p.Match.Answers[0].Covered || !p.Match.Answers[1].Covered {
		t.Errorf("got %+v, want two answers of yes", p.Match.Answers)
	}
	if want := "/api/v1/verify/7K3MQ2ZT9XWE?gtin=4912345678904&model=wx+100"; p.Log.API != want {
		t.Errorf("got %s, want %s", p.Log.API, want)
	}
	if got, want := p.Places[1].URL, "/v/7K3MQ2ZT9XWE?gtin=4912345678904&in=GB-NIR&model=wx+100"; got != want {
		t.Errorf("another place: got %s, want %s", got, want)
	}
	p = sceneNamed(t, "label not known then").page(t, i18n.English)
	if p.Known || !p.Then || p.Now != "/v/7K3MQ2ZT9XWE" {
		t.Errorf("got known %t, then %t, now %q; want a way to the present answer", p.Known, p.Then, p.Now)
	}
	p = sceneNamed(t, "label on a declaration").page(t, i18n.Japanese)
	if len(p.Documents) != 2 || p.Documents[0].Code != declaration || p.Product.BasisURL != "/v/4HD8RVN1C5PE" {
		t.Errorf("got %+v and %q, want the declaration that the label rests on", p.Documents, p.Product.BasisURL)
	}
	s := sceneNamed(t, "label treated as compliant")
	s.change = label(func(l *verify.Label) { l.Support.End = verify.Date{Year: 2027, Month: 1, Day: 31} })
	p = s.page(t, i18n.English)
	if want := "Updates are stated only until 31 January 2027, which is before the label ends (31 March 2028)."; p.Support.Alert != want {
		t.Errorf("got %q, want %q", p.Support.Alert, want)
	}
	s.change = label(func(l *verify.Label) { l.Support.End = verify.Date{Year: 2026, Month: 4, Day: 30} })
	p = s.page(t, i18n.English)
	if want := "The security updates stated for this product have ended."; p.Support.Alert != want {
		t.Errorf("got %q, want %q", p.Support.Alert, want)
	}
	if p = sceneNamed(t, "label treated as compliant").page(t, i18n.English); p.Support.Alert != "" {
		t.Errorf("support that goes on beyond the label: got %q", p.Support.Alert)
	}
}

// TestForeignWords: what others wrote carries its language, where it is not the
// page's.
func TestForeignWords(t *testing.T) {
	b := basePage{Lang: i18n.Japanese}
	for text, want := range map[verify.Text]phrase{
		{EN: "Router"}:             {"Router", "en"},
		{EN: "Router", JA: "ルーター"}: {"ルーター", ""},
		{JA: "ルーター"}:               {"ルーター", ""},
	} {
		if got := b.phrase(text); got != want {
			t.Errorf("%v: got %v, want %v", text, got, want)
		}
	}
}

func TestLink(t *testing.T) {
	for address, want := range map[string]link{
		"https://aoba.example/security":   {"https://aoba.example/security", "aoba.example/security"},
		"http://aoba.example/":            {"http://aoba.example/", "aoba.example/"},
		"javascript:alert(1)":             {"", "javascript:alert(1)"},
		"data:text/html,x":                {"", "data:text/html,x"},
		"//aoba.example/":                 {"", "//aoba.example/"},
		"https://user:pass@aoba.example/": {"", "https://user:pass@aoba.example/"},
		"":                                {},
	} {
		if got := newLink(address); got != want {
			t.Errorf("%q: got %v, want %v", address, got, want)
		}
	}
}
