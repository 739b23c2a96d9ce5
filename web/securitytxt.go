package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tegata/registry"
	"tegata/web/i18n"
)

// securityTime is how long what the file says is to be relied upon. It is served
// anew every day for as long as the operator lets it.
const securityTime = 90 * 24 * time.Hour

// securityText answers with where a flaw of this server is reported (RFC 9116). It
// is not there where the operator named nobody.
func (s *site) securityText(*http.Request) (file, error) {
	if len(s.contacts) == 0 {
		return file{}, registry.ErrNotFound
	}
	var b strings.Builder
	for _, c := range s.contacts {
		fmt.Fprintf(&b, "Contact: %s\n", c)
	}
	until := s.registry.Head().Time.Truncate(24 * time.Hour).Add(securityTime)
	fmt.Fprintf(&b, "Expires: %s\n", until.Format(time.RFC3339))
	var languages []string
	for _, l := range i18n.Languages {
		languages = append(languages, string(l))
	}
	fmt.Fprintf(&b, "Preferred-Languages: %s\n", strings.Join(languages, ", "))
	if strings.HasPrefix(s.url, "https:") { // no other is canonical (section 2.5.2)
		fmt.Fprintf(&b, "Canonical: %s/.well-known/security.txt\n", s.url)
	}
	return file{mediaText, []byte(b.String()), "public, max-age=3600"}, nil
}

// CheckContact says what is wrong with where flaws are to be reported: it is an
// address such as mailto:security@labels.example, https://… or tel:….
func CheckContact(contact string) error {
	u, err := url.Parse(contact)
	if err == nil && strings.ContainsFunc(contact, func(r rune) bool { return r <= ' ' || r > '~' }) {
		err = fmt.Errorf("it is not written as an address is")
	}
	if err == nil && !(u.Scheme == "https" && u.Host != "" || (u.Scheme == "mailto" || u.Scheme == "tel") && u.Opaque != "") {
		err = fmt.Errorf("it is no address of mailto, https or tel")
	}
	if err != nil {
		return fmt.Errorf("contact %q: %w", contact, err)
	}
	return nil
}
