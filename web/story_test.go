package web

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tegata/verify"
	"tegata/verify/match"
	"tegata/web/i18n"
)

// Codes of the story.
const (
	ownLabel    = verify.Code("7K3MQ2ZT9XWE")
	simpleLabel = verify.Code("2WQ6TJX0M3KW")
	thirdLabel  = verify.Code("000000000012")
	declaration = verify.Code("4HD8RVN1C5PE")
)

// A scene is a moment of the story, changed as a test wants it, and a question.
type scene struct {
	name   string
	code   verify.Code
	at     string // the instant asked about, and the head unless head is given
	head   string
	known  int64 // the log's size then; 0: all of it
	in     verify.Jurisdiction
	model  string
	gtin   string
	change func(entries []verify.Entry) []verify.Entry
}

// story reads the statements of the story in the order they were made, as
// entries that were logged at once.
func story(tb testing.TB) []verify.Entry {
	tb.Helper()
	files, err := filepath.Glob("../verify/testdata/story/*.json*")
	if err != nil {
		tb.Fatal(err)
	}
	var entries []verify.Entry
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		objects := [][]byte{text}
		if filepath.Ext(file) == ".jsonl" {
			objects = bytes.Split(bytes.TrimSpace(text), []byte("\n"))
		}
		for _, o := range objects {
			s, err := verify.DecodeStatement(o)
			if err != nil {
				tb.Fatalf("%s: %v", file, err)
			}
			entries = append(entries, verify.Entry{Logged: s.Made, Statement: s})
		}
	}
	slices.SortStableFunc(entries, func(a, b verify.Entry) int { return a.Made.Compare(b.Made) })
	keys := map[verify.PartyID]verify.KeyID{}
	for i := range entries {
		e := &entries[i]
		e.Index = int64(i)
		switch b := e.Body.(type) {
		case *verify.Created:
			keys[b.Party.ID] = b.Party.Keys[0].Thumbprint()
		case *verify.Enrolled:
			keys[b.Party.ID] = b.Party.Keys[0].Thumbprint()
		}
		e.Key = keys[e.By]
	}
	if len(entries) < 26 {
		tb.Fatalf("the story has %d statements, want 26", len(entries))
	}
	return entries
}

// facts are what is known about the scene's code at its head.
func (s scene) facts(tb testing.TB) verify.Facts {
	tb.Helper()
	entries := story(tb)
	if s.change != nil {
		entries = s.change(entries)
	}
	head := instant(tb, s.at)
	if s.head != "" {
		head = instant(tb, s.head)
	}
	var governing, about, basis []verify.Entry
	size := int64(0)
	for _, e := range entries {
		if e.Logged.After(head) {
			continue
		}
		e.Index = size
		size++
		switch {
		case e.Code == "":
			governing = append(governing, e)
		case e.Code == s.code:
			about = append(about, e)
		case e.Code == declaration && s.code == simpleLabel:
			basis = append(basis, e)
		}
	}
	return verify.Facts{
		Code:       s.code,
		Governance: verify.FoldGovernance(governing),
		Entries:    about,
		Basis:      [][]verify.Entry{basis},
		Log:        verify.Log{Origin: "labels.example", Size: size, Root: verify.Root{1, 2, 3}, Time: head},
	}
}

func instant(tb testing.TB, s string) time.Time {
	tb.Helper()
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// page is the page of the scene's answer.
func (s scene) page(tb testing.TB, lang i18n.Language) verdictPage {
	tb.Helper()
	f := s.facts(tb)
	v := verify.Judge(f, verify.Question{In: s.in, At: instant(tb, s.at), Known: verify.Known{Size: s.known}})
	q := url.Values{}
	for name, value := range map[string]string{paramModel: s.model, paramGTIN: s.gtin, paramIn: string(s.in)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if v.Product != nil {
		var err error
		if v.Match, err = match.Covers(v.Product, s.model, s.gtin); err != nil {
			tb.Fatal(err)
		}
	}
	b := basePage{Lang: lang, Path: "/v/" + string(s.code), Query: q, Origin: f.Log.Origin}
	return newVerdictPage(b, v, f.Governance)
}

// record is what the page of the scene's record shows, compared with how it stood
// at its first statement, and with a declaration.
func (s scene) record(tb testing.TB, f verify.Facts) *recordBody {
	tb.Helper()
	v := verify.Judge(f, verify.Question{In: s.in, At: instant(tb, s.at)})
	body := &recordBody{Code: s.code, Log: f.Log, Verdict: v, facts: f, record: f.Record(verify.Known{})}
	var err error
	earlier := verify.Question{In: s.in, At: f.Log.Time.AddDate(-1, 0, 0), Known: verify.Known{Size: 1 + int64(len(f.Governance.Entries()))}}
	if body.Compared, err = compared(f, earlier, query{}, &v); err != nil {
		tb.Fatal(err)
	}
	if l, d := body.record, sceneNamed(tb, "declaration eligible"); l.Label != nil {
		p := d.facts(tb).Record(verify.Known{})
		body.Consistency = []besideBody{{s.code, d.code, []because{becauseBasis, becauseGTIN, becauseModel}, verify.Compare(l, p, v.Question.At, match.Model)}}
	}
	return body
}

// without leaves out what was said of a kind.
func without(kinds ...verify.Kind) func([]verify.Entry) []verify.Entry {
	return func(entries []verify.Entry) []verify.Entry {
		return slices.DeleteFunc(entries, func(e verify.Entry) bool { return slices.Contains(kinds, e.Kind) })
	}
}

// label changes the label that IPA's own procedure gave.
func label(change func(*verify.Label)) func([]verify.Entry) []verify.Entry {
	return func(entries []verify.Entry) []verify.Entry {
		for _, e := range entries {
			if b, ok := e.Body.(*verify.Issued); ok && e.Code == ownLabel {
				change(&b.Label)
			}
		}
		return entries
	}
}

// declared changes the declaration.
func declared(change func(*verify.Declaration)) func([]verify.Entry) []verify.Entry {
	return func(entries []verify.Entry) []verify.Entry {
		for _, e := range entries {
			if b, ok := e.Body.(*verify.Published); ok {
				change(&b.Declaration)
			}
		}
		return entries
	}
}

// said adds what a party says about a code.
func said(by verify.PartyID, code verify.Code, kind verify.Kind, made string, body verify.Body) func([]verify.Entry) []verify.Entry {
	return func(entries []verify.Entry) []verify.Entry {
		t, err := time.Parse(time.RFC3339, made)
		if err != nil {
			panic(err)
		}
		i := slices.IndexFunc(entries, func(e verify.Entry) bool { return e.By == by })
		key := verify.KeyID("")
		if i >= 0 {
			key = entries[i].Key
		}
		return append(entries, verify.Entry{Logged: t, Key: key, Statement: verify.Statement{
			Head: verify.Head{Kind: kind, ID: string(kind) + made, By: by, Made: t, Code: code}, Body: body}})
	}
}

// standing adds a status of the label from 1 June 2026.
func standing(s verify.Standing) func([]verify.Entry) []verify.Entry {
	return said("ipa", ownLabel, verify.LabelStatus, "2026-06-01T00:00:00Z",
		&verify.StatusSaid{Status: s, From: verify.Date{Year: 2026, Month: 6, Day: 1}})
}

// measure adds a measure of the United Kingdom's authority from 1 June 2026.
func measure(n verify.Notice, e verify.Effect, where verify.Territory) func([]verify.Entry) []verify.Entry {
	return said("opss", ownLabel, verify.MeasureTaken, "2026-06-01T00:00:00Z", &verify.Taken{
		Measure: "UK-2026-9", Territory: where, Ground: verify.LawsNotMet, Notice: n, Effect: e,
		From: verify.Date{Year: 2026, Month: 6, Day: 1}, Text: verify.Text{EN: "See the notice"}})
}

// stolen makes the key that signed the label one that was compromised before.
func stolen(entries []verify.Entry) []verify.Entry {
	var key verify.KeyID
	for _, e := range entries {
		switch b := e.Body.(type) {
		case *verify.AddedKey:
			key = b.Key.Thumbprint()
		case *verify.RetiredKey:
			b.From = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		}
	}
	for i := range entries {
		if entries[i].Kind == verify.LabelIssued && entries[i].Code == ownLabel {
			entries[i].Key = key
		}
	}
	return entries
}

// scenes are every state that a reader can meet.
var scenes = []scene{
	{name: "label treated as compliant", code: ownLabel, at: "2026-05-01T10:00:00Z"},
	{name: "label at home", code: ownLabel, at: "2026-05-01T10:00:00Z", in: verify.InJP},
	{name: "label in Northern Ireland, EU law not known", code: ownLabel, at: "2026-05-01T10:00:00Z", in: verify.InGBNIR},
	{name: "label before its first day", code: ownLabel, at: "2026-03-01T00:00:00Z", head: "2026-05-01T10:00:00Z"},
	{name: "label in grace", code: ownLabel, at: "2026-06-02T00:00:00Z", change: standing(verify.StandsGrace)},
	{name: "label suspended", code: ownLabel, at: "2026-06-02T00:00:00Z", change: standing(verify.StandsSuspended)},
	{name: "label lapsed", code: ownLabel, at: "2026-06-02T00:00:00Z", change: standing(verify.StandsLapsed)},
	{name: "label withdrawn", code: ownLabel, at: "2026-06-02T00:00:00Z", change: standing(verify.StandsWithdrawn)},
	{name: "label expired", code: ownLabel, at: "2028-03-31T15:00:00Z", change: without(verify.LabelExtended)},
	{name: "label revoked", code: ownLabel, at: "2029-02-01T00:00:00Z"},
	{name: "label revoked, at home", code: ownLabel, at: "2029-02-01T00:00:00Z", in: verify.InJP},
	{name: "label untrusted", code: ownLabel, at: "2026-09-02T00:00:00Z", change: stolen},
	{name: "label recalled", code: ownLabel, at: "2026-10-02T00:00:00Z"},
	{name: "label recalled, at home", code: ownLabel, at: "2026-10-02T00:00:00Z", in: verify.InJP},
	{name: "label stopped in the United Kingdom", code: ownLabel, at: "2026-06-02T00:00:00Z", in: verify.InGBNIR,
		change: measure(verify.StopNotice, verify.Bars, verify.TerritoryUK)},
	{name: "label barred otherwise", code: ownLabel, at: "2026-06-02T00:00:00Z",
		change: measure(verify.ComplianceNotice, verify.Bars, verify.TerritoryGB)},
	{name: "label with a caution", code: ownLabel, at: "2026-06-02T00:00:00Z",
		change: measure(verify.ComplianceNotice, verify.Cautions, verify.TerritoryGB)},
	{name: "label withheld", code: ownLabel, at: "2026-12-15T00:00:00Z"},
	{name: "label through a third party", code: thirdLabel, at: "2026-08-01T00:00:00Z"},
	{name: "label on a declaration", code: simpleLabel, at: "2026-08-01T00:00:00Z"},
	{name: "label of level 2", code: ownLabel, at: "2026-05-01T00:00:00Z", change: label(func(l *verify.Label) { l.Level = 2 })},
	{name: "label of an industrial product", code: ownLabel, at: "2026-05-01T00:00:00Z",
		change: label(func(l *verify.Label) { l.Product.Traits.Market = verify.Industrial })},
	{name: "label of later criteria", code: ownLabel, at: "2026-05-01T00:00:00Z",
		change: label(func(l *verify.Label) { l.Criteria = "JST-CR-01-01-2027R1" })},
	{name: "label before the Memorandum", code: ownLabel, at: "2025-12-10T00:00:00Z", head: "2026-05-01T00:00:00Z",
		change: label(func(l *verify.Label) { l.Issued = verify.Date{Year: 2025, Month: 12, Day: 5} })},
	{name: "label while notice runs", code: ownLabel, at: "2030-02-01T00:00:00Z", change: without(verify.LabelStatus)},
	{name: "label of another model", code: ownLabel, at: "2026-05-01T10:00:00Z", model: "WX-10O"},
	{name: "label of this model", code: ownLabel, at: "2026-05-01T10:00:00Z", model: "wx 100", gtin: "4912345678904"},
	{name: "label not known then", code: ownLabel, at: "2026-05-01T10:00:00Z", known: 5},
	{name: "label as it was known then", code: ownLabel, at: "2029-02-01T00:00:00Z", known: 12},
	{name: "declaration eligible", code: declaration, at: "2026-05-20T00:00:00Z"},
	{name: "declaration at home", code: declaration, at: "2026-05-20T00:00:00Z", in: verify.InGB},
	{name: "declaration not observed lately", code: declaration, at: "2026-08-01T00:00:00Z"},
	{name: "declaration gone", code: declaration, at: "2026-06-02T00:00:00Z", change: said("watcher", declaration,
		verify.DeclarationObserved, "2026-06-01T00:00:00Z", &verify.Observed{URL: "https://thames.example/psti/soc-tc2.pdf", Seen: verify.SeenGone})},
	{name: "declaration of a smartphone", code: declaration, at: "2026-05-20T00:00:00Z",
		change: declared(func(d *verify.Declaration) { d.Product.Traits.Class = verify.Smartphone })},
	{name: "declaration withheld", code: declaration, at: "2026-05-20T00:00:00Z", change: said("meti", declaration,
		verify.RecognitionWithheld, "2026-05-14T00:00:00Z", &verify.Withheld{From: verify.Date{Year: 2026, Month: 5, Day: 14}})},
	{name: "declaration before its first day", code: declaration, at: "2026-05-01T00:00:00Z", head: "2026-05-20T00:00:00Z"},
	{name: "declaration past its support period", code: declaration, at: "2031-06-01T00:00:00Z",
		change: without(verify.DeclarationExtended, verify.DeclarationWithdrawn)},
	{name: "declaration withdrawn", code: declaration, at: "2029-06-01T00:00:00Z"},
	{name: "declaration of another barcode", code: declaration, at: "2026-05-20T00:00:00Z", gtin: "4912345678904"},
	{name: "unknown", code: "000000000024", at: "2026-05-01T10:00:00Z"},
}
