package web

import (
	"bytes"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tegata/verify"
	"tegata/web/i18n"
)

// A renderer makes pages. Every template is parsed once for every language,
// with the words of that language bound to it, so that no request can show
// another's language.
type renderer struct {
	pages     map[i18n.Language]map[string]*template.Template
	accidents map[i18n.Language][]byte
}

// Names of pages, each a file in templates.
const (
	pageVerdict = "verdict"
	pageHome    = "home"
	pageProblem = "problem"
	pageRecord  = "record"
	pageLaw     = "law"
	pageAbout   = "about"
	pageLog     = "log"
	pageScan    = "scan"
	pageArtwork = "artwork"
	pageSearch  = "search"
	pageItem    = "item"
	pageWhatIf  = "whatif"
	pageCheck   = "check"
	pageChecked = "checked"
	pagePaper   = "paper"

	pageApplication = "application"
	pageReport      = "report"
	pageDocs        = "docs"
	pageCodes       = "codes"
)

var pageNames = []string{pageVerdict, pageHome, pageProblem, pageRecord, pageLaw, pageAbout, pageLog, pageScan, pageArtwork, pageSearch, pagePaper, pageItem, pageApplication, pageWhatIf, pageCheck, pageChecked, pageReport, pageDocs, pageCodes}

// newRenderer parses the templates and makes the page that says that something
// went wrong, so that making it cannot go wrong later.
func newRenderer() (*renderer, error) {
	r := &renderer{map[i18n.Language]map[string]*template.Template{}, map[i18n.Language][]byte{}}
	for _, lang := range i18n.Languages {
		r.pages[lang] = map[string]*template.Template{}
		for _, name := range pageNames {
			t := template.New(name).Option("missingkey=error").Funcs(template.FuncMap{
				"t":     lang.T,
				"day":   lang.Day,
				"count": func(n int) string { return lang.Count(int64(n)) },
				"asset": assetURL,
			})
			files := []string{"templates/layout.html", "templates/parts.html", "templates/" + name + ".html"}
			if name == pagePaper { // it has a layout of its own, and most parts of the page of a verdict
				files[0] = "templates/verdict.html"
			}
			t, err := t.ParseFS(embedded, files...)
			if err != nil {
				return nil, err
			}
			r.pages[lang][name] = t
		}
		p := &problem{status: http.StatusInternalServerError, code: problemServer}
		page := newProblemPage(basePage{Lang: lang, Path: "/"}, p.body(lang, referenceMark))
		html, err := r.page(lang, pageProblem, page)
		if err != nil {
			return nil, err
		}
		r.accidents[lang] = html
	}
	return r, nil
}

// page makes a page of one of pageNames: all of it, or an error.
func (r *renderer) page(lang i18n.Language, name string, data any) ([]byte, error) {
	t, ok := r.pages[lang][name]
	if !ok {
		return nil, fmt.Errorf("page %q in %q: no such template", name, string(lang))
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", data); err != nil {
		return nil, fmt.Errorf("page %s in %s: %w", name, lang, err)
	}
	return b.Bytes(), nil
}

// referenceMark stands in the page of accidents where the reference will be.
const referenceMark = "REFERENCE-MARK"

// accident returns the page that says that something went wrong here. It cannot
// fail. The reference is one of letters and digits.
func (r *renderer) accident(lang i18n.Language, reference string) []byte {
	return bytes.ReplaceAll(r.accidents[lang], []byte(referenceMark), []byte(template.HTMLEscapeString(reference)))
}

// A basePage is what every page has.
type basePage struct {
	Lang   i18n.Language
	Title  string
	Path   string      // of the page's address
	Query  url.Values  // its parameters
	Host   string      // people reach it at
	Origin string      // the log's name
	Site   string      // before addresses of this site, on a page that is read elsewhere
	Feeds  []feedLink  // of what changes
	Copy   *copyView   // of a page that is served without the registry; nil: the registry answers
	Logs   []string    // names of those that are answered for beside it
	Mirror *mirrorView // of what this is a copy; nil: of nothing
}

const paramLang = "lang"

// Link returns the address of another page of this site, in the language that
// the reader has chosen, if any was.
func (b basePage) Link(path string) string {
	path = b.Site + path
	if lang := b.Query.Get(paramLang); lang != "" {
		return path + "?" + url.Values{paramLang: {lang}}.Encode()
	}
	return path
}

// OfLog returns the address of a page of one of several logs.
func (b basePage) OfLog(name, path string) string {
	b.Site = ""
	return b.Link(ofLog(name, path))
}

// linkAsked is [basePage.Link] with those of the parameters of this page, so that
// the reader stays at the moment that was asked about.
func (b basePage) linkAsked(path string, names ...string) string {
	q := b.Keeping(append(names, paramLang)...)
	if len(q) == 0 {
		return b.Site + path
	}
	return b.Site + path + "?" + q.Encode()
}

// At says whether this is the page at that path.
func (b basePage) At(path string) bool { return b.Path == path }

// Languages lists the languages of this page.
func (b basePage) Languages() []i18n.Language { return i18n.Languages }

// In returns the address of this page in another language.
func (b basePage) In(lang i18n.Language) string { return b.with(paramLang, string(lang)) }

// with returns the address of this page with other parameters, given in pairs
// of name and value; without those whose value is empty.
func (b basePage) with(pairs ...string) string {
	q := maps.Clone(b.Query)
	if q == nil {
		q = url.Values{}
	}
	for i := 0; i < len(pairs); i += 2 {
		q.Del(pairs[i])
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return b.Path
	}
	return b.Path + "?" + q.Encode()
}

// A param is a parameter that a form sends along unseen.
type param struct{ Name, Value string }

// Keep lists the parameters of this page that a form sends along, but for those
// it asks for itself.
func (b basePage) Keep(asks ...string) (kept []param) {
	for _, name := range []string{paramAt, paramFrom + paramAt, paramFrom + paramKnown, paramGTIN, paramIn, paramKnown, paramLang, paramModel} {
		if v := b.Query.Get(name); v != "" && !slices.Contains(asks, name) {
			kept = append(kept, param{name, v})
		}
	}
	return kept
}

// Keeping returns those of the parameters of this page.
func (b basePage) Keeping(names ...string) url.Values {
	q := url.Values{}
	for _, name := range names {
		if v := b.Query.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	return q
}

// A phrase is a text that somebody else wrote. Lang is empty where it is in the
// language of the page, or in one nobody named.
type phrase struct{ Text, Lang string }

func (b basePage) phrase(t verify.Text) phrase {
	text, lang := t.In(string(b.Lang))
	if lang == string(b.Lang) {
		lang = ""
	}
	return phrase{text, lang}
}

// partyName is what a party is called, or its id where it is not enrolled.
func (b basePage) partyName(g *verify.Governance, id verify.PartyID) phrase {
	if p, ok := g.Party(id); ok && !p.Name.IsZero() {
		return b.phrase(p.Name)
	}
	return phrase{Text: string(id)}
}

// A link is an address that may be followed, or only its text where it is not
// one of http or https.
type link struct{ URL, Text string }

func newLink(address string) link {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return link{"", address}
	}
	return link{address, strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")}
}
