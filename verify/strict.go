package verify

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"sync"
)

// strict decodes a statement of which nothing is to be said but what its head and
// body say: it has the members of its kind and no others, and each is of its type,
// is not empty and has a text that is fit to print. ok is false for any other, and
// for some that are good: what they are, [checker.shape] tells, in several times as
// long. unmarshal is that of [ParseStatementBy].
func (c *checker) strict(unmarshal func([]byte, any) error, payload []byte) (s Statement, ok bool) {
	if empties(payload) {
		return s, false
	}
	s, whole, ok := decodeWhole(unmarshal, payload)
	return s, ok && c.fit(whole.Field(0), 0) && c.fit(whole.Field(1), 0)
}

// decodeWhole decodes a statement in one go that has the members of its kind and no
// others. It returns the struct of both its parts too. unmarshal makes an error of any
// other member.
func decodeWhole(unmarshal func([]byte, any) error, payload []byte) (s Statement, whole reflect.Value, ok bool) {
	_, rest, _ := bytes.Cut(payload, []byte(`"kind"`)) // most likely its own
	kind, _, _ := bytes.Cut(bytes.TrimLeft(rest, ": \t\r\n\""), []byte(`"`))
	t, known := wholes()[Kind(kind)]
	if !known {
		return s, whole, false
	}
	into := reflect.New(t)
	if err := unmarshal(payload, into.Interface()); err != nil {
		return s, whole, false
	}
	whole = into.Elem()
	s = Statement{*whole.Field(0).Addr().Interface().(*Head), whole.Field(1).Addr().Interface().(Body)}
	return s, whole, s.Kind == Kind(kind)
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

// empties reports whether a value in JSON may be null or empty. Once it is decoded,
// nobody can tell it from one that is not there.
func empties(payload []byte) bool {
	return bytes.Contains(payload, []byte(`""`)) || bytes.Contains(payload, []byte("null")) ||
		encloses(payload, "{", '}') || encloses(payload, "[", ']')
}

// encloses reports whether two brackets have nothing between them but white space.
func encloses(payload []byte, opens string, closes byte) bool {
	for {
		before, after, found := bytes.Cut(payload, []byte{closes})
		if !found {
			return false
		}
		if bytes.HasSuffix(bytes.TrimRight(before, " \t\r\n"), []byte(opens)) {
			return true
		}
		payload = after
	}
}

// fit reports whether the texts in a decoded value are no longer than they may be
// and fit to print, and its numbers of the size that [checker.value] takes.
func (c *checker) fit(v reflect.Value, limit int) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return v.IsNil() || c.fit(v.Elem(), limit)
	case reflect.String:
		s := v.String()
		return s == "" || textRule(s, limit) == "" && !(s[0] == '<' && strings.HasSuffix(s, ">"))
	case reflect.Int:
		return math.MinInt32 <= v.Int() && v.Int() <= math.MaxInt32
	case reflect.Slice:
		for i := range v.Len() {
			if !c.fit(v.Index(i), limit) {
				return false
			}
		}
	case reflect.Struct:
		if v.Type() == instantType || v.Type() == dateType {
			return true
		}
		for i, limit := range limitsOf(v.Type()) {
			if !c.fit(v.Field(i), limit) {
				return false
			}
		}
	}
	return true
}

var limitsByType sync.Map // reflect.Type → []int

// limitsOf returns how long the texts in the fields of a struct may be.
func limitsOf(t reflect.Type) []int {
	if l, ok := limitsByType.Load(t); ok {
		return l.([]int)
	}
	l := make([]int, t.NumField())
	for i := range l {
		l[i] = limitOf(t.Field(i).Tag)
	}
	limitsByType.Store(t, l)
	return l
}
