package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/web/i18n"
)

// TestExplanations: every member that a kind may have is explained in every
// language, and nothing else is; every example is of such a member.
func TestExplanations(t *testing.T) {
	members, keys := map[string]bool{}, map[string]bool{}
	for _, k := range verify.Kinds() {
		all := verify.Members(k)
		for _, m := range all {
			members[m.Of+"."+m.Name] = true
			keys[m.Of+"."+m.Name], keys[string(k)+" "+m.Path] = true, true
			if m.Type == "object" {
				keys[m.Of+"."+m.Name+".en"], keys[m.Of+"."+m.Name+".ja"] = true, true
			}
		}
	}
	for _, l := range i18n.Languages {
		text, err := os.ReadFile("../../web/i18n/" + string(l) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(text, &words); err != nil {
			t.Fatal(err)
		}
		for key := range words {
			if name, ok := strings.CutPrefix(key, "explain."); ok && !members[name] {
				t.Errorf("%s: %s is explained, and no kind has it", l, name)
			}
		}
		for name := range members {
			if words["explain."+name] == "" {
				t.Errorf("%s: %s is not explained", l, name)
			}
		}
	}
	for key := range examples {
		if !keys[key] {
			t.Errorf("%s: got an example of what no kind has", key)
		}
	}
}

// A fresh template is refused for what is not filled in, each by its name, and
// for nothing else; with the values that explain it, it has no fault: as it is,
// and with all that may be left out.
func TestTemplates(t *testing.T) {
	for _, k := range verify.Kinds() {
		for _, l := range i18n.Languages {
			tmpl := newTemplate(k)
			if faults := tmpl.faults(); len(faults) > 0 {
				t.Errorf("%s: the examples: got %v", k, faults)
			}
			text := tmpl.text(l, "x.jsonc")
			var want []string
			for _, line := range strings.Split(text, "\n") {
				if p := placeholders.FindString(line); p != "" && !strings.HasPrefix(strings.TrimSpace(line), "//") {
					want = append(want, strings.Trim(p, `"`))
				}
			}
			var got []string
			for _, f := range parsed(t, text) {
				if f.Rule != verify.Placeholder {
					t.Errorf("%s %s: got %v", l, k, f)
				}
				got = append(got, f.Detail)
			}
			slices.Sort(got)
			slices.Sort(want)
			if len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("%s %s: got %q refused, want %q", l, k, got, want)
			}
			for name, text := range map[string]string{"as it is": text, "all of it": everything(tmpl, text)} {
				if faults := parsed(t, filled(t, tmpl, text)); len(faults) > 0 {
					t.Errorf("%s %s, %s: got %v", l, k, name, faults)
				}
			}
		}
	}
}

var placeholders = regexp.MustCompile(`"<[a-z0-9_.]+>"`)

// filled puts the examples that a template shows in the place of its
// placeholders.
func filled(t *testing.T, tmpl *template, text string) string {
	t.Helper()
	shown := map[string]string{}
	tmpl.each(tmpl.root.in, func(f *field, _ []*field) {
		if f.example != "" && !f.never && f.Name != "kind" && !strings.Contains(text, ": "+f.example+"\n") && !strings.Contains(text, "："+f.example+"\n") {
			t.Errorf("%s: the example of %s is not shown", tmpl.kind, f.Path)
		}
		shown[`"`+f.Unfilled()+`"`] = f.example
	})
	return placeholders.ReplaceAllStringFunc(text, func(p string) string { return shown[p] })
}

// everything takes the strokes away, but before what goes with another value of
// what is beside it or has no example.
func everything(tmpl *template, text string) string {
	not := map[string]bool{}
	tmpl.each(tmpl.root.in, func(f *field, _ []*field) {
		if f.only != "" || f.example == "" && f.Type != "object" {
			not[f.Unfilled()] = true
		}
	})
	lines := strings.Split(text, "\n")
	head := slices.Index(lines, "{")
	for i, line := range lines[head:] {
		if !not[strings.Trim(placeholders.FindString(line), `"`)] {
			lines[head+i] = strings.TrimLeft(line, "/")
		}
	}
	return strings.Join(lines, "\n")
}

// parsed returns the faults of a statement with comments.
func parsed(t *testing.T, text string) verify.Faults {
	t.Helper()
	b, err := uncommented([]byte(text))
	if err == nil {
		err = envelope.CheckJSON(b)
	}
	if err == nil {
		b, err = complete(b, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	}
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	_, faults := verify.ParseStatement(b)
	return faults
}

// What the checks decide, the template says: which values there are, and what
// goes with what.
func TestTemplateAsks(t *testing.T) {
	fields := map[string]*field{}
	for _, k := range []verify.Kind{verify.LabelIssued, verify.AccordNoticed} {
		tmpl := newTemplate(k)
		tmpl.each(tmpl.root.in, func(f *field, _ []*field) { fields[string(k)+" "+f.Path] = f })
	}
	type said struct {
		optional, never bool
		choices, span   string
		only            string
	}
	for name, want := range map[string]said{
		"label.issued kind":                    {},
		"label.issued id":                      {optional: true},
		"label.issued by":                      {},
		"label.issued label.level":             {span: "1–4"},
		"label.issued label.basis.route":       {choices: "own, uk_psti_simplified, third_party"},
		"label.issued label.basis.declaration": {optional: true, only: "route=uk_psti_simplified"},
		"label.issued label.basis.arrangement": {optional: true, only: "route=third_party"},
		"label.issued label.holder.role":       {optional: true, never: true},
		"label.issued label.holder.name.en":    {},
		"label.issued label.holder.name.ja":    {optional: true},
		"label.issued label.support.text":      {},
		"label.issued label.support.end":       {optional: true},
		"label.issued label.contact.email":     {optional: true},
		"accord.noticed code":                  {optional: true, never: true},
	} {
		f := fields[name]
		if got := (said{f.optional, f.never, f.choices, f.span, f.only}); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}
