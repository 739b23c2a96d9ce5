package verify

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// defaultMax bounds a text that has no limit of its own, in characters.
const defaultMax = 300

// decodeTree decodes JSON to maps, lists, texts, truth values and json.Number.
func decodeTree(payload []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if err := d.Decode(to); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one value")
	}
	return nil
}

// shape compares a decoded object with the structs it is to fill, together, and
// notes every member none of them has, every value of another type, and every
// text that is too long or not fit to print. The json tag names a member; the
// tag max gives the limit of a text where it is not the default. What is at
// fault is taken out of raw, so that the rest can still be decoded and looked at.
func (c checker) shape(raw map[string]any, into ...any) {
	types := make([]reflect.Type, len(into))
	for i, v := range into {
		types[i] = reflect.TypeOf(v).Elem()
	}
	c.object("", raw, types...)
}

func (c checker) object(path string, raw map[string]any, types ...reflect.Type) {
	names := slices.AppendSeq(make([]string, 0, len(raw)), maps.Keys(raw))
	slices.Sort(names)
	for _, name := range names {
		at := join(path, name)
		field, ok := member(name, types)
		if !ok {
			c.add(at, UnknownMember, "")
			delete(raw, name)
			continue
		}
		if !c.value(at, raw[name], field.Type, field.Tag) {
			raw[name] = nil
		}
	}
}

// member finds the field of a JSON member, by its exact name.
func member(name string, types []reflect.Type) (reflect.StructField, bool) {
	for _, t := range types {
		if f, ok := membersOf(t)[name]; ok {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

var fieldsByType sync.Map // reflect.Type → map[string]reflect.StructField

// membersOf returns the fields of a struct by the names of their members. Which
// types there are, the statements say.
func membersOf(t reflect.Type) map[string]reflect.StructField {
	if m, ok := fieldsByType.Load(t); ok {
		return m.(map[string]reflect.StructField)
	}
	m := map[string]reflect.StructField{}
	for i := range t.NumField() {
		f := t.Field(i)
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "" {
			m[tag] = f
		}
	}
	fieldsByType.Store(t, m)
	return m
}

var (
	instantType = reflect.TypeFor[time.Time]()
	dateType    = reflect.TypeFor[Date]()
	textType    = reflect.TypeFor[encoding.TextUnmarshaler]()
)

var textByType sync.Map // reflect.Type → bool

// readsText reports whether values of the type are decoded from a text by a method.
func readsText(t reflect.Type) bool {
	is, ok := textByType.Load(t)
	if !ok {
		is = reflect.PointerTo(t).Implements(textType)
		textByType.Store(t, is)
	}
	return is.(bool)
}

// value notes what is wrong with one value, and reports whether it, apart from
// what lies in it, can be decoded.
func (c checker) value(at string, v any, t reflect.Type, tag reflect.StructTag) bool {
	before := len(c.faults.Faults)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	s, isText := v.(string)
	switch {
	case v == nil:
		c.add(at, WrongType, typeName(t))
	case unfilled(at, s):
		c.add(at, Placeholder, s)
	case t == instantType:
		if _, err := ParseInstant(s); err != nil {
			c.add(at, NotInstant, s)
		}
	case t == dateType:
		if _, err := ParseDate(s); err != nil {
			c.add(at, NotDate, s)
		}
	case readsText(t):
		c.text(at, s, isText, tag)
		if err := reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)); err != nil {
			c.textFault(at, err)
		}
	case t.Kind() == reflect.String:
		c.text(at, s, isText, tag)
	case t.Kind() == reflect.Bool:
		if _, ok := v.(bool); !ok {
			c.add(at, WrongType, typeName(t))
		}
	case t.Kind() == reflect.Int:
		n, ok := v.(json.Number)
		if _, err := strconv.ParseInt(string(n), 10, 32); !ok || err != nil {
			c.add(at, WrongType, typeName(t))
		}
	case t.Kind() == reflect.Slice:
		c.list(at, v, t.Elem(), tag)
	case t.Kind() == reflect.Struct:
		o, ok := v.(map[string]any)
		if !ok {
			c.add(at, WrongType, typeName(t))
		} else if len(o) == 0 {
			c.add(at, EmptyValue, "")
		} else {
			c.object(at, o, t)
		}
	default:
		panic(fmt.Sprintf("no statement holds a %v", t)) // a body was given a field that cannot be signed
	}
	return !slices.ContainsFunc(c.faults.Faults[before:], func(f Fault) bool { return f.Field == at })
}

func (c checker) list(at string, v any, elem reflect.Type, tag reflect.StructTag) {
	l, ok := v.([]any)
	switch {
	case !ok:
		c.add(at, WrongType, typeName(reflect.SliceOf(elem)))
	case len(l) == 0:
		c.add(at, EmptyValue, "")
	default:
		for i, v := range l {
			if !c.value(indexed(at, i), v, elem, tag) {
				l[i] = nil
			}
		}
	}
}

// text notes a text that is missing, too long or not fit to print.
func (c checker) text(at, s string, isText bool, tag reflect.StructTag) {
	limit := limitOf(tag)
	switch rule := textRule(s, limit); {
	case !isText:
		c.add(at, WrongType, "string")
	case s == "":
		c.add(at, EmptyValue, "")
	case rule == TooLong:
		c.add(at, TooLong, strconv.Itoa(limit))
	case rule != "":
		c.add(at, rule, "")
	}
}

// limitOf returns how long a text may be, in characters.
func limitOf(tag reflect.StructTag) int {
	if t := tag.Get("max"); t != "" {
		limit, _ := strconv.Atoi(t)
		return limit
	}
	return defaultMax
}

// textRule returns the rule that a text breaks, if it breaks one. What would mislead
// a reader breaks one: control characters, and marks that turn the direction of what
// follows, could make one name read as another.
func textRule(s string, limit int) FaultRule {
	switch {
	case len(s) > limit && utf8.RuneCountInString(s) > limit:
		return TooLong
	case plain(s):
	case strings.TrimSpace(s) != s || strings.ContainsFunc(s, misleading):
		return BadText
	}
	return ""
}

// plain reports whether all of s is printed in ASCII, as most texts are, and no space is
// at an end: then nothing in it misleads.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

// invisible are characters that nobody sees and that make two texts different:
// line and paragraph separators, spaces and joiners without width.
var invisible = []rune{'\u2028', '\u2029', '\u200b', '\u2060', '\ufeff', '\u00ad'}

func misleading(r rune) bool {
	if ' ' <= r && r <= '~' || '\u3000' <= r && r <= '\ud7ff' { // most of what is written, in English and Japanese
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar ||
		slices.Contains(invisible, r)
}

func (c checker) textFault(at string, err error) {
	if code := (*CodeError)(nil); errors.As(err, &code) {
		c.also(at, code.Rule, code.Detail())
		return
	}
	c.also(at, BadText, "")
}

func typeName(t reflect.Type) string {
	if t == instantType || t == dateType {
		return "string"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int:
		return "integer"
	case reflect.Slice:
		return "array"
	case reflect.Struct:
		return "object"
	default:
		return "string"
	}
}
