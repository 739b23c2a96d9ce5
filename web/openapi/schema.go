package openapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Schema is what JSON of one name has.
type Schema struct {
	Name        string
	Description string
	Type        Type
	Members     []Member // of an object, and those of objects in it
}

// A Member is one of an object. The name of a member of an object in it has that
// object's before a full stop, and [] where there is a list of them.
type Member struct {
	Name        string
	Required    bool
	Description string
	Type        Type
}

// A Type says what a value may be.
type Type struct {
	List   bool     // of what follows
	Refs   []string // names of schemas: one of them
	Values []string // one of them
	Kind   string   // otherwise, as JSON Schema names it, with its format
}

// schemaText is a schema as the files write it.
type schemaText struct {
	Ref         string                     `json:"$ref"`
	Description string                     `json:"description"`
	Type        any                        `json:"type"` // text or list
	Format      string                     `json:"format"`
	Enum        []any                      `json:"enum"`
	Const       any                        `json:"const"`
	Items       *schemaText                `json:"items"`
	OneOf       []schemaText               `json:"oneOf"`
	AnyOf       []schemaText               `json:"anyOf"`
	Required    []string                   `json:"required"`
	Properties  map[string]json.RawMessage `json:"properties"`
}

// Schemas returns what is described once for many, by name.
func (d *Document) Schemas() (out []Schema) {
	all := d.parts.Components.Schemas
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := parseSchema(all[name])
		out = append(out, Schema{Name: name, Description: s.Description, Type: s.kind(), Members: s.members("")})
	}
	return out
}

// TypeOf says what a schema of a parameter or a body allows.
func TypeOf(text json.RawMessage) Type {
	if len(text) == 0 {
		return Type{}
	}
	return parseSchema(text).kind()
}

// MembersOf lists the members of an object that has no name of its own.
func MembersOf(text json.RawMessage) []Member {
	if len(text) == 0 {
		return nil
	}
	s := parseSchema(text)
	if s.Items != nil {
		s = *s.Items
	}
	return s.members("")
}

func parseSchema(text json.RawMessage) (s schemaText) {
	must(json.Unmarshal(text, &s))
	return s
}

// members lists the members of an object in the order of the required ones, then
// by name.
func (s schemaText) members(before string) (out []Member) {
	names := slices.SortedFunc(maps.Keys(s.Properties), func(a, b string) int {
		place := func(name string) int {
			if i := slices.Index(s.Required, name); i >= 0 {
				return i
			}
			return len(s.Required)
		}
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
	})
	for _, name := range names {
		m := parseSchema(s.Properties[name])
		out = append(out, Member{before + name, slices.Contains(s.Required, name), m.Description, m.kind()})
		switch {
		case m.Properties != nil:
			out = append(out, m.members(before+name+".")...)
		case m.Items != nil && m.Items.Properties != nil:
			out = append(out, m.Items.members(before+name+"[].")...)
		}
	}
	return out
}

func (s schemaText) kind() (t Type) {
	if s.Items != nil {
		t = s.Items.kind()
		t.List = true
		return t
	}
	for _, one := range append(append([]schemaText{s}, s.OneOf...), s.AnyOf...) {
		if name, found := strings.CutPrefix(one.Ref, "#/components/schemas/"); found {
			name, _, _ = strings.Cut(name, "/") // of a member: the schema it is in
			t.Refs = append(t.Refs, name)
		}
	}
	if s.Const != nil {
		s.Enum = []any{s.Const}
	}
	for _, v := range s.Enum {
		t.Values = append(t.Values, strings.TrimSuffix(fmt.Sprint(v), "\n"))
	}
	if len(t.Refs)+len(t.Values) > 0 {
		return t
	}
	switch kind := s.Type.(type) {
	case string:
		t.Kind = kind
	case []any:
		var all []string
		for _, k := range kind {
			all = append(all, fmt.Sprint(k))
		}
		t.Kind = strings.Join(all, " | ")
	}
	if s.Format != "" {
		t.Kind += " (" + s.Format + ")"
	}
	return t
}
