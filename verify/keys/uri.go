package keys

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

const scheme = "pkcs11:"

// ErrURI is wrapped by every refusal of a URI.
var ErrURI = errors.New("not the URI of a key in a token")

// A URI names a private key in a token, in the terms of RFC 7512: the library
// that reaches the token, the token by its label or serial number, and the key by
// its label (object) or id, or both.
type URI struct {
	Token, Serial       string // one of the two at least
	Manufacturer, Model string // of the token
	Object              string // one of the two at least
	ID                  string // bytes
	Module              string // absolute path of the library
	PIN                 string // absolute path of the file with the PIN; empty: the token asks for none
}

// uriMost is the length of the longest URI that is read, in bytes.
const uriMost = 4 << 10

// ParseURI reads a URI with the attributes token, serial, manufacturer, model,
// object, id, type (which can only be private), module-path and pin-source, each
// once. A PIN itself
// (pin-value) is refused: it would stand in the list of processes. The error wraps
// [ErrURI] and names everything that is wrong.
func ParseURI(text string) (URI, error) {
	var u URI
	var faults []string
	add := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	outside := func(r rune) bool { return r <= ' ' || r >= 0x7f }
	if rest, ok := strings.CutPrefix(text, scheme); !ok || len(text) > uriMost || strings.ContainsFunc(text, outside) {
		add(true, "it begins with %q, has at most %d bytes, and all but visible ASCII in it is written %%XX", scheme, uriMost)
	} else {
		path, query, _ := strings.Cut(rest, "?")
		var kind string
		u.read(path, ";", map[string]*string{"token": &u.Token, "serial": &u.Serial, "manufacturer": &u.Manufacturer, "model": &u.Model, "object": &u.Object, "id": &u.ID, "type": &kind}, add)
		u.read(query, "&", map[string]*string{"module-path": &u.Module, "pin-source": &u.PIN}, add)
		u.PIN = strings.TrimPrefix(u.PIN, "file:")
		add(kind != "" && kind != "private", "type: %q is no private key", kind)
		add(u.Token == "" && u.Serial == "", "token or serial: which token is it?")
		add(u.Object == "" && u.ID == "", "object or id: which key is it?")
		add(!filepath.IsAbs(u.Module), "module-path: the absolute path of the token's library is needed")
		add(u.PIN != "" && !filepath.IsAbs(u.PIN), "pin-source: the absolute path of the file with the PIN is needed")
	}
	if len(faults) > 0 {
		return URI{}, fmt.Errorf("%w: %s", ErrURI, strings.Join(faults, "; "))
	}
	return u, nil
}

// read reads the attributes of one half of a URI.
func (u *URI) read(text, separator string, into map[string]*string, add func(bad bool, format string, args ...any)) {
	if text == "" {
		return
	}
	seen := map[string]bool{}
	for attribute := range strings.SplitSeq(text, separator) {
		name, escaped, _ := strings.Cut(attribute, "=")
		value, err := url.PathUnescape(escaped)
		to := into[name]
		switch {
		case name == "pin-value":
			add(true, "pin-value: a PIN is never written here: put it into a file of mode 600 and name that as pin-source")
		case to == nil:
			add(true, "%.40q is none of the attributes that are read", name)
		case seen[name]:
			add(true, "%s: it is there twice", name)
		case err != nil || value == "" || name != "id" && (!utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl)):
			add(true, "%s: %.40q is not a value", name, escaped)
		default:
			*to = value
		}
		seen[name] = true
	}
}

// String returns the URI in the one spelling that this package writes.
func (u URI) String() string {
	var b strings.Builder
	b.WriteString(scheme)
	separator := ""
	put := func(name, value string) {
		if value != "" {
			b.WriteString(separator + name + "=" + escape(value, ""))
			separator = ";"
		}
	}
	put("token", u.Token)
	put("serial", u.Serial)
	put("manufacturer", u.Manufacturer)
	put("model", u.Model)
	put("object", u.Object)
	put("id", u.ID)
	b.WriteString("?module-path=" + escape(u.Module, "/"))
	if u.PIN != "" {
		b.WriteString("&pin-source=" + escape(u.PIN, "/"))
	}
	return b.String()
}

// escape writes all as %XX but letters, digits, -._~ (RFC 3986) and what else may
// stand for itself.
func escape(value, also string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		if '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || strings.IndexByte("-._~"+also, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
