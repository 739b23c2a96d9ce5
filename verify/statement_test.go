package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Every kind there is has been said once, and what was said then is read the
// same ever after: every member comes back, and no other.
func TestStoryHoldsEveryKind(t *testing.T) {
	seen := map[Kind]bool{}
	for _, s := range story(t) {
		seen[s.Kind] = true
		written, err := json.Marshal(s.Statement)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		var got, want any
		if err := decodeTree(written, &got); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if err := decodeTree(s.payload, &want); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: written again (-want +got):\n%s", s.name, diff)
		}
	}
	for k := range kinds {
		if !seen[k] {
			t.Errorf("%s is not in the story", k)
		}
		if !k.Known() {
			t.Errorf("%s is not known", k)
		}
	}
	if len(seen) != 19 {
		t.Errorf("got %d kinds, want 19", len(seen))
	}
}

func TestKind(t *testing.T) {
	for kind, want := range map[Kind][3]bool{
		LabelIssued:          {true, true, true},
		DeclarationPublished: {true, true, true},
		LabelStatus:          {true, true, false},
		MeasureTaken:         {true, true, false},
		RegistryCreated:      {true, false, false},
		KeyAdded:             {true, false, false},
		AccordNoticed:        {true, false, false},
		"label.future":       {false, false, false},
	} {
		if got := [3]bool{kind.Known(), kind.AboutCode(), kind.First()}; got != want {
			t.Errorf("%s: known, about a code, first: got %v, want %v", kind, got, want)
		}
	}
}

// A body is decoded by reflection; what is asked of its fields must be met by
// every one of them, since a member without a name could never be signed.
func TestEveryMemberHasAName(t *testing.T) {
	var walk func(path string, of reflect.Type)
	walk = func(path string, of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || of == instantType || of == dateType {
			return
		}
		for i := range of.NumField() {
			f := of.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" || name == "-" {
				t.Errorf("%s.%s has no name in JSON", path, f.Name)
			}
			walk(path+"."+f.Name, f.Type)
		}
	}
	walk("head", reflect.TypeFor[Head]())
	for kind, k := range kinds {
		walk(string(kind), reflect.TypeOf(k.body()).Elem())
	}
}

func TestDecodeLoggedIsLenient(t *testing.T) {
	status := specimenOf(t, LabelStatus)
	for _, c := range []struct {
		name    string
		payload []byte
		want    Statement
	}{
		{"a member added later", with(t, status.payload, "surveillance", map[string]any{"report": 7}), status.Statement},
		{"a member added later, inside", with(t, status.payload, "reason.fr", "…"), status.Statement},
		{"a kind added later", with(t, status.payload, "kind", "label.future"), Statement{Head: Head{
			Kind: "label.future", ID: status.ID, Origin: status.Origin, By: status.By, Made: status.Made, Code: status.Code,
		}}},
	} {
		got, err := DecodeStatement(c.payload)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if _, faults := ParseStatement(c.payload); len(faults) != 1 {
			t.Errorf("%s: admitted with %v, want one fault", c.name, faults)
		}
	}
	for name, payload := range map[string]string{
		"no JSON":    `{`,
		"a list":     `[]`,
		"wrong head": `{"kind":"label.status","made":"yesterday"}`,
		"wrong body": `{"kind":"label.status","from":7}`,
	} {
		if got, err := DecodeStatement([]byte(payload)); err == nil {
			t.Errorf("%s: got %v, want an error", name, got)
		}
	}
}

// An instant is the same however its characters are escaped, and what only looks like an
// escape is none.
func TestEscapedInstant(t *testing.T) {
	key := specimenOf(t, KeyAdded)
	escaped := regexp.MustCompile(`"(made|from)":"[^"]+"`).ReplaceAllFunc(key.payload, func(m []byte) []byte {
		name, value, _ := strings.Cut(strings.Trim(string(m), `"`), `":"`)
		var b strings.Builder
		for _, c := range []byte(value) {
			fmt.Fprintf(&b, `\u%04X`, c)
		}
		return fmt.Appendf(nil, `"%s":"%s"`, name, b.String())
	})
	if n := bytes.Count(escaped, []byte(`\u005A"`)); n != 2 {
		t.Fatalf("%s: %d instants are escaped, want 2", escaped, n)
	}
	got, faults := ParseStatement(escaped)
	if diff := cmp.Diff(key.Statement, got); diff != "" || len(faults) > 0 {
		t.Errorf("%s: %v\n%s", escaped, faults, diff)
	}
	if got, err := DecodeStatement(escaped); err != nil || !cmp.Equal(key.Statement, got) {
		t.Errorf("%s: got %v, %v as logged", escaped, got, err)
	}
	for text, want := range map[string]string{`"\u0054"`: "T", `"\\u0054"`: `\u0054`, `"\\\u0054"`: `\T`, `"\u0022\u005c\n"`: "\"\\\n", `"\ud83d\ude00\u00e9"`: "😀é"} {
		var got string
		if err := unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
	if err := unmarshal([]byte(`\u0031`), new(int)); err == nil {
		t.Error("an escape outside a text is a number")
	}
}

func FuzzParseStatement(f *testing.F) {
	for _, s := range story(f) {
		f.Add(s.payload)
	}
	f.Add([]byte(`{"kind":"label.issued","label":{"product":null,"support":[]}}`))
	f.Add([]byte(`{"kind":"label.status","made":5,"corrects":{}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		s, faults := ParseStatement(payload)
		if len(faults) > 0 {
			_ = faults.Error()
			return
		}
		logged, err := DecodeStatement(payload)
		if err != nil {
			t.Fatalf("%s: admitted, but logged: %v", payload, err)
		}
		if diff := cmp.Diff(s, logged); diff != "" {
			t.Fatalf("%s: as logged (-admitted +logged):\n%s", payload, diff)
		}
		if s.Made.Nanosecond() != 0 || s.Made.Location() != time.UTC {
			t.Fatalf("made: got %v", s.Made)
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatalf("%s: admitted, but cannot be written: %v", payload, err)
		}
		back, faults := ParseStatement(again)
		if diff := cmp.Diff(s, back); diff != "" || len(faults) > 0 {
			t.Fatalf("%s: written and read (-want +got): %v\n%s", payload, faults, diff)
		}
	})
}
