package main

import (
	"strings"
	"testing"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
)

// TestComplete holds that a statement keeps its own bytes and gets what is
// absent after its last member.
func TestComplete(t *testing.T) {
	now := time.Date(2026, 11, 23, 19, 0, 0, 999, verify.Tokyo)
	for _, c := range []struct{ name, before, after, added string }{
		{"nothing", "{", "}", "id made"},
		{"white space", " {", "   }\n", "id made"},
		{"any kind", "{\"kind\":\"party.enrolled\"", "}", "id made"},
		{"a first statement", "{\n  \"kind\": \"label.issued\"", "\n}\n", "id made code"},
		{"another first one", "{\"kind\":\"declaration.published\",\"x\":{\"id\":1}", "}", "id made code"},
		{"a code of its own", "{\"kind\":\"label.issued\",\"code\":\"000000000012\"", "}", "id made"},
		{"all there", "{\"id\":null,\"made\":\"\",\"kind\":\"label.issued\",\"code\":0", "}", ""},
		{"name written otherwise", "{\"\\u0069d\":1", "}", "made"},
		{"a brace at the end of a text", "{\"kind\":\"}\"", " \t}", "id made"},
	} {
		got, err := complete([]byte(c.before+c.after), now)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err := envelope.CheckJSON(got); err != nil {
			t.Errorf("%s: got %s: %v", c.name, got, err)
		}
		middle, ok := strings.CutPrefix(string(got), c.before)
		middle, ok2 := strings.CutSuffix(middle, c.after)
		if !ok || !ok2 {
			t.Errorf("%s: got %q, want %q and %q kept", c.name, got, c.before, c.after)
		}
		var names []string
		for _, m := range strings.FieldsFunc(middle, func(r rune) bool { return r == ',' }) {
			name, value, _ := strings.Cut(m, ":")
			names = append(names, strings.Trim(name, `"`))
			if name == `"made"` && value != `"2026-11-23T10:00:00Z"` {
				t.Errorf("%s: got made %s, want whole seconds in UTC", c.name, value)
			}
			if code := strings.Trim(value, `"`); name == `"code"` {
				if _, err := verify.ParseCode(code); err != nil {
					t.Errorf("%s: code %q: %v", c.name, code, err)
				}
			}
		}
		if got := strings.Join(names, " "); got != c.added {
			t.Errorf("%s: got %q added, want %q", c.name, got, c.added)
		}
	}
}
