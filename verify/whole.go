package verify

import (
	"bytes"
	"reflect"
	"strings"
	"sync"
)

// A WholeReader decodes one JSON object into a struct that has its members and no
// others, and reports whether that is what there is: each member once, by exactly its
// name and of its type; no null and nothing empty; texts as [Fitting] takes them, numbers
// of 32 bits, instants as [ParseInstant] reads them. What it takes, [DecodeStatement]
// decodes to the same; what it does not take may be good too, and [ParseStatement] tells,
// in several times as long. A field with the tag json:",embed" stands for its members.
type WholeReader func(object []byte, into any) bool

// whole decodes a statement that has the members of its kind and no others. Its form is
// without a fault then.
func (read WholeReader) whole(payload []byte) (s Statement, ok bool) {
	_, rest, _ := bytes.Cut(payload, []byte(`"kind"`)) // most likely its own
	kind, _, _ := bytes.Cut(bytes.TrimLeft(rest, ": \t\r\n\""), []byte(`"`))
	t, known := wholes()[Kind(kind)]
	if !known {
		return s, false
	}
	into := reflect.New(t)
	if !read(payload, into.Interface()) {
		return s, false
	}
	head, body := into.Elem().Field(0), into.Elem().Field(1)
	s = Statement{*head.Addr().Interface().(*Head), body.Addr().Interface().(Body)}
	return s, s.Kind == Kind(kind)
}

// wholes are structs with the members of a kind's head and body.
var wholes = sync.OnceValue(func() map[Kind]reflect.Type {
	all := map[Kind]reflect.Type{}
	for kind, k := range kinds {
		all[kind] = reflect.StructOf([]reflect.StructField{
			{Name: "Head", Type: reflect.TypeFor[Head](), Tag: `json:",embed"`},
			{Name: "Body", Type: reflect.TypeOf(k.body()).Elem(), Tag: `json:",embed"`},
		})
	}
	return all
})

// Fitting returns what reports whether a text may stand in a field with that tag: it is
// there, is no longer than it may be, is fit to print, and was not left as a template
// has it.
func Fitting(tag reflect.StructTag) func(text string) bool {
	limit := limitOf(tag)
	return func(text string) bool {
		return text != "" && textRule(text, limit) == "" && !(text[0] == '<' && strings.HasSuffix(text, ">"))
	}
}
