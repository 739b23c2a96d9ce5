package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/tailscale/hujson"

	"tegata/verify/envelope"
)

func TestUncommented(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"JSON stays as it is", " {\r\"a\" :\t[1,2]}\n\n", " {\r\"a\" :\t[1,2]}\n\n"},
		{"a line", "{\n  // a\n  \"a\": 1\n}\n", `{"a":1}`},
		{"behind a value", "{\r\n\"a\": 1, // \"b\": 2,\r\n\"c\": 3}", `{"a":1,"c":3}`},
		{"a block", `{/* "a": 0, */"a": 1}`, `{"a":1}`},
		{"a last comma", `{"a": [1, 2, ], }`, `{"a":[1,2]}`},
		{"an address is no comment", `{"a": "https://aoba.example//x/*y*/,}",}`, `{"a":"https://aoba.example//x/*y*/,}"}`},
		{"escapes stay", `{"\u0061\"//": "\\", }`, `{"\u0061\"//":"\\"}`},
		{"no line end behind the last comment", `{} // end`, `{}`},
	} {
		got, err := uncommented([]byte(c.text))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
	for _, c := range []struct{ name, text, want string }{
		{"no value", "{\n\"a\": // 1\n}", "line 3, column 1"},
		{"two commas", `{"a": 1,, }`, "line 1"},
		{"a comment without an end", `{"a": 1} /* x`, "comment: unexpected EOF"},
		{"a line hidden behind a comment", "{\n// a\r\"b\": 2,\n\"c\": 3}", "line 2 has a character"},
		{"one hidden otherwise", "{// a\u2028\"b\": 2,\n\"c\": 3}", "line 1, column 6"},
		{"text turned round", "{\"a\": 1, // \u202e}\n}", "line 1 has a character"},
		{"nothing", "", "unexpected EOF"},
	} {
		if got, err := uncommented([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

// FuzzUncommented: whatever is signed is what the file says, read by other means
// too, and the same however often it is written so.
func FuzzUncommented(f *testing.F) {
	for _, text := range []string{`{}`, "{ // x\n\"a\": [1, 2,],}", `/**/{"a":"//"}`, "{\"a\":1,//\r\n}", `{"a":{"b":null,},"c":"\u2028"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := uncommented(text)
		if err != nil {
			return
		}
		again, err := uncommented(got)
		if err != nil || string(again) != string(got) {
			t.Fatalf("%q: got %q, and again %q, %v", text, got, again, err)
		}
		if envelope.CheckJSON(got) != nil {
			return // is refused behind this
		}
		plain, err := hujson.Standardize(text)
		if err != nil {
			t.Fatal(err)
		}
		var one, other any
		if err := json.Unmarshal(got, &one); err != nil {
			t.Fatalf("%q: got %q: %v", text, got, err)
		}
		if err := json.Unmarshal(plain, &other); err != nil || !reflect.DeepEqual(one, other) {
			t.Fatalf("%q: got %v, want %v", text, one, other)
		}
	})
}
