package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tegata/registry"
	"tegata/verify"
)

// What a Digital Link is asked for, beside which item: a link type, or the
// linkset (GS1-Conformant Resolver 1.2.0).
const (
	paramLinkType = "linkType"
	askLinkset    = "linkset"
)

// item answers for a trade item by its GS1 Digital Link: with a page of the
// records that cover it, with the linkset for machines, or with the way to a
// link of the type that is asked for.
func (s *site) item(w http.ResponseWriter, r *http.Request) {
	share(w, r)
	varies(w.Header(), "Accept")
	if asksLinkset(r) {
		s.api(s.itemLinkset)(w, r)
		return
	}
	s.page(s.itemPage)(w, r)
}

// asksLinkset reports whether the linkset is asked for: by name, or by a media
// type that is named and wanted no less than a page.
func asksLinkset(r *http.Request) bool {
	if asked := r.URL.Query()[paramLinkType]; len(asked) > 0 {
		return slices.Equal(asked, []string{askLinkset})
	}
	quality, named := accepted(r, mediaLinkset)
	page, _ := accepted(r, "text/html")
	return named && quality > 0 && quality >= page
}

// An itemFound is what is known about a trade item.
type itemFound struct {
	digitalLink
	matches // the records that cover it now
	Links   linkContext
}

// findItem reads the address and finds what covers the item. The parameters are
// the same as of other questions; all others, GS1's data attributes among them,
// are no part of it.
func (s *site) findItem(r *http.Request) (found itemFound, err error) {
	d, p := parseDigitalLink(r.URL.EscapedPath())
	if p == nil {
		p = &problem{status: http.StatusBadRequest, code: problemParameter}
	}
	asked, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		p.fault("", faultParamQuery, "")
	}
	if len(asked[paramLinkType]) > 1 {
		p.fault(paramLinkType, faultParamTwice, "")
	}
	p.text(paramLinkType, asked.Get(paramLinkType))
	ours := url.Values{}
	for _, name := range []string{paramIn, paramAt, paramKnown} {
		if asked.Has(name) {
			ours[name] = asked[name]
		}
	}
	q := p.query(ours)
	if len(p.faults) > 0 {
		return itemFound{}, p
	}
	q.gtin = string(d.Item)
	found.digitalLink = d
	if found.matches, err = s.findAll(r, registry.Query{GTIN: d.Item}, q); err != nil {
		return itemFound{}, err
	}
	// A record is found by what it ever said.
	found.Matches = slices.DeleteFunc(found.Matches, func(v verify.Verdict) bool { return v.Match == nil || !v.Match.GTIN.Covered })
	found.Ambiguous = len(found.Matches) > 1
	found.Links, err = s.newLinkset(r.Context(), d.Item, found.Matches)
	return found, err
}

// itemLinkset answers with the linkset.
func (s *site) itemLinkset(r *http.Request) (view, error) {
	found, err := s.findItem(r)
	if err != nil {
		return view{}, err
	}
	if len(found.Matches) == 0 {
		return view{}, &problem{status: http.StatusNotFound, code: problemNoItem}
	}
	body := linksetBody{[]linkContext{found.Links}}
	links := []string{found.Links.pointer(), linksetContext}
	return view{status: http.StatusOK, body: body, media: mediaLinkset, next: found.view().next, tag: body, links: links}, nil
}

// itemPage answers with a page, or leads on where a link type is asked for. One
// that the item has not is not there (GS1-Conformant Resolver 1.2.0, section
// 2.6.2).
func (s *site) itemPage(r *http.Request) (view, error) {
	found, err := s.findItem(r)
	if err != nil {
		return view{}, err
	}
	asked := r.URL.Query().Get(paramLinkType)
	if asked != "" && len(found.Matches) > 0 {
		links := found.Links.of(linkType(asked))
		if len(links) == 0 {
			return view{}, &problem{status: http.StatusNotFound, code: problemNoLink, detail: asked}
		}
		return view{status: http.StatusTemporaryRedirect, location: s.onward(best(links, r), r.URL.Query()), links: []string{found.Links.pointer()}}, nil
	}
	out := found.view()
	out.page = func(b basePage) (string, any) {
		b.Path = found.path()
		return pageItem, newItemPage(b, found)
	}
	if len(found.Matches) > 0 {
		out.links = []string{found.Links.pointer()}
	}
	return out, nil
}

// onward is where a link leads, on this site, with what else was asked (section
// 2.12): but for the link type, which has been answered, and what the link says
// itself.
func (s *site) onward(l webLink, asked url.Values) string {
	path, own, _ := strings.Cut(strings.TrimPrefix(l.Href, s.url), "?")
	values, err := url.ParseQuery(own)
	if err != nil {
		panic(err) // it was written here
	}
	for name, value := range asked {
		if name != paramLinkType && !values.Has(name) {
			values[name] = value
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// A resolverBody describes this resolver to those who know none of it
// (GS1-Conformant Resolver 1.2.0, the resolver description file).
type resolverBody struct {
	Name         string              `json:"name"`
	Root         string              `json:"resolverRoot"`
	Keys         []string            `json:"supportedPrimaryKeys"`
	LinkTypes    []resolverNamespace `json:"supportedLinkType"`
	DefaultIsSet bool                `json:"linkTypeDefaultCanBeLinkset"`
}

type resolverNamespace struct {
	Namespace string `json:"namespace"`
	Prefix    string `json:"prefix"`
}

// gs1Resolver answers with that description.
func (s *site) gs1Resolver(*http.Request) (view, error) {
	body := resolverBody{
		Name: s.registry.Origin(), Root: s.url, Keys: []string{"01"},
		LinkTypes: []resolverNamespace{{gs1Vocabulary, "gs1:"}},
	}
	return view{status: http.StatusOK, body: body, tag: body}, nil
}
