package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// CheckJSON returns nil if payload is exactly one JSON object in valid UTF-8 with
// no member repeated at any depth, and nothing but white space around it.
// Otherwise it returns [ErrMalformed], with the place.
//
// Names are compared as decoded, so that "a" and "\u0061" are the same; "a" and
// "A" are not.
func CheckJSON(payload []byte) error {
	if v := jsontext.Value(payload); v.Kind() == jsontext.KindBeginObject && v.IsValid() {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(payload))
	kind := d.PeekKind()
	if err := d.SkipValue(); err != nil {
		return fmt.Errorf("%w: payload: %s", ErrMalformed, fault(err))
	}
	if kind != jsontext.KindBeginObject {
		return fmt.Errorf("%w: payload: not a JSON object", ErrMalformed)
	}
	end := d.InputOffset()
	if _, err := d.ReadToken(); err != io.EOF {
		return fmt.Errorf("%w: payload: more follows the object that ends at byte %d", ErrMalformed, end)
	}
	return nil
}

// Decode reads one JSON object into v with the strictness of [CheckJSON], and
// without members that v does not have. The error is [ErrMalformed], with the
// place.
func Decode(object []byte, v any) error {
	if err := CheckJSON(object); err != nil {
		return err
	}
	if err := decode(object, v); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

// decode is Decode of one object and nothing else; its error is as short as
// fault's.
func decode(object []byte, v any) error {
	if err := json.Unmarshal(object, v, json.RejectUnknownMembers(true)); err != nil {
		return errors.New(fault(err))
	}
	return nil
}

// fault says what is wrong with JSON, and where: a JSON pointer, and the byte
// where one helps. It is short however long the text is, and shows no values.
func fault(err error) string {
	var syntactic *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case errors.As(err, &syntactic) && syntactic.Err == jsontext.ErrDuplicateName:
		return fmt.Sprintf("%v at %.100q", syntactic.Err, syntactic.JSONPointer)
	case errors.As(err, &syntactic):
		return fmt.Sprintf("%.100v at %.100q, byte %d", syntactic.Err, syntactic.JSONPointer, syntactic.ByteOffset)
	case errors.As(err, &semantic) && semantic.Err == json.ErrUnknownName:
		return fmt.Sprintf("%v at %.100q", semantic.Err, semantic.JSONPointer)
	case errors.As(err, &semantic):
		return fmt.Sprintf("wrong type at %.100q", semantic.JSONPointer)
	}
	return err.Error()
}
