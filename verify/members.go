package verify

import (
	"reflect"
	"slices"
	"strings"
)

// A Member is one that statements of a kind may have by their form. Whether one
// must be there, or may beside the others, only [ParseStatement] can say.
type Member struct {
	Path string // as a fault names it, without places in lists: label.product.models.gtins
	Of   string // the type it is a member of: Product
	Name string // its own name: models
	Type string // string, integer, boolean or object; of a list, that of what is in it
	List bool
	Day  bool // is written YYYY-MM-DD
}

// Members lists every member that statements of a kind may have, in the order in
// which they are written, the deeper after the one they lie in. It walks the
// types that [ParseStatement] compares a statement with.
func Members(k Kind) (all []Member) {
	known, ok := kinds[k]
	if !ok {
		return nil
	}
	for _, t := range []reflect.Type{reflect.TypeFor[Head](), reflect.TypeOf(known.body()).Elem()} {
		all = appendMembers(all, "", t)
	}
	return all
}

func appendMembers(all []Member, path string, of reflect.Type) []Member {
	for i := range of.NumField() {
		f := of.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			continue // Head and Body of a Statement have names of their own
		}
		t := f.Type
		m := Member{Path: join(path, name), Of: of.Name(), Name: name}
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			m.List = m.List || t.Kind() == reflect.Slice
			t = t.Elem()
		}
		m.Type, m.Day = typeName(t), t == dateType
		all = append(all, m)
		if m.Type == "object" {
			all = appendMembers(all, m.Path, t)
		}
	}
	return all
}

// Kinds lists every kind, in the order of their names.
func Kinds() []Kind {
	all := make([]Kind, 0, len(kinds))
	for k := range kinds {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// Unfilled is what a template has in the place of a member's value, until
// somebody fills it in: the member's path between angle brackets. No member can
// mean it, so that a statement with it is refused.
func (m Member) Unfilled() string { return "<" + m.Path + ">" }

// unfilled reports whether s, found at a path, is what a template had there.
func unfilled(at, s string) bool {
	return len(s) > 2 && s[0] == '<' && s == "<"+withoutPlaces(at)+">"
}

// withoutPlaces leaves the places in lists out of a path.
func withoutPlaces(path string) string {
	var b strings.Builder
	for rest := path; rest != ""; {
		before, after, _ := strings.Cut(rest, "[")
		b.WriteString(before)
		_, rest, _ = strings.Cut(after, "]")
	}
	return b.String()
}
