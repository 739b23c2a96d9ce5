package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// optional are the members of the story that may be left out; without any other
// member a statement is at fault.
var optional = []string{
	"code: registry", "reason", "reason.ja", "reference", "text", "compromised", "http_status", "page", "contact.email", "contact.vulnerability",
	"name.ja", "text.ja", "country", "category", "models[1]", "gtins", "precision", "qualifier", "anchor", "anchor_date", "duration_months",
	"translations", "signatory.name", "end", "support.text",
}

// members calls visit with the path and value of every member of a tree, in
// order, the deeper after those they lie in.
func members(path string, tree any, visit func(path string, value any)) {
	switch at := tree.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(at)) {
			visit(join(path, name), at[name])
			members(join(path, name), at[name], visit)
		}
	case []any:
		for i, v := range at {
			members(fmt.Sprintf("%s[%d]", path, i), v, visit)
		}
	}
}

func TestEveryMemberIsLookedAt(t *testing.T) {
	for _, s := range story(t) {
		var tree map[string]any
		if err := decodeTree(s.payload, &tree); err != nil {
			t.Fatal(err)
		}
		members("", tree, func(path string, value any) {
			rule := func(name string, value any, want ...FaultRule) {
				_, faults := ParseStatement(with(t, s.payload, path, value))
				if len(faults) == 0 || faults[0].Field != path || !slices.Contains(want, faults[0].Rule) {
					t.Errorf("%s: %s, %s: got %v, want %v there", s.name, path, name, faults, want)
				}
			}
			if path == "kind" {
				return
			}
			mayBeAbsent := slices.ContainsFunc(optional, func(o string) bool { return path == o || strings.HasSuffix(path, "."+o) })
			_, faults := ParseStatement(with(t, s.payload, path, absent))
			if (len(faults) == 0) != mayBeAbsent {
				t.Errorf("%s: without %s: got %v, may be left out: %v", s.name, path, faults, mayBeAbsent)
			}
			rule("null", nil, WrongType, NotDate, NotInstant)
			rule("a number with a part", 0.5, WrongType, NotDate, NotInstant)
			switch v := value.(type) {
			case string:
				rule("empty", "", EmptyValue, NotDate, NotInstant)
				rule("a control character", v+"\x00", BadText, NotDate, NotInstant)
				if strings.HasPrefix(v, "https://") {
					rule("not an address", "javascript:alert(1)", NotURL)
				}
				if strings.HasSuffix(path, "sha256") || path == "commitment" {
					rule("too short a digest", v[1:], NotDigest)
				}
			case map[string]any:
				rule("empty", map[string]any{}, EmptyValue)
				rule("a list", []any{}, WrongType)
			case []any:
				rule("empty", []any{}, EmptyValue)
				rule("an object", map[string]any{}, WrongType)
			}
		})
	}
}
