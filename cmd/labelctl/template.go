package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tegata/verify"
)

// A template is what a statement of a kind may say. What there is, comes from
// the types that admission decodes; what must be there, what may stand beside
// what, and which values there are to choose from is found out by asking the
// checks of admission themselves, so that it is never another rule than theirs.
type template struct {
	kind verify.Kind
	root *field // without a name of its own: its members are those of the statement
}

// A field is a member, with what the checks say of it.
type field struct {
	verify.Member
	example  string // JSON; empty for an object, and where there is none
	choices  string // one of which it must be
	span     string // of a number
	only     string // name=value of the member beside it that it goes with
	optional bool
	never    bool // is refused in this kind
	in       []*field

	out bool // left out of what the checks are asked about
}

// newTemplate finds out about a kind.
func newTemplate(kind verify.Kind) *template {
	t := &template{kind, &field{Member: verify.Member{Type: "object"}}}
	at := map[string]*field{"": t.root}
	for _, m := range verify.Members(kind) {
		f := &field{Member: m}
		parent := at[strings.TrimSuffix(strings.TrimSuffix(m.Path, m.Name), ".")]
		f.example = exampleOf(kind, m, parent.Member)
		f.out = f.example == "" && m.Type != "object"
		parent.in = append(parent.in, f)
		at[m.Path] = f
	}
	t.each(t.root.in, t.beside)
	t.each(t.root.in, t.chosen)
	t.needed(t.root.in)
	return t
}

// each calls see with every field, the deeper after the one they lie in.
func (t *template) each(fields []*field, see func(f *field, beside []*field)) {
	for _, f := range fields {
		see(f, fields)
		t.each(f.in, see)
	}
}

// value is the value of the example, of all that is not left out.
func (f *field) value() any {
	var v any = json.RawMessage(f.example)
	if f.Type == "object" {
		o := map[string]any{}
		for _, m := range f.in {
			if !m.out {
				o[m.Name] = m.value()
			}
		}
		v = o
	}
	if f.List {
		v = []any{v}
	}
	return v
}

// asked is when the checks are asked: of the examples none is later.
var asked = time.Date(2026, time.December, 1, 0, 0, 0, 0, time.UTC)

// faults asks the checks about the example.
func (t *template) faults() verify.Faults {
	payload, err := json.Marshal(t.root.value())
	if err == nil {
		payload, err = complete(payload, asked)
	}
	if err != nil {
		panic(err) // an example is no JSON
	}
	_, faults := verify.ParseStatement(payload)
	return faults
}

// refused returns what a rule says of a field.
func (t *template) refused(f *field, rule verify.FaultRule) (detail string, refused bool) {
	for _, fault := range t.faults() {
		if fault.Rule == rule && strings.ReplaceAll(fault.Field, "[0]", "") == f.Path {
			return fault.Detail, true
		}
	}
	return "", false
}

// beside leaves a field out that may not stand beside the others, and finds the
// value of one of them with which it may.
func (t *template) beside(f *field, others []*field) {
	if _, no := t.refused(f, verify.NotAllowed); !no {
		return
	}
	for _, other := range others {
		for _, choice := range t.choices(other) {
			was := other.example
			other.example = `"` + choice + `"`
			_, no := t.refused(f, verify.NotAllowed)
			other.example = was
			if !no && f.only == "" {
				f.only = other.Name + "=" + choice
			}
		}
	}
	f.out, f.never = true, f.only == ""
}

// choices are the values of a field that there are to choose from.
func (t *template) choices(f *field) []string {
	if f.Type != "string" || f.out || f.Name == "kind" {
		return nil
	}
	was := f.example
	f.example = `"?"`
	list, some := t.refused(f, verify.NotOneOf)
	f.example = was
	if !some {
		return nil
	}
	return strings.Split(list, ", ")
}

// chosen finds the values of a field that there are to choose from.
func (t *template) chosen(f *field, _ []*field) {
	f.choices = strings.Join(t.choices(f), ", ")
	if f.Type == "integer" && !f.out {
		was := f.example
		f.example = "-1"
		f.span, _ = t.refused(f, verify.OutOfRange)
		f.example = was
	}
}

// needed finds out which fields may be left out: from the last to the first,
// each that is not missed. What lies in one of them is needed or not beside it.
func (t *template) needed(fields []*field) {
	for _, f := range slices.Backward(fields) {
		if f.out {
			f.optional = true
			continue
		}
		f.out = true
		f.optional = len(t.faults()) == 0
		f.out = f.optional
	}
	for _, f := range fields {
		if f.Type != "object" {
			continue
		}
		was := f.out
		f.out = false
		t.needed(f.in)
		f.out = was
	}
}

// exampleOf returns the example of a member: that of its kind where there is
// one. A text in two languages is explained by what it is the text of.
func exampleOf(kind verify.Kind, m, in verify.Member) string {
	key := m.Of + "." + m.Name
	if m.Of == "Text" {
		key = in.Of + "." + in.Name + "." + m.Name
	}
	if key == "Head.kind" {
		return `"` + string(kind) + `"`
	}
	return cmp.Or(examples[string(kind)+" "+m.Path], examples[key])
}
