package web

import (
	"fmt"
	"html"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"tegata/verify"
	"tegata/web/i18n"
)

// kitPage is where a kit has the page at an address: a folder, below its language
// where that is not English.
func kitPage(lang i18n.Language, address string) string {
	if lang != i18n.English {
		address = "/" + string(lang) + address
	}
	return strings.TrimSuffix(address, "/") + "/"
}

// addressed is an attribute with an address in a page. In text a quotation mark
// is written otherwise.
var addressed = regexp.MustCompile(` (href|src)="([^"]*)"`)

// relink makes the links of a page in a language lead to what a kit has. Those
// that lead to something else lose their address, so that they lead nowhere.
func relink(lang i18n.Language, page []byte) []byte {
	return addressed.ReplaceAllFunc(page, func(attribute []byte) []byte {
		m := addressed.FindSubmatch(attribute)
		u, err := url.Parse(html.UnescapeString(string(m[2])))
		if err != nil {
			return nil
		}
		if u.IsAbs() || u.Path == "" && u.RawQuery == "" {
			return attribute // elsewhere, or on the page itself
		}
		to, ok := kitLink(lang, u)
		if !ok {
			return nil
		}
		return fmt.Appendf(nil, ` %s="%s"`, m[1], html.EscapeString(to))
	})
}

// kitLink is where a kit has what a link leads to. It is false where it has not:
// of a page only the answer to its plain address is there.
func kitLink(lang i18n.Language, u *url.URL) (to string, ok bool) {
	if kitHas(u.Path) {
		return u.String(), u.RawQuery == "" || strings.HasPrefix(u.Path, "/static/")
	}
	q := u.Query()
	if asked := q.Get(paramLang); asked != "" {
		lang = i18n.Match(asked, "")
	}
	q.Del(paramLang)
	first, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	page := slices.Contains(kitPages, u.Path) || u.Path == listPath(1) ||
		slices.Contains([]string{"v", "records", pageCodes}, first) && rest != "" && !strings.Contains(rest, "/")
	return (&url.URL{Path: kitPage(lang, u.Path), Fragment: u.Fragment}).String(), page && len(q) == 0
}

// kitHas reports whether a kit has a file at an address that its pages name.
func kitHas(address string) bool {
	if slices.Contains(kitFiles, address) || address == "/checkpoint" {
		return true
	}
	folder, name := path.Split(address)
	switch folder {
	case "/static/", "/status/", "/api/v1/verify/", "/api/v1/records/", "/api/v1/bundles/":
		return name != ""
	case "/qr/":
		code, svg := strings.CutSuffix(name, ".svg")
		_, err := verify.ParseCode(code)
		return svg && err == nil
	}
	return false
}
