package verify

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A checker gathers the faults of one statement. It looks at the members of one value,
// whose path stands before their names only where there is a fault: most have none.
type checker struct {
	faults *noted
	within string // the path of the value; empty: the statement
}

// under is the checker of a value in this one.
func (c checker) under(path string) checker { return checker{c.faults, c.path(path)} }

// path returns the path of a field. One without a name is the value itself.
func (c checker) path(field string) string {
	if field == "" {
		return c.within
	}
	return join(c.within, field)
}

// add notes a fault, unless the field breaks that rule already.
func (c checker) add(field string, rule FaultRule, detail string) {
	c.faults.add(c.path(field), rule, detail)
}

// also notes a fault of a field that has none yet: a value of the wrong type is
// not missing as well.
func (c checker) also(field string, rule FaultRule, detail string) {
	if !c.faulty(field) {
		c.add(field, rule, detail)
	}
}

// faulty reports whether a field has a fault already, or is in something that has.
func (c checker) faulty(field string) bool { return c.faults.at(c.path(field)) }

// need notes a field that must be there and is not.
func (c checker) need(field string, there bool) { c.needFor(field, there, Required) }

// needFor is need for a field that a rule of law asks for.
func (c checker) needFor(field string, there bool, rule FaultRule) {
	if !there {
		c.also(field, rule, "")
	}
}

// nothingNew notes an amendment that has none of its members. One that is there
// and at fault is what ails it.
func (c checker) nothingNew(members ...string) {
	if !slices.ContainsFunc(members, c.faulty) {
		c.also("", NothingNew, strings.Join(members, ", "))
	}
}

// oneOf notes a value that is there but not one of the choices.
func oneOf[T ~string](c checker, field string, v T, choices ...T) {
	if v == "" || slices.Contains(choices, v) {
		return
	}
	c.also(field, NotOneOf, list(choices))
}

func list[T ~string](choices []T) string {
	words := make([]string, len(choices))
	for i, w := range choices {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}

func (c checker) between(field string, n, least, most int) {
	if n < least || n > most {
		c.also(field, OutOfRange, strconv.Itoa(least)+"–"+strconv.Itoa(most))
	}
}

// link notes an address that is not an absolute http or https one, or that
// carries a name and password.
func (c checker) link(field, s string) {
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil ||
		strings.ContainsAny(s, " \"<>\\^`{|}") {
		c.also(field, NotURL, "")
	}
}

// like notes a value that is there but not of the form.
func (c checker) like(field, s string, form func(string) bool, rule FaultRule, detail string) {
	if s != "" && !form(s) {
		c.also(field, rule, detail)
	}
}

func (c checker) digest(field, s string) { c.like(field, s, aDigest, NotDigest, "") }

func (h *Head) check(c checker) {
	c.need("id", h.ID != "")
	c.like("id", h.ID, aUUID, NotUUID, "")
	c.need("origin", h.Origin != "")
	if h.Origin != "" && !ValidOrigin(h.Origin) {
		c.also("origin", NotName, "a-z 0-9 . - _ : /")
	}
	c.need("by", h.By != "")
	c.like("by", string(h.By), aPartyID, NotName, "a-z 0-9 -")
	c.need("made", !h.Made.IsZero())
	if h.Kind.AboutCode() {
		c.need("code", h.Code != "")
	} else if h.Code != "" && h.Kind.Known() {
		c.also("code", NotAllowed, "")
	}
}

// english notes a text that must have an English form (MoC 4(4)).
func (c checker) english(field string, t Text, needed bool) {
	switch {
	case t.EN == "" && t.JA != "":
		c.also(field+".en", EnglishMissing, "")
	case t.EN == "" && needed:
		c.also(field+".en", Required, "")
	}
}

// Text is what a person reads, in English and Japanese. What crosses the border
// has English (MoC 4(4)).
type Text struct {
	EN string `json:"en,omitempty" max:"2000"`
	JA string `json:"ja,omitempty" max:"2000"`
}

// In returns the text in the language, or in the other one where it has none.
// The second result is the language returned.
func (t Text) In(language string) (string, string) {
	if language == "ja" && t.JA != "" || t.EN == "" {
		return t.JA, "ja"
	}
	return t.EN, "en"
}

// IsZero reports whether nothing is said. JSON leaves such a member out.
func (t Text) IsZero() bool { return t == Text{} }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func kindList() string {
	names := make([]string, 0, len(kinds))
	for k := range kinds {
		names = append(names, string(k))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
