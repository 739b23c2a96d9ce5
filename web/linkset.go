package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tegata/verify"
	"tegata/web/i18n"
)

// mediaLinkset is the media type of a linkset as JSON (RFC 9264, section 4.2).
const mediaLinkset = "application/linkset+json"

// Link types of the GS1 Web Vocabulary. Each has equivalents in the namespaces
// the vocabulary had before, and a short form.
const (
	gs1Vocabulary     = "https://ref.gs1.org/voc/"
	certificationInfo = "certificationInfo"
	defaultLink       = "defaultLink"
)

var gs1Namespaces = []string{gs1Vocabulary, "https://gs1.org/voc/", "https://www.gs1.org/voc/", "gs1:"}

// linkType returns the name that a link type has in the GS1 Web Vocabulary, or
// nothing where it is not of it.
func linkType(asked string) string {
	for _, n := range gs1Namespaces {
		if name, ok := strings.CutPrefix(asked, n); ok {
			return name
		}
	}
	return ""
}

// A linksetBody is a linkset with the links of one trade item (RFC 9264), as
// GS1-Conformant Resolver 1.2.0 has it: its schema knows no title* in JSON,
// where a title is in any script anyhow.
type linksetBody struct {
	Linkset []linkContext `json:"linkset"`
}

// A linkContext is a trade item with its links, a member for each link type.
type linkContext struct {
	Anchor            string    `json:"anchor"`
	DefaultLink       []webLink `json:"https://ref.gs1.org/voc/defaultLink"`
	CertificationInfo []webLink `json:"https://ref.gs1.org/voc/certificationInfo"`
}

// A webLink is a link to something about a trade item. The default link has no
// language and no type: it answers whatever is asked.
type webLink struct {
	Href     string   `json:"href"`
	Title    string   `json:"title"`
	Hreflang []string `json:"hreflang,omitempty"`
	Type     string   `json:"type,omitempty"`
}

// newLinkset returns the links of an item that the records of verdicts cover:
// those of each record, and those of all together. Where there are several, the
// latter come first, since no one of the records answers for the item.
func (s *site) newLinkset(ctx context.Context, item verify.GTIN, verdicts []verify.Verdict) (linkContext, error) {
	at := s.url + itemPath(item)
	title := func(l i18n.Language) string { return l.T("item.title", item) }
	all := informed(at, s.url+"/api/v1/verify?"+paramGTIN+"="+string(item), title)
	var each []webLink
	for _, v := range verdicts {
		name := func(l i18n.Language) string {
			return l.T("link.record", l.T("scheme."+string(v.Scheme)), cmp.Or(v.Number, v.Code.Printed()))
		}
		each = append(each, informed(s.url+"/v/"+string(v.Code), s.url+"/api/v1/verify/"+string(v.Code), name)...)
		s, err := s.of(ctx, v.Code)
		if err != nil {
			return linkContext{}, err
		}
		switch has, err := s.hasCredential(ctx, v.Code); {
		case err != nil:
			return linkContext{}, err
		case has:
			each = append(each, webLink{Href: s.issuing().Address(v.Code), Title: i18n.English.T("link.credential", name(i18n.English)), Type: mediaCredential})
		}
	}
	c := linkContext{Anchor: at, DefaultLink: []webLink{{Href: at, Title: title(i18n.English)}}}
	if len(verdicts) == 1 {
		c.CertificationInfo = append(each, all...)
	} else {
		c.CertificationInfo = append(all, each...)
	}
	return c, nil
}

// informed are the links to a page in every language, and to the same as data.
func informed(page, data string, title func(i18n.Language) string) (links []webLink) {
	for _, l := range i18n.Languages {
		address := page + "?" + url.Values{paramLang: {string(l)}}.Encode()
		links = append(links, webLink{address, title(l), []string{string(l)}, "text/html"})
	}
	return append(links, webLink{Href: data, Title: i18n.English.T("link.data", title(i18n.English)), Type: mediaJSON})
}

// of returns the links of a type of the vocabulary.
func (c linkContext) of(name string) []webLink {
	switch name {
	case defaultLink:
		return c.DefaultLink
	case certificationInfo:
		return c.CertificationInfo
	}
	return nil
}

// best returns the link that fits a request best: of the type that it wants most,
// and of those the first in the reader's language, or in none. There is one link
// at least.
func best(links []webLink, r *http.Request) webLink {
	wanted := func(l webLink) float64 {
		quality, _ := accepted(r, l.Type)
		return quality
	}
	most := wanted(slices.MaxFunc(links, func(a, b webLink) int { return cmp.Compare(wanted(a), wanted(b)) }))
	lang := string(language(r))
	i := slices.IndexFunc(links, func(l webLink) bool {
		return wanted(l) == most && (len(l.Hreflang) == 0 || slices.Contains(l.Hreflang, lang))
	})
	return links[max(i, 0)]
}

// pointer is the link that leads to the linkset of an item, for the Link header of
// an answer (RFC 8288). Since GS1-Conformant Resolver 1.0.0 all other links are in
// the linkset alone.
func (c linkContext) pointer() string {
	return fmt.Sprintf(`<%s?%s=%s>; rel="linkset"; type="%s"`, c.Anchor, paramLinkType, askLinkset, mediaLinkset)
}

// linksetContext turns a linkset into JSON-LD for those who want it so.
const linksetContext = `<https://ref.gs1.org/standards/resolver/linkset-context>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"`
