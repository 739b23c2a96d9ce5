package verify

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// A Kind says what a statement states. Kinds are signed and logged: they are
// never renamed, never reused, and their members are only ever added to.
type Kind string

const (
	RegistryCreated      Kind = "registry.created"
	PartyEnrolled        Kind = "party.enrolled"
	KeyAdded             Kind = "key.added"
	KeyRetiredKind       Kind = "key.retired"
	LabelIssued          Kind = "label.issued"
	LabelExtended        Kind = "label.extended"
	LabelAmended         Kind = "label.amended"
	LabelStatus          Kind = "label.status"
	LabelPractice        Kind = "label.practice"
	DeclarationPublished Kind = "declaration.published"
	DeclarationExtended  Kind = "declaration.extended"
	DeclarationAmended   Kind = "declaration.amended"
	DeclarationWithdrawn Kind = "declaration.withdrawn"
	DeclarationObserved  Kind = "declaration.observed"
	MeasureTaken         Kind = "measure.taken"
	MeasureLifted        Kind = "measure.lifted"
	RecognitionWithheld  Kind = "recognition.withheld"
	RecognitionRestored  Kind = "recognition.restored"
	AccordNoticed        Kind = "accord.noticed"
)

// A Statement is one thing one party said: a JSON object that the party signed.
type Statement struct {
	Head
	Body Body // what was said, by kind; nil where the kind is not known here
}

// Head is what every statement has.
type Head struct {
	Kind   Kind      `json:"kind"`
	ID     string    `json:"id"`             // UUID, chosen by who says it
	Origin string    `json:"origin"`         // the log it is meant for; no other takes it
	By     PartyID   `json:"by"`             // who says it
	Made   time.Time `json:"made"`           // when it was said, UTC, whole seconds
	Code   Code      `json:"code,omitempty"` // what it is about, where it is about one label or declaration
}

// A Body is the part of a statement that is of its kind alone.
type Body interface {
	// check notes what is missing or impossible in the statement by itself,
	// before anything is known about who said it and what was said before.
	check(h *Head, c checker)
}

// kinds is the table of all kinds: how its body is decoded, whether it is
// about a code, and who may say it.
var kinds = map[Kind]struct {
	body  func() Body
	about subject
	roles []Role
}{
	RegistryCreated:      {func() Body { return new(Created) }, ofRegistry, []Role{Operator}},
	PartyEnrolled:        {func() Body { return new(Enrolled) }, ofRegistry, []Role{Operator}},
	KeyAdded:             {func() Body { return new(AddedKey) }, ofRegistry, anyRole},
	KeyRetiredKind:       {func() Body { return new(RetiredKey) }, ofRegistry, anyRole},
	AccordNoticed:        {func() Body { return new(Noticed) }, ofRegistry, []Role{Participant}},
	LabelIssued:          {func() Body { return new(Issued) }, ofLabel, []Role{Issuer}},
	LabelExtended:        {func() Body { return new(Extended) }, ofLabel, []Role{Issuer}},
	LabelAmended:         {func() Body { return new(Amended) }, ofLabel, []Role{Issuer}},
	LabelStatus:          {func() Body { return new(StatusSaid) }, ofLabel, []Role{Issuer}},
	LabelPractice:        {func() Body { return new(Practised) }, ofLabel, []Role{Issuer}},
	DeclarationPublished: {func() Body { return new(Published) }, ofDeclaration, []Role{Maker}},
	DeclarationExtended:  {func() Body { return new(SupportExtended) }, ofDeclaration, []Role{Maker}},
	DeclarationAmended:   {func() Body { return new(LinkAmended) }, ofDeclaration, []Role{Maker}},
	DeclarationWithdrawn: {func() Body { return new(Withdrawn) }, ofDeclaration, []Role{Maker}},
	DeclarationObserved:  {func() Body { return new(Observed) }, ofDeclaration, []Role{Observer, Operator}},
	MeasureTaken:         {func() Body { return new(Taken) }, ofEither, []Role{Participant, Authority}},
	MeasureLifted:        {func() Body { return new(Lifted) }, ofEither, []Role{Participant, Authority}},
	RecognitionWithheld:  {func() Body { return new(Withheld) }, ofEither, []Role{Participant}},
	RecognitionRestored:  {func() Body { return new(Restored) }, ofEither, []Role{Participant}},
}

// A subject is what statements of a kind are about.
type subject int

const (
	ofRegistry    subject = iota // parties, keys, the accord: no code
	ofLabel                      // a JC-STAR label
	ofDeclaration                // a UK statement of compliance
	ofEither
)

// AboutCode reports whether statements of the kind carry a code.
func (k Kind) AboutCode() bool { return kinds[k].about != ofRegistry }

// First reports whether a statement of the kind begins a record.
func (k Kind) First() bool { return k == LabelIssued || k == DeclarationPublished }

// Known reports whether this program knows the kind.
func (k Kind) Known() bool { _, ok := kinds[k]; return ok }

// ParseStatement decodes the payload of a statement that asks to be entered and
// returns every fault of its form and contents; the statement is whole only
// where there is none. The payload must be one JSON object that repeats no
// member, which whoever opened its envelope has made sure of.
func ParseStatement(payload []byte) (Statement, Faults) {
	return parseStatement(unmarshal, payload)
}

// ParseStatementBy is [ParseStatement] with other decoders of JSON: one that decodes
// as [json.Unmarshal] does, and escapes in instants too, and one of what has no fault,
// which is tried first.
func ParseStatementBy(unmarshal func([]byte, any) error, read WholeReader, payload []byte) (Statement, Faults) {
	if s, faults, ok := parseWhole(read, payload); ok {
		return s, faults
	}
	return parseStatement(unmarshal, payload)
}

// ReadStatementBy is [ParseStatementBy] of what the reader alone can tell to have no
// fault. Where ok is false, it may have some or none.
func ReadStatementBy(read WholeReader, payload []byte) (s Statement, ok bool) {
	s, faults, ok := parseWhole(read, payload)
	return s, ok && len(faults) == 0
}

func parseWhole(read WholeReader, payload []byte) (Statement, Faults, bool) {
	s, ok := read.whole(payload)
	if !ok {
		return s, nil, false
	}
	var faults noted
	c := checker{faults: &faults}
	s.Head.check(c)
	s.Body.check(&s.Head, c)
	return s, faults.Faults, true
}

func parseStatement(unmarshal func([]byte, any) error, payload []byte) (Statement, Faults) {
	var faults noted
	c := checker{faults: &faults}
	var raw map[string]any
	if err := decodeTree(payload, &raw); err != nil {
		return Statement{}, Faults{{"", WrongType, "object"}}
	}
	kind, _ := raw["kind"].(string)
	k, known := kinds[Kind(kind)]
	s := Statement{}
	switch {
	case known:
		s.Body = k.body()
		c.shape(raw, &s.Head, s.Body)
	case raw["kind"] == nil:
		c.add("kind", Required, "")
	default:
		c.add("kind", NotOneOf, kindList())
	}
	if !known { // what else it should have nobody can tell, but for what all have
		s.Body = noBody{}
		maps.DeleteFunc(raw, func(name string, _ any) bool {
			_, ofAll := member(name, []reflect.Type{reflect.TypeFor[Head]()})
			return !ofAll || name == "kind"
		})
		c.shape(raw, &s.Head)
	}
	if len(faults.Faults) > 0 {
		payload, _ = json.Marshal(raw) // what is left of it; a tree that was decoded can be encoded
	}
	if err := decode(unmarshal, payload, &s); err != nil && len(faults.Faults) == 0 {
		faults.add("", WrongType, err.Error())
	}
	s.Head.check(c)
	s.Body.check(&s.Head, c)
	if !known {
		s.Body = nil
	}
	return s, faults.Faults
}

// noBody stands for the body of a kind that there is not.
type noBody struct{}

func (noBody) check(*Head, checker) {}

// DecodeStatement decodes the payload of a statement already logged. Where
// admission is strict this is lenient: members it does not know are passed
// over, and a kind it does not know has no Body.
func DecodeStatement(payload []byte) (Statement, error) {
	return decodeStatement(unmarshal, payload)
}

// DecodeStatementBy is [DecodeStatement] with other decoders of JSON, as those of
// [ParseStatementBy].
func DecodeStatementBy(unmarshal func([]byte, any) error, read WholeReader, payload []byte) (Statement, error) {
	if s, ok := read.whole(payload); ok {
		return s, nil
	}
	return decodeStatement(unmarshal, payload)
}

func decodeStatement(unmarshal func([]byte, any) error, payload []byte) (Statement, error) {
	var s Statement
	if err := unmarshal(payload, &s.Head); err != nil {
		return Statement{}, fmt.Errorf("statement: %w", err)
	}
	k, known := kinds[s.Kind]
	if !known {
		return s, nil
	}
	s.Body = k.body()
	if err := unmarshal(payload, s.Body); err != nil {
		return Statement{}, fmt.Errorf("statement of kind %s: %w", s.Kind, err)
	}
	return s, nil
}

func decode(unmarshal func([]byte, any) error, payload []byte, s *Statement) error {
	if err := unmarshal(payload, &s.Head); err != nil {
		return err
	}
	if _, none := s.Body.(noBody); none {
		return nil
	}
	return unmarshal(payload, s.Body)
}

// unmarshal is [json.Unmarshal], but that it reads escapes in an instant as it does in
// any other text: the library takes them as they stand (go.dev/issue/47353).
func unmarshal(b []byte, v any) error {
	if bytes.IndexByte(b, '\\') >= 0 && json.Valid(b) {
		b = escapes.ReplaceAllFunc(b, unescaped)
	}
	return json.Unmarshal(b, v)
}

var (
	escapes     = regexp.MustCompile(`\\(?:u00[0-9A-Fa-f]{2}|.)`)
	instantText = letters("0-9TZ.:+-")
)

// unescaped returns what an escape stands for if that may be in an instant, and the
// escape otherwise.
func unescaped(escape []byte) []byte {
	if c, err := hex.DecodeString(strings.TrimPrefix(string(escape), `\u00`)); err == nil && instantText[c[0]] {
		return c
	}
	return escape
}

// MarshalJSON writes the statement as it is signed: one object of the head's
// members and the body's.
func (s Statement) MarshalJSON() ([]byte, error) {
	head, err := json.Marshal(s.Head)
	if err != nil || s.Body == nil {
		return head, err
	}
	body, err := json.Marshal(s.Body)
	if err != nil || len(body) == len("{}") {
		return head, err
	}
	return append(append(head[:len(head)-1], ','), body[1:]...), nil
}

// NewID returns an id for a statement made at t: a UUID of version 7 (RFC 9562
// section 5.7), the time in milliseconds and then random bits.
func NewID(t time.Time, random [10]byte) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(t.UnixMilli())<<16)
	copy(b[6:], random[:])
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
