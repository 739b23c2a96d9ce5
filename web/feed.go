package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/web/i18n"
)

// feedItems is how many entries a page of a feed has.
const feedItems = 50

const paramBefore = "before"

// A feed is what the log said last, in the reader's language: a page of it, which
// may be shown in more than one format.
type feed struct {
	lang    i18n.Language
	site    string // address of the registry
	origin  string
	ID      string
	Title   string
	Home    string // address of the page that it goes with, whole
	Self    url.Values
	Next    int64 // the parameter before of the next page; 0: there is none
	Updated time.Time
	Items   []feedItem
}

// A feedItem is one entry of the log.
type feedItem struct {
	ID      string
	Index   int64
	Title   string
	Lines   []string // what it says
	By      string
	Logged  time.Time
	Kind    verify.Kind
	Address string // of the page that has it, whole
}

// Where feeds are, and what they are.
const (
	atomPath  = "/feeds/changes.atom"
	mediaAtom = "application/atom+xml" // RFC 4287
	jsonPath  = "/feeds/changes.json"
	mediaFeed = "application/feed+json" // JSON Feed 1.1
)

// feed answers with what was said last: all, or what concerns one code or one
// holder.
func (s *site) feed(media string, write func(*feed) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f, err := s.newFeed(r)
		if err != nil {
			s.problemJSON(w, r, problemOf(err))
			return
		}
		varies(w.Header(), "Accept-Language")
		w.Header().Set("Content-Language", string(f.lang))
		s.dated(func(*http.Request) (file, time.Time, error) {
			text, err := write(f)
			return file{media + "; charset=utf-8", text, cacheFeed}, f.Updated, err
		})(w, r)
	}
}

// cacheFeed is how long a feed may be kept: as long as the answers it is about.
var cacheFeed = "public, max-age=" + fmt.Sprint(int(maxAge.Seconds()))

// newFeed reads what is asked for, and puts it into words.
func (s *site) newFeed(r *http.Request) (*feed, error) {
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		p.fault("", faultParamQuery, "")
	}
	q := registry.LatestQuery{Limit: feedItems}
	q.Code, q.Holder = p.subject(values)
	if text := p.one(values, paramBefore); text != "" {
		if q.Before, err = parseIndex(text); err != nil || q.Before < 1 || q.Before > s.registry.Head().Size {
			p.fault(paramBefore, faultParamSince, "")
		}
	}
	if len(p.faults) > 0 {
		return nil, p
	}
	entries, next, err := s.registry.Latest(r.Context(), q)
	if err != nil {
		return nil, err
	}
	begun, err := s.registry.Begun()
	if err != nil {
		return nil, err
	}
	b := s.base(r)
	b.Query = url.Values{paramLang: {string(b.Lang)}} // of every address in it
	f := &feed{lang: b.Lang, site: s.url, origin: b.Origin, Self: url.Values{}, Next: next, Updated: begun.Logged}
	f.about(b, q)
	f.ID = tagURI(begun, strings.TrimSuffix("feed/"+string(b.Lang)+"?"+f.Self.Encode(), "?"))
	f.Self.Set(paramLang, string(b.Lang))
	if q.Before > 0 {
		f.Self.Set(paramBefore, strconv.FormatInt(q.Before, 10))
	}
	for _, e := range entries {
		item, err := s.feedItem(r, b, e)
		if err != nil {
			return nil, err
		}
		item.ID = tagURI(begun, "entry/"+strconv.FormatInt(e.Index, 10))
		f.Items = append(f.Items, item)
	}
	if len(f.Items) > 0 {
		f.Updated = f.Items[0].Logged
	}
	return f, nil
}

// about names the feed of what is asked for, and the page that it goes with.
func (f *feed) about(b basePage, q registry.LatestQuery) {
	l := f.lang
	switch {
	case q.Code != "":
		f.Title, f.Home = l.T("feed.of", q.Code.Printed()), f.site+b.Link("/records/"+string(q.Code))
		f.Self.Set(paramCode, string(q.Code))
	case q.Holder != "":
		f.Title = l.T("feed.of", q.Holder)
		f.Home = f.site + "/search?" + url.Values{paramHolder: {q.Holder}, paramLang: {string(l)}}.Encode()
		f.Self.Set(paramMaker, q.Holder)
	default:
		f.Title, f.Home = l.T("feed.all"), f.site+b.Link("/log")
	}
}

// tagURI names a thing of a log for good, whatever its address: a tag URI (RFC
// 4151) of the origin, as of the day the log began.
func tagURI(begun verify.Entry, what string) string {
	host, path, deep := strings.Cut(begun.Origin, "/")
	host, port, _ := strings.Cut(host, ":") // no authority has a port
	specific := what
	if deep {
		specific = path + "/" + specific
	}
	if port != "" {
		specific = port + "/" + specific
	}
	return "tag:" + host + "," + begun.Logged.UTC().Format(time.DateOnly) + ":" + specific
}

// feedItem puts an entry into words, as the page of its record has them.
func (s *site) feedItem(r *http.Request, b basePage, e verify.Entry) (feedItem, error) {
	said := verify.Said{Entry: e, Counts: verify.Counted}
	item := feedItem{Index: e.Index, Logged: e.Logged, Kind: e.Kind, Address: s.url + b.Link("/log")}
	var of []string
	if e.Code != "" {
		f, err := s.registry.Lookup(r.Context(), e.Code)
		if err != nil {
			return item, err
		}
		record := f.Record(verify.Known{})
		for _, h := range record.History {
			if h.Index == e.Index {
				said = h
			}
		}
		item.Address = s.url + b.Link("/records/"+string(e.Code)) + "#" + entryID(e.Index)
		if name := nameOf(record, f.Log.Time); !name.IsZero() {
			of = append(of, b.phrase(name).Text)
		}
		of = append(of, e.Code.Printed())
	}
	v := newSaidView(b, said, s.registry.Governance())
	item.By = v.By.Text
	item.Title = strings.Join(append([]string{v.Kind}, of...), " · ")
	for _, line := range append([]string{v.Sentence}, append(v.Items, v.Text.Text, cmp.Or(v.Reference.URL, v.Reference.Text))...) {
		if line != "" {
			item.Lines = append(item.Lines, line)
		}
	}
	if !v.Counted {
		item.Lines = append(item.Lines, v.Counts)
	}
	return item, nil
}

// nameOf is what the product of a record is called at t.
func nameOf(r *verify.Record, t time.Time) verify.Text {
	switch {
	case r.Label != nil:
		l := r.LabelAt(t)
		return l.Product.Name
	case r.Declaration != nil:
		return r.Declaration.Product.Name
	}
	return verify.Text{}
}

// A feedLink leads to a feed.
type feedLink struct{ Media, URL, Title string }

// feeds lists the feed of one code or one holder in every format, as a parameter
// names it; or, where none does, that of all.
func (b basePage) feeds(param, value, of string) []feedLink {
	q, title := url.Values{paramLang: {string(b.Lang)}}, b.Lang.T("feed.all")
	if param != "" {
		q.Set(param, value)
		title = b.Lang.T("feed.of", of)
	}
	return []feedLink{{mediaAtom, atomPath + "?" + q.Encode(), title}, {mediaFeed, jsonPath + "?" + q.Encode(), title}}
}
