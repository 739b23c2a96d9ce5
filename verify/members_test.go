package verify

import (
	"encoding/json"
	"slices"
	"testing"
)

// Whatever a statement of the story says is a member of its kind, under the path
// that a fault of it would have; and whatever is none is refused.
func TestMembers(t *testing.T) {
	for _, s := range story(t) {
		var paths []string
		for _, m := range Members(s.Kind) {
			if slices.Contains(paths, m.Path) {
				t.Errorf("%s: got %s twice", s.Kind, m.Path)
			}
			paths = append(paths, m.Path)
		}
		var tree map[string]any
		if err := decodeTree(s.payload, &tree); err != nil {
			t.Fatal(err)
		}
		members("", tree, func(path string, _ any) {
			if path = withoutPlaces(path); !slices.Contains(paths, path) {
				t.Errorf("%s: got no member %s", s.Kind, path)
			}
		})
	}
	if got := Members("label.blessed"); got != nil {
		t.Errorf("a kind that is not one: got %v", got)
	}
}

// A member has the type that a fault of it names, and a template's placeholder
// is a fault of its own there, whatever the type is: the only one.
func TestMembersTypes(t *testing.T) {
	wrong := map[string]any{"string": 7, "integer": "x", "boolean": "x", "object": "x"}
	for _, k := range Kinds() {
		for _, m := range Members(k) {
			if m.Name == "kind" {
				continue
			}
			at, tree := place(k, m, wrong[m.Type])
			want := Fault{at, WrongType, m.Type}
			if got := faultAt(t, tree, at); got != want && got.Rule != NotDate && got.Rule != NotInstant {
				t.Errorf("%s %s: got %v, want %v", k, m.Path, got, want)
			}
			at, tree = place(k, m, m.Unfilled())
			want = Fault{at, Placeholder, m.Unfilled()}
			if got := faultAt(t, tree, at); got != want {
				t.Errorf("%s %s: got %v, want %v", k, m.Path, got, want)
			}
		}
	}
}

// place returns a statement of a kind that has nothing but the member, with the
// path of its value.
func place(k Kind, m Member, v any) (string, map[string]any) {
	all := Members(k)
	at, path := "", ""
	tree := map[string]any{"kind": k}
	in := tree
	for _, of := range all {
		if of.Path != m.Path && !slices.Contains(around(m.Path), of.Path) {
			continue
		}
		at, path = join(at, of.Name), of.Path
		var next any = map[string]any{}
		inner := next
		if path == m.Path {
			next = v
		}
		if of.List {
			at, next = at+"[0]", []any{next}
		}
		in[of.Name] = next
		in, _ = inner.(map[string]any)
	}
	return at, tree
}

func faultAt(t *testing.T, tree map[string]any, at string) (only Fault) {
	t.Helper()
	payload, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	_, faults := ParseStatement(payload)
	for _, f := range faults {
		if f.Field != at {
			continue
		}
		if only != (Fault{}) {
			t.Errorf("%s: got %v and %v, want one", at, only, f)
		}
		only = f
	}
	return only
}

// What only looks like a placeholder is a text as any other.
func TestUnfilled(t *testing.T) {
	for at, want := range map[string]bool{"label.product.brand": true, "label.product.models[0].brand": false, "label.product": false, "brand": false} {
		if got := unfilled(at, "<label.product.brand>"); got != want {
			t.Errorf("%s: got %v, want %v", at, got, want)
		}
	}
	for _, s := range []string{"", "<", "<>", "<label.product.brand", "label.product.brand>", "<Label.product.brand>", " <label.product.brand>"} {
		if unfilled("label.product.brand", s) {
			t.Errorf("%q: got a placeholder", s)
		}
	}
	if got, want := withoutPlaces("a[0].b[12][3].c"), "a.b.c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !slices.IsSorted(Kinds()) || len(Kinds()) != len(kinds) {
		t.Errorf("kinds: got %v", Kinds())
	}
}
