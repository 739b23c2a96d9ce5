package envelope

import (
	"bytes"
	"encoding"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"tegata/verify"
)

// readWhole is the [verify.WholeReader] of objects that are JSON as [CheckJSON] takes it.
// It decodes and looks at what it decodes in one go.
func readWhole(object []byte, into any) bool {
	r := wholeReaders.Get().(*wholeReader)
	defer wholeReaders.Put(r)
	r.object, r.said = *bytes.NewBuffer(object), string(object)
	r.json.Reset(&r.object, jsontext.AllowDuplicateNames(true)) // fields looks for them
	v := reflect.ValueOf(into).Elem()
	if !r.fields(v, fieldsOf(v.Type())) {
		return false
	}
	_, err := r.json.ReadToken()
	return err == io.EOF
}

// A wholeReader reads one object after another.
type wholeReader struct {
	object bytes.Buffer
	said   string // the object: its texts are parts of it
	json   *jsontext.Decoder
}

var wholeReaders = sync.Pool{New: func() any { return &wholeReader{json: jsontext.NewDecoder(new(bytes.Buffer))} }}

// A field is one of a struct, or of a struct that is embedded in it.
type field struct {
	outer, at int    // where it stands; outer is -1 or the field that embeds it
	bit       uint64 // of its own among those of the struct
	take      taker
}

// A taker reads one value into a field, and reports whether it is whole.
type taker func(r *wholeReader, into reflect.Value) bool

var fieldsByType sync.Map // reflect.Type → map[string]*field

// fieldsOf returns the fields of a struct, at most 64, by the names of their members.
func fieldsOf(t reflect.Type) map[string]*field {
	if of, ok := fieldsByType.Load(t); ok {
		return of.(map[string]*field)
	}
	of := map[string]*field{}
	for i := range t.NumField() {
		f := t.Field(i)
		switch name, embed, _ := strings.Cut(f.Tag.Get("json"), ","); {
		case name != "":
			of[name] = &field{outer: -1, at: i, take: takerOf(f.Type, verify.Fitting(f.Tag))}
		case embed == "embed":
			for name, inner := range fieldsOf(f.Type) {
				of[name] = &field{outer: i, at: inner.at, take: inner.take}
			}
		}
	}
	if len(of) > 64 {
		panic(fmt.Sprintf("%v has %d members: more than are told apart", t, len(of)))
	}
	bit := uint64(1)
	for _, f := range of {
		f.bit, bit = bit, bit<<1
	}
	fieldsByType.Store(t, of)
	return of
}

func (r *wholeReader) fields(into reflect.Value, of map[string]*field) bool {
	if begin, err := r.json.ReadToken(); err != nil || begin.Kind() != jsontext.KindBeginObject {
		return false
	}
	var seen uint64
	for r.json.PeekKind() == jsontext.KindString {
		_, name, ok := r.text()
		f := of[name]
		if !ok || f == nil || seen&f.bit != 0 {
			return false
		}
		seen |= f.bit
		at := into
		if f.outer >= 0 {
			at = into.Field(f.outer)
		}
		if !f.take(r, at.Field(f.at)) {
			return false
		}
	}
	_, err := r.json.ReadToken()
	return err == nil && seen != 0
}

func (r *wholeReader) list(into reflect.Value, take taker) bool {
	if begin, err := r.json.ReadToken(); err != nil || begin.Kind() != jsontext.KindBeginArray {
		return false
	}
	n := 0
	for ; r.json.PeekKind() != jsontext.KindEndArray; n++ {
		if n == into.Cap() {
			into.Grow(1)
		}
		into.SetLen(n + 1)
		if !take(r, into.Index(n)) {
			return false
		}
	}
	_, err := r.json.ReadToken()
	return err == nil && n > 0
}

// text reads a text. The bytes stand until something else is read.
func (r *wholeReader) text() (b []byte, text string, ok bool) {
	raw, err := r.json.ReadValue()
	if err != nil || raw.Kind() != jsontext.KindString {
		return nil, "", false
	}
	if bytes.IndexByte(raw, '\\') >= 0 {
		b, err = jsontext.AppendUnquote(nil, raw)
		return b, string(b), err == nil
	}
	end := int(r.json.InputOffset()) - 1
	return raw[1 : len(raw)-1], r.said[end-len(raw)+2 : end], true
}

var (
	instantType = reflect.TypeFor[time.Time]()
	textType    = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// takerOf returns what reads values of a type, and the texts in them that fit.
func takerOf(t reflect.Type, fits func(text string) bool) taker {
	switch {
	case t == instantType:
		return takeInstant
	case reflect.PointerTo(t).Implements(textType):
		return func(r *wholeReader, into reflect.Value) bool {
			b, text, ok := r.text()
			return ok && fits(text) && into.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(b) == nil
		}
	}
	switch t.Kind() {
	case reflect.String:
		return func(r *wholeReader, into reflect.Value) bool {
			_, text, ok := r.text()
			into.SetString(text)
			return ok && fits(text)
		}
	case reflect.Bool:
		return takeTruth
	case reflect.Int:
		return takeNumber
	case reflect.Pointer:
		take := takerOf(t.Elem(), fits)
		return func(r *wholeReader, into reflect.Value) bool {
			into.Set(reflect.New(t.Elem()))
			return take(r, into.Elem())
		}
	case reflect.Slice:
		take := takerOf(t.Elem(), fits)
		return func(r *wholeReader, into reflect.Value) bool { return r.list(into, take) }
	case reflect.Struct:
		return func(r *wholeReader, into reflect.Value) bool { return r.fields(into, fieldsOf(t)) }
	}
	panic(fmt.Sprintf("no statement holds a %v", t))
}

func takeInstant(r *wholeReader, into reflect.Value) bool {
	_, text, ok := r.text()
	at, err := verify.ParseInstant(text)
	*into.Addr().Interface().(*time.Time) = at
	return ok && err == nil
}

func takeTruth(r *wholeReader, into reflect.Value) bool {
	token, err := r.json.ReadToken()
	into.SetBool(token.Kind() == jsontext.KindTrue)
	return err == nil && (token.Kind() == jsontext.KindTrue || token.Kind() == jsontext.KindFalse)
}

func takeNumber(r *wholeReader, into reflect.Value) bool {
	raw, err := r.json.ReadValue()
	if err != nil {
		return false
	}
	n, err := strconv.ParseInt(string(raw), 10, 32)
	into.SetInt(n)
	return err == nil
}
