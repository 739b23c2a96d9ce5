package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

func TestTypeOf(t *testing.T) {
	for text, want := range map[string]string{
		`{"type": "string", "format": "uri"}`:                               "string (uri)",
		`{"type": ["boolean", "null"]}`:                                     "boolean | null",
		`{"enum": ["a", 30]}`:                                               "[a 30]",
		`{"const": "ok\n"}`:                                                 "[ok]",
		`{"$ref": "#/components/schemas/Code"}`:                             "<Code>",
		`{"type": "array", "items": {"$ref": "#/components/schemas/X"}}`:    "list of <X>",
		`{"oneOf": [{"$ref": "#/components/schemas/X"}, {"type": "null"}]}`: "<X>",
		``: "",
	} {
		k := TypeOf(json.RawMessage(text))
		got := k.Kind
		if k.Values != nil {
			got += fmt.Sprint(k.Values)
		}
		for _, r := range k.Refs {
			got += "<" + r + ">"
		}
		if k.List {
			got = "list of " + got
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// TestMembersOf: the required members come first, as they are listed, and members
// of members after them.
func TestMembersOf(t *testing.T) {
	text := `{"required": ["b", "list"], "properties": {"a": {"type": "string"}, "b": {"properties": {"c": {"type": "integer"}}},
		"list": {"items": {"required": ["d"], "properties": {"d": {"description": "D.", "enum": ["x"]}}}}}}`
	var got []string
	for _, m := range MembersOf(json.RawMessage(text)) {
		got = append(got, fmt.Sprint(m.Name, m.Required, m.Description))
	}
	if want := []string{"btrue", "b.cfalse", "listtrue", "list[].dtrueD.", "afalse"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSchemas: every schema has a type or members, and every type named is there.
func TestSchemas(t *testing.T) {
	all := New(written).Schemas()
	has := map[string]bool{}
	for _, s := range all {
		has[s.Name] = true
	}
	known := func(where string, k Type) {
		for _, r := range k.Refs {
			if !has[r] {
				t.Errorf("%s: there is no %s", where, r)
			}
		}
	}
	for _, s := range all {
		if len(s.Members)+len(s.Type.Refs)+len(s.Type.Values) == 0 && s.Type.Kind == "" {
			t.Errorf("%s: nothing is said of it", s.Name)
		}
		known(s.Name, s.Type)
		for _, m := range s.Members {
			known(s.Name+"."+m.Name, m.Type)
		}
	}
}
