package yearly_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tegata/verify"
)

// The days of the reports: what histories tell begins before and goes on after.
var days = verify.Period{From: verify.Date{Year: 2026, Month: 4, Day: 1}, Until: verify.Date{Year: 2026, Month: 10, Day: 31}}

// story reads the statements of verify/testdata/story, in the order they were
// made.
func story(tb testing.TB) (list []verify.Statement) {
	tb.Helper()
	files, err := filepath.Glob("../testdata/story/*")
	if err != nil {
		tb.Fatal(err)
	}
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
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b verify.Statement) int { return a.Made.Compare(b.Made) })
	return list
}

// A history is a log that grows by statements drawn at random.
type history struct {
	r       *rapid.T
	replay  *verify.Replay
	first   map[verify.Kind]verify.Statement // of the story
	keys    map[verify.PartyID]verify.KeyID
	now     time.Time
	entries []verify.Entry
	said    map[verify.Code][]string // ids of label.status
	notices map[verify.PartyID][]string
}

var (
	labels       = codes("labels", 8)
	declarations = codes("declar", 5)
)

func codes(name string, n int) (list []verify.Code) {
	for i := range n {
		list = append(list, verify.NewCode([7]byte([]byte(fmt.Sprint(name, i)))))
	}
	return list
}

func newHistory(r *rapid.T, told []verify.Statement) *history {
	h := &history{r: r, replay: verify.NewReplay(), first: map[verify.Kind]verify.Statement{}, keys: map[verify.PartyID]verify.KeyID{}, said: map[verify.Code][]string{}, notices: map[verify.PartyID][]string{}}
	for _, s := range told {
		if _, have := h.first[s.Kind]; !have {
			h.first[s.Kind] = s
		}
		switch b := s.Body.(type) {
		case *verify.Created:
			h.keys[b.Party.ID] = b.Party.Keys[0].Thumbprint()
		case *verify.Enrolled:
			h.keys[b.Party.ID] = b.Party.Keys[0].Thumbprint()
		default:
			continue
		}
		h.now = s.Made
		if !h.enter(s) {
			r.Fatalf("the story's %s may not be entered", s.Kind)
		}
	}
	return h
}

// enter enters a statement, if it may be.
func (h *history) enter(s verify.Statement) bool {
	e := verify.Entry{Index: int64(len(h.entries)), Logged: h.now, Key: h.keys[s.By], Statement: s}
	if len(h.replay.Enter(e)) > 0 {
		return false
	}
	h.entries = append(h.entries, e)
	return true
}

func draw[T any](h *history, name string, from ...T) T {
	return rapid.SampledFrom(from).Draw(h.r, name)
}

// day is a day near to now.
func (h *history) day() verify.Date {
	return verify.DateOf(h.now, time.UTC).AddDays(rapid.IntRange(-40, 40).Draw(h.r, "day"))
}

// goOn says up to some statements of the kinds, and returns how many may be said.
func (h *history) goOn(most int, kinds ...verify.Kind) (said int) {
	for range rapid.IntRange(0, most).Draw(h.r, "statements") {
		if _, ok := h.next(draw(h, "kind", kinds...)); ok {
			said++
		}
	}
	return said
}

// next lets some days pass and says something of the kind, where it may be said.
func (h *history) next(kind verify.Kind) (verify.Entry, bool) {
	h.now = h.now.Add(time.Duration(4*24*3600+rapid.IntRange(0, 4*24*3600).Draw(h.r, "seconds")) * time.Second) // what is drawn is mostly small
	s := h.first[kind]
	s.ID = fmt.Sprintf("0199f0c2-0000-7000-9000-%012d", len(h.entries))
	s.Made = h.now
	s.Code = draw(h, "label", labels...)
	if kind == verify.LabelStatus {
		s.Code = draw(h, "label", labels[:2]...)
	}
	if strings.HasPrefix(string(kind), "declaration") {
		s.Code = draw(h, "declaration", declarations...)
	}
	switch b := s.Body.(type) {
	case *verify.Issued:
		l := b.Label
		l.Number, l.Issued = "N-"+string(s.Code), h.day()
		l.Expires = l.Issued.AddDays(rapid.IntRange(30, 500).Draw(h.r, "days"))
		l.Level = draw(h, "level", 1, 1, 1, 2)
		l.Basis = verify.Basis{Route: draw(h, "route", verify.OwnProcedure, verify.OwnProcedure, verify.ThirdParty)}
		s.Body = &verify.Issued{Label: l}
	case *verify.Published:
		d := b.Declaration
		d.Issued = verify.DateOf(h.now, verify.London).AddDays(-3)
		d.Support.End = d.Issued.AddDays(rapid.IntRange(100, 700).Draw(h.r, "days"))
		s.Body = &verify.Published{Declaration: d}
	case *verify.Extended:
		s.Body = &verify.Extended{Expires: h.day().AddDays(300)}
	case *verify.SupportExtended:
		s.Body = &verify.SupportExtended{Support: verify.Support{Text: b.Support.Text, End: h.day().AddDays(400)}}
	case *verify.StatusSaid:
		said := &verify.StatusSaid{From: h.day(), Status: draw(h, "status", verify.StandsValid, verify.StandsGrace, verify.StandsSuspended, verify.StandsLapsed, verify.StandsRevoked, verify.StandsWithdrawn)}
		if own := h.said[s.Code]; len(own) > 0 && draw(h, "corrects", true, false) {
			said.Corrects = draw(h, "which", own[len(own)-1], own[0])
		}
		h.said[s.Code] = append(h.said[s.Code], s.ID)
		s.Body = said
	case *verify.Withdrawn:
		s.Body = &verify.Withdrawn{From: h.day()}
	case *verify.Observed:
		s.Body = &verify.Observed{URL: draw(h, "url", b.URL, b.URL, "https://thames.example/other"), Seen: draw(h, "seen", verify.SeenOpen, verify.SeenGone, verify.SeenChanged)}
	case *verify.Taken:
		s.By = draw(h, "by", verify.PartyID("opss"), "meti")
		t := verify.TerritoryJP
		if s.By == "opss" {
			t = draw(h, "territory", verify.TerritoryGB, verify.TerritoryGBNIR, verify.TerritoryUK)
		}
		s.Code = draw(h, "either", labels[0], labels[1], declarations[0])
		s.Body = &verify.Taken{Measure: draw(h, "measure", "1", "2"), Territory: t, From: h.day(), Notice: verify.OtherNotice,
			Ground: draw(h, "ground", verify.HealthOrSafety, verify.LawsNotMet, verify.NationalSecurity, verify.Requirements), Effect: draw(h, "effect", verify.Bars, verify.Cautions)}
	case *verify.Lifted:
		s.By = draw(h, "by", verify.PartyID("opss"), "meti")
		s.Code = draw(h, "either", labels[0], labels[1], declarations[0])
		s.Body = &verify.Lifted{Measure: draw(h, "measure", "1", "2"), From: h.day().AddDays(30)}
	case *verify.Withheld, *verify.Restored:
		s.By = draw(h, "by", verify.PartyID("dsit"), "meti")
		s.Code = draw(h, "either", labels[0], labels[1], declarations[0])
		if kind == verify.RecognitionWithheld {
			s.Body = &verify.Withheld{From: h.day()}
		} else {
			s.Body = &verify.Restored{From: h.day().AddDays(60)}
		}
	case *verify.Noticed:
		s.Code, s.By = "", draw(h, "by", verify.PartyID("dsit"), "meti")
		n := &verify.Noticed{NoticeOn: h.day()}
		n.EndsOn = n.NoticeOn.AddDays(rapid.IntRange(1, 300).Draw(h.r, "days"))
		if own := h.notices[s.By]; len(own) > 0 && draw(h, "corrects", true, false) {
			n.Corrects = draw(h, "which", own...)
		}
		h.notices[s.By] = append(h.notices[s.By], s.ID)
		s.Body = n
	}
	if !h.enter(s) {
		return verify.Entry{}, false
	}
	return h.entries[len(h.entries)-1], true
}

// kindsSaid are the kinds that a history draws from.
var kindsSaid = []verify.Kind{
	verify.LabelIssued, verify.LabelIssued, verify.DeclarationPublished, verify.LabelExtended,
	verify.LabelStatus, verify.LabelStatus, verify.DeclarationExtended, verify.DeclarationObserved, verify.DeclarationObserved,
	verify.DeclarationWithdrawn, verify.MeasureTaken, verify.MeasureTaken, verify.MeasureLifted, verify.MeasureLifted, verify.AccordNoticed, verify.AccordNoticed,
}

var kindsWithheld = []verify.Kind{verify.RecognitionWithheld, verify.RecognitionWithheld, verify.RecognitionRestored}

// log is the head of a history, after the days of the reports.
func (h *history) log() verify.Log {
	return verify.Log{Origin: "labels.example", Size: int64(len(h.entries)), Root: verify.Root{1}, Time: time.Date(2028, 6, 1, 0, 0, 0, 0, time.UTC)}
}
