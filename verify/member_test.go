package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// optional are the members of the story that may be left out, by their whole
// path or, with a dot in front, by how it ends; without any other member a
// statement is at fault.
var optional = []string{
	"accord.notice_months", "compromised", "http_status", "page", "reason", "reference", "text",
	".anchor", ".anchor_date", ".category", ".country", ".duration_months", ".email", ".gtins", ".ja", ".page",
	".precision", ".qualifier", ".signatory.name", ".support_at_first_supply.end", ".translations",
	"label.product.type", "label.support.end",
}

func mayBeAbsent(s specimen, path string) bool {
	if strings.HasSuffix(path, "contact.vulnerability") {
		return strings.Contains(string(s.payload), "email") // one of the two
	}
	return slices.ContainsFunc(optional, func(o string) bool { return path == o || o[0] == '.' && strings.HasSuffix(path, o) })
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
			_, faults := ParseStatement(with(t, s.payload, path, absent))
			if (len(faults) == 0) != mayBeAbsent(s, path) {
				t.Errorf("%s: without %s: got %v, may be left out: %v", s.name, path, faults, mayBeAbsent(s, path))
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
