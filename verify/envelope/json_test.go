package envelope

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckJSON(t *testing.T) {
	deep := strings.Repeat("[", 20_000)
	for _, tt := range []struct{ name, payload, want string }{
		{"empty object", `{}`, ""},
		{"label", string(label(t)), ""},
		{"white space around", " {\n} \n", ""},
		{"the same name in two objects", `{"a":{"a":1},"b":{"a":1}}`, ""},
		{"names that differ in case", `{"a":1,"A":2}`, ""},
		{"surrogate pair", `{"a":"\ud83c\uddef"}`, ""},
		{"nothing", ``, "EOF"},
		{"white space", ` `, "EOF"},
		{"array", `[{}]`, "not a JSON object"},
		{"string", `"{}"`, "not a JSON object"},
		{"null", `null`, "not a JSON object"},
		{"member twice", `{"a":1,"a":1}`, `duplicate object member name at "/a"`},
		{"member twice, once escaped", `{"a":1,"\u0061":2}`, `duplicate object member name at "/a"`},
		{"member twice, deep", `{"a":[0,{"b":1,"b":2}]}`, `at "/a/1/b"`},
		{"not UTF-8, in a value", "{\"a\":\"\xff\"}", `invalid UTF-8 at "/a", byte 6`},
		{"not UTF-8, in a name", "{\"\xc3\x28\":1}", "invalid UTF-8"},
		{"UTF-8 of a surrogate", "{\"a\":\"\xed\xa0\x80\"}", "invalid UTF-8"},
		{"escape of half a pair", `{"a":"\ud83c"}`, "surrogate"},
		{"byte order mark", "\ufeff{}", "invalid character"},
		{"control character", "{\"a\":\"\x00\"}", "invalid character"},
		{"second object", `{} {}`, "ends at byte 2"},
		{"something after", `{"a":1}x`, "ends at byte 7"},
		{"NUL after", "{}\x00", "ends at byte 2"},
		{"cut short", `{"a":1`, "unexpected EOF"},
		{"trailing comma", `{"a":1,}`, "invalid character"},
		{"comment", `{/**/}`, "invalid character"},
		{"number with a leading zero", `{"a":01}`, "invalid character"},
		{"NaN", `{"a":NaN}`, "invalid character"},
		{"too deep", `{"a":` + deep, "depth"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckJSON([]byte(tt.payload))
			if tt.want == "" && err != nil {
				t.Errorf("got %v, want it accepted: %s", err, tt.payload)
			}
			if tt.want != "" && (!errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want malformed, with %q: %.60q", err, tt.want, tt.payload)
			}
		})
	}
}

// A refusal is shown to whoever sent the bytes, and must not send them all back.
func TestErrorsAreShort(t *testing.T) {
	long := strings.Repeat("a", 40_000)
	signer := newSigner(t, "Ed25519")
	h := header("EdDSA", signer.key.id)
	for _, err := range []error{
		CheckJSON([]byte(`{"` + long + `":1,"` + long + `":2}`)),
		CheckJSON([]byte(`{"` + long + `":{"` + long + `":x}}`)),
		opened(parts{strings.Replace(h, "EdDSA", long, 1), "{}", nil}),
		opened(parts{strings.Replace(h, "+jws", long, 1), "{}", nil}),
		opened(parts{strings.Replace(h, string(signer.key.id), long, 1), "{}", nil}),
		opened(parts{strings.Replace(h, "{", `{"`+long+`":1,`, 1), "{}", nil}),
		opened(parts{strings.Replace(h, "{", `{"`+long+`":1,"`+long+`":1,`, 1), "{}", nil}),
	} {
		if err == nil || len(err.Error()) > 500 {
			t.Errorf("got an error of %d bytes, want at most 500: %.100v", len(err.Error()), err)
		}
	}
}

func opened(p parts) error {
	_, err := Open([]byte(p.token()))
	return err
}
