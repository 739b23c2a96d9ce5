package verify

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// The cases of testdata/cases are written for people who know the law and not
// the program. Their notation is explained in testdata/cases/notation.txtar.

// asked is one question of a case, with what is expected of the answer.
type asked struct {
	file, title string
	line        string
	facts       Facts
	question    Question
	expected    [][]string
}

// heard hears every case of testdata/cases. The second result is their number.
func heard(t *testing.T) ([]*asked, int) {
	t.Helper()
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	base := open(t)
	var all []*asked
	count := 0
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(archive.Comment) == 0 || len(archive.Files) == 0 || archive.Files[0].Name != "start" {
			t.Fatalf("%s: does not begin with a comment and a start", file)
		}
		titles := map[string]bool{}
		for _, section := range archive.Files[1:] {
			title, ok := strings.CutPrefix(section.Name, "case: ")
			if !ok || titles[title] {
				t.Fatalf("%s: %q is not a case of its own", file, section.Name)
			}
			titles[title] = true
			h := &hearing{diary: base.clone(), file: filepath.Base(file), title: title, named: map[string]Entry{}}
			h.keys = maps.Clone(base.keys)
			h.hear(string(archive.Files[0].Data), string(section.Data))
			all = append(all, h.asked...)
			count++
		}
	}
	return all, count
}

// complaints says where an answer is not what is expected of it. Where an
// outcome is expected, every condition that is not met and every flag must be.
func (a *asked) complaints() (all []string) {
	v := Judge(a.facts, a.question)
	want, got := map[string][]string{}, said(v)
	for _, words := range a.expected {
		field, values := words[0], words[1:]
		if field == "rule" {
			for _, rule := range values[:len(values)-1] {
				want["rule "+rule] = values[len(values)-1:]
			}
			continue
		}
		if values[0] == "none" {
			values = nil
		}
		want[field] = append(want[field], values...)
	}
	if _, whole := want["outcome"]; whole {
		for field := range got {
			switch _, named := want[field]; {
			case named:
			case field == "flag":
				want[field] = nil
			case strings.HasPrefix(field, "rule "):
				want[field] = []string{string(Yes)}
			}
		}
	}
	for _, field := range slices.Sorted(maps.Keys(want)) {
		if have := got[field]; !slices.Equal(have, want[field]) {
			all = append(all, fmt.Sprintf("%s: got %q, want %q", field, have, want[field]))
		}
	}
	return all
}

// said is what a verdict says, in the words of the notation.
func said(v Verdict) map[string][]string {
	all := map[string][]string{}
	note := func(field, value string) {
		if value != "" {
			all[field] = append(all[field], value)
		}
	}
	note("status", string(v.Validity.Status))
	note("first", v.Validity.Since.String())
	note("last", v.Validity.Until.String())
	note("ends", v.LastDay().String())
	note("outcome", string(v.Recognition.Outcome))
	note("since", printed(v.Recognition.Since))
	note("until", printed(v.Recognition.Until))
	note("next", printed(v.NextChange))
	for name, l := range map[string]*LayerAnswer{"accord": v.Recognition.Layers.Accord, "statute": v.Recognition.Layers.Statute} {
		if l != nil {
			note(name, string(l.Outcome))
			for _, r := range l.Reasons {
				note("rule "+string(r.Rule), string(r.Met))
			}
		}
	}
	if p := v.Recognition.Layers.Practice; p != nil && p.PSTIListed != nil {
		note("listed", strconv.FormatBool(*p.PSTIListed))
		note("english", strconv.FormatBool(*p.EnglishInfo))
	}
	for _, c := range v.Caveats {
		note("caveat", string(c))
	}
	for _, f := range v.Flags {
		note("flag", string(f))
	}
	for _, m := range v.Measures {
		note("measure", m.Measure)
	}
	for _, d := range v.Declarations {
		note("seen", cmp.Or(string(d.Seen), "never"))
	}
	if v.Label != nil {
		note("page", v.Label.Page)
	}
	if v.Declaration != nil {
		note("kept", v.Declaration.Retention.String())
	}
	if v.Product != nil {
		for _, m := range v.Product.Models {
			note("model", m.Model)
		}
	}
	note("accord-ends", v.AccordEnds.String())
	return all
}

// The law, case by case.
func TestCases(t *testing.T) {
	all, count := heard(t)
	if count < 80 {
		t.Errorf("got %d cases, want at least 80", count)
	}
	for _, a := range all {
		if len(a.expected) == 0 {
			t.Errorf("%s: %s: %s: nothing is expected", a.file, a.title, a.line)
		}
		for _, complaint := range a.complaints() {
			t.Errorf("%s: %s: %s: %s", a.file, a.title, a.line, complaint)
		}
	}
	t.Logf("%d cases, %d questions", count, len(all))
}

// Every rule is missed: without it, some case gets another answer.
func TestEveryRuleIsMissed(t *testing.T) {
	all, _ := heard(t)
	for i := range Rules {
		test := Rules[i].test
		Rules[i].test = func(*Case) Met { return Yes }
		missed := slices.ContainsFunc(all, func(a *asked) bool { return len(a.complaints()) > 0 })
		Rules[i].test = test
		if !missed {
			t.Errorf("%s: no case misses it", Rules[i].ID)
		}
	}
}

// Between them, the cases ask about both schemes in every place, and show every
// status, every outcome, and every rule in every way it can be answered.
func TestCasesAreWhole(t *testing.T) {
	all, _ := heard(t)
	shown := map[string]bool{}
	for _, a := range all {
		v := Judge(a.facts, a.question)
		shown["status "+string(v.Validity.Status)] = true
		shown["outcome "+string(v.Recognition.Outcome)] = true
		shown["place "+string(v.Scheme)+" "+string(v.Question.In)] = true
		for _, l := range []*LayerAnswer{v.Recognition.Layers.Accord, v.Recognition.Layers.Statute} {
			if l != nil {
				shown["layer "+string(l.Outcome)] = true
				for _, r := range l.Reasons {
					shown["rule "+string(r.Rule)+" "+string(r.Met)] = true
				}
			}
		}
	}
	var want []string
	for _, s := range Statuses {
		want = append(want, "status "+string(s))
	}
	for _, o := range Outcomes {
		want = append(want, "outcome "+string(o))
	}
	for _, o := range slices.Concat(severity, []Outcome{TreatedAsCompliant, EligibleForSimplified}) {
		want = append(want, "layer "+string(o))
	}
	for _, in := range Jurisdictions {
		want = append(want, "place jc-star "+string(in), "place psti "+string(in))
	}
	// A rule is met or not; these may be unknown too, or unknown instead.
	both := []RuleID{"label-accord-valid", "label-accord-basis", "label-accord-scope-uk", "label-statute-security", "label-statute-statement",
		"label-statute-scope", "declaration-accord-open", "declaration-accord-scope-uk", "declaration-accord-scope-jp"}
	never := []RuleID{"label-accord-understood", "label-statute-criteria", "label-statute-understood", "declaration-accord-standard", "declaration-accord-understood"}
	for _, r := range Rules {
		want = append(want, "rule "+string(r.ID)+" yes")
		if !slices.Contains(never, r.ID) {
			want = append(want, "rule "+string(r.ID)+" no")
		}
		if slices.Contains(never, r.ID) || slices.Contains(both, r.ID) {
			want = append(want, "rule "+string(r.ID)+" unknown")
		}
	}
	for _, w := range want {
		if !shown[w] {
			t.Errorf("no case shows %s", w)
		}
		delete(shown, w)
	}
	for s := range shown {
		if strings.HasPrefix(s, "rule ") {
			t.Errorf("%s: was not thought to be possible", s)
		}
	}
}
