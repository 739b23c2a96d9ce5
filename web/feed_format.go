package web

import (
	"encoding/xml"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tegata/web/i18n"
)

// address is that of the feed at a path, before an entry; 0: this page.
func (f *feed) address(path string, before int64) string {
	q := url.Values{}
	maps.Copy(q, f.Self)
	if before > 0 {
		q.Set(paramBefore, strconv.FormatInt(before, 10))
	}
	return f.site + path + "?" + q.Encode()
}

// Elements of Atom (RFC 4287).
type (
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr,omitempty"`
		Href string `xml:"href,attr"`
	}
	atomPerson struct {
		Name string `xml:"name"`
	}
	atomText struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	}
	atomEntry struct {
		ID        string     `xml:"id"`
		Title     string     `xml:"title"`
		Updated   time.Time  `xml:"updated"`
		Published time.Time  `xml:"published"`
		Author    atomPerson `xml:"author"`
		Link      atomLink   `xml:"link"`
		Category  struct {
			Term string `xml:"term,attr"`
		} `xml:"category"`
		Content atomText `xml:"content"`
	}
	atomDocument struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string      `xml:"xml:lang,attr"`
		ID      string      `xml:"id"`
		Title   string      `xml:"title"`
		Updated time.Time   `xml:"updated"`
		Author  atomPerson  `xml:"author"`
		Links   []atomLink  `xml:"link"`
		Entries []atomEntry `xml:"entry"`
	}
)

// atom writes a feed as Atom. What no XML can hold is replaced; next leads to the
// page before in time (RFC 5005 section 3).
func (f *feed) atom() ([]byte, error) {
	d := atomDocument{Lang: string(f.lang), ID: f.ID, Title: f.Title, Updated: f.Updated, Author: atomPerson{f.origin}}
	d.Links = []atomLink{{"self", mediaAtom, f.address(atomPath, 0)}, {"alternate", "text/html", f.Home}}
	if f.Next > 0 {
		d.Links = append(d.Links, atomLink{"next", mediaAtom, f.address(atomPath, f.Next)})
	}
	for _, i := range f.Items {
		e := atomEntry{ID: i.ID, Title: i.Title, Updated: i.Logged, Published: i.Logged, Author: atomPerson{i.By},
			Link: atomLink{"alternate", "text/html", i.Address}, Content: atomText{"text", strings.Join(i.Lines, "\n")}}
		e.Category.Term = string(i.Kind)
		d.Entries = append(d.Entries, e)
	}
	text, err := xml.MarshalIndent(d, "", " ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}

// Members of JSON Feed 1.1.
type (
	jsonFeedItem struct {
		ID        string           `json:"id"`
		URL       string           `json:"url"`
		Title     string           `json:"title"`
		Text      string           `json:"content_text"`
		Published time.Time        `json:"date_published"`
		Authors   []jsonFeedAuthor `json:"authors"`
		Tags      []string         `json:"tags"`
	}
	jsonFeedAuthor struct {
		Name string `json:"name"`
	}
	jsonFeedDocument struct {
		Version  string           `json:"version"`
		Title    string           `json:"title"`
		Home     string           `json:"home_page_url"`
		Self     string           `json:"feed_url"`
		Next     string           `json:"next_url,omitempty"`
		Language i18n.Language    `json:"language"`
		Authors  []jsonFeedAuthor `json:"authors"`
		Items    []jsonFeedItem   `json:"items"`
	}
)

// json writes a feed as JSON Feed.
func (f *feed) json() ([]byte, error) {
	d := jsonFeedDocument{Version: "https://jsonfeed.org/version/1.1", Title: f.Title, Home: f.Home, Self: f.address(jsonPath, 0),
		Language: f.lang, Authors: []jsonFeedAuthor{{f.origin}}, Items: []jsonFeedItem{}}
	if f.Next > 0 {
		d.Next = f.address(jsonPath, f.Next)
	}
	for _, i := range f.Items {
		d.Items = append(d.Items, jsonFeedItem{i.ID, i.Address, i.Title, strings.Join(i.Lines, "\n"), i.Logged, []jsonFeedAuthor{{i.By}}, []string{string(i.Kind)}})
	}
	return marshal(d)
}
