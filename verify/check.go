package verify

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A checker gathers the faults of one statement.
type checker struct{ faults Faults }

// add notes a fault, unless the field breaks that rule already.
func (c *checker) add(field string, rule FaultRule, detail string) {
	c.faults.add(field, rule, detail)
}

// also notes a fault of a field that has none yet: a value of the wrong type is
// not missing as well.
func (c *checker) also(field string, rule FaultRule, detail string) {
	if !c.faults.at(field) {
		c.add(field, rule, detail)
	}
}

// need notes a field that must be there and is not.
func (c *checker) need(field string, there bool) { c.needFor(field, there, Required) }

// needFor is need for a field that a rule of law asks for.
func (c *checker) needFor(field string, there bool, rule FaultRule) {
	if !there {
		c.also(field, rule, "")
	}
}

// nothingNew notes an amendment that has none of its members. One that is there
// and at fault is what ails it.
func (c *checker) nothingNew(members ...string) {
	if !slices.ContainsFunc(members, c.faults.at) {
		c.also("", NothingNew, strings.Join(members, ", "))
	}
}

// oneOf notes a value that is there but not one of the choices.
func oneOf[T ~string](c *checker, field string, v T, choices ...T) {
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

func (c *checker) within(field string, n, least, most int) {
	if n < least || n > most {
		c.also(field, OutOfRange, strconv.Itoa(least)+"–"+strconv.Itoa(most))
	}
}

// link notes an address that is not an absolute http or https one, or that
// carries a name and password.
func (c *checker) link(field, s string) {
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil ||
		strings.ContainsAny(s, " \"<>\\^`{|}") {
		c.also(field, NotURL, "")
	}
}

var (
	uuidForm   = form(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	digestForm = form(`^[0-9a-f]{64}$`)
	partyForm  = form(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)
	originForm = form(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9._-]+)*$`)
	numberForm = form(`^[0-9A-Z-]{1,64}$`)
	mailForm   = form(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
	tongueForm = form(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	mediaForm  = form(`^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$`)
	nationForm = form(`^[A-Z]{2}$`)
)

// form compiles an expression when it is first asked for: a command that ends in
// milliseconds asks for few.
func form(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// like notes a value that is there but not of the form.
func (c *checker) like(field, s string, form func() *regexp.Regexp, rule FaultRule, detail string) {
	if s != "" && !form().MatchString(s) {
		c.also(field, rule, detail)
	}
}

func (c *checker) digest(field, s string) { c.like(field, s, digestForm, NotDigest, "") }

// ValidOrigin reports whether s can name a log: a host, with or without a path,
// in small letters, without a scheme (c2sp.org/tlog-checkpoint).
// The host has at most 253 characters, the path at most eight parts of 64.
func ValidOrigin(s string) bool {
	parts := strings.Split(s, "/")
	host, _, _ := strings.Cut(parts[0], ":")
	long := func(part string) bool { return len(part) > 64 }
	return len(host) <= 253 && len(parts) <= 9 && !slices.ContainsFunc(parts[1:], long) && originForm().MatchString(s)
}

func (h *Head) check(c *checker) {
	c.need("id", h.ID != "")
	c.like("id", h.ID, uuidForm, NotUUID, "")
	c.need("origin", h.Origin != "")
	if h.Origin != "" && !ValidOrigin(h.Origin) {
		c.also("origin", NotName, "a-z 0-9 . - _ : /")
	}
	c.need("by", h.By != "")
	c.like("by", string(h.By), partyForm, NotName, "a-z 0-9 -")
	c.need("made", !h.Made.IsZero())
	if h.Kind.AboutCode() {
		c.need("code", h.Code != "")
	} else if h.Code != "" && h.Kind.Known() {
		c.also("code", NotAllowed, "")
	}
}

// english notes a text that must have an English form (MoC 4(4)).
func (c *checker) english(field string, t Text, needed bool) {
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
