package web

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/yearly"
	"tegata/web/artwork"
	"tegata/web/headline"
	"tegata/web/i18n"
	"tegata/web/openapi"
	"tegata/web/qr"
	"tegata/web/whatif"
)

// emptyPages are pages of nothing at all.
func emptyPages(lang i18n.Language) map[string][]any {
	return map[string][]any{
		pageVerdict: {verdictPage{basePage: basePage{Lang: lang}}, verdictPage{basePage: basePage{Lang: lang}, Known: true}},
		pageHome:    {homePage{basePage: basePage{Lang: lang}}},
		pageProblem: {problemPage{basePage: basePage{Lang: lang}}},
		pageRecord:  {recordPage{basePage: basePage{Lang: lang}}},
		pageLaw:     {lawPage{basePage: basePage{Lang: lang}}},
		pageLog:     {logPage{basePage: basePage{Lang: lang}}},
		pageSearch:  {searchPage{basePage: basePage{Lang: lang}}},
		pageItem:    {itemPage{basePage: basePage{Lang: lang}}},
		pagePaper:   {paperPage{verdictPage: verdictPage{basePage: basePage{Lang: lang}}}},

		pageApplication: {applicationPage{basePage: basePage{Lang: lang}}},
		pageReport:      {reportPage{basePage: basePage{Lang: lang}}},
	}
}

// fullPages are pages of every template: of the story, and of more than anybody
// would enter.
func fullPages(t *testing.T, lang i18n.Language) map[string][]any {
	t.Helper()
	base := basePage{Lang: lang, Path: "/", Query: url.Values{"lang": {string(lang)}}, Origin: "labels.example"}
	pages := map[string][]any{}
	add := func(name string, data any) { pages[name] = append(pages[name], data) }
	for _, s := range append(slices.Clone(scenes), extreme) {
		add(pageVerdict, s.page(t, lang))
		if strings.Contains("label revoked declaration withdrawn label untrusted unknown extreme", s.name) {
			f := s.facts(t)
			body := s.record(t, f)
			add(pageRecord, newRecordPage(base, body))
			paper := base
			paper.Site = "https://labels.example"
			add(pagePaper, newPaperPage(paper, body.Verdict, body.record, f.Governance))
		}
	}
	var found []verify.Verdict
	for _, s := range scenes[:8] {
		found = append(found, verify.Judge(s.facts(t), verify.Question{At: instant(t, s.at)}))
	}
	for _, n := range []int{0, 1, len(found)} {
		add(pageHome, newHomePage(base, `"><script>alert(1)</script>`, found[:n]))
		copied := base
		copied.Copy = newCopyView(base, verify.Log{Size: 20})
		add(pageCodes, newCodesPage(copied, found[:n], n+1, 3*listed))
	}
	add(pageHome, newHomePage(base, "", nil))
	for _, n := range []int{0, 1, len(found)} {
		item := itemFound{matches: matches{Ambiguous: n > 1, Matches: found[:n]}}
		item.Item, item.Qualifiers = "04912345678904", []qualifier{{"22", "<b>"}, {"10", "<b>"}, {"21", `"`}, {"235", "<b>"}}
		add(pageItem, newItemPage(base, item))
	}
	for _, n := range []int{0, 1, len(found)} {
		page := recordsBody{recordsSaid: recordsSaid{Searched: 10, Looked: 500, Next: "1-7"}, Log: verify.Log{Size: 20}, verdicts: found[:n]}
		for i := range page.verdicts {
			page.Items = append(page.Items, newListedBody(&page.verdicts[i]))
		}
		asked := wanted{SearchQuery: registry.SearchQuery{Text: `"><script>alert(1)</script>`, Limit: 20}, status: verify.StatusGrace, lapsing: 60}
		add(pageSearch, newSearchPage(base, asked, &page))
		page.Next, asked.After = "", "1-8"
		add(pageSearch, newSearchPage(base, asked, &page))
		asked.After = ""
		add(pageSearch, newSearchPage(base, asked, &page))
	}
	refused := newSearchPage(base, wanted{}, nil)
	refused.refuse([]faultBody{{paramAsk, faultParamShort, "<b>"}, {paramLapsing, verify.NotOneOf, "<b>"}, {paramAfter, faultParamAfter, "<b>"}})
	add(pageSearch, refused)
	shown := map[verify.RuleID]map[verify.Met]exampleBody{}
	for _, r := range verify.Rules {
		shown[r.ID] = map[verify.Met]exampleBody{verify.No: {ownLabel, verify.InGB}, verify.NotKnown: {ownLabel, verify.InGBNIR}}
	}
	for _, f := range []verify.Facts{scenes[0].facts(t), extreme.facts(t)} {
		add(pageLaw, newLawPage(base, ruleBodies(f.Governance, shown)))
	}
	for _, f := range []verify.Facts{scenes[0].facts(t), extreme.facts(t)} {
		for _, q := range []whatif.Question{{}, {Status: verify.StandsGrace, From: verify.Date{Year: 2027, Month: 1, Day: 1}}} {
			record := f.Record(verify.Known{})
			a, faults := whatif.Ask(f, q)
			page := newWhatIfPage(base, record, &a)
			if len(faults) > 0 {
				page = newWhatIfPage(base, record, nil)
				page.Faults = []faultBody{{paramExtend, verify.LabelTerm, "<b>"}}
			}
			add(pageWhatIf, page)
		}
	}
	add(pageAbout, newAboutPage(base))
	add(pageDocs, newDocsPage(base, openapi.New("https://labels.example")))
	for _, body := range []logBody{{}, witnessed(t)} {
		add(pageLog, newLogPage(base, "https://labels.example", body, datedHead{}, bundle.Trust{AnswerKeys: make([]bundle.Pinned[verify.JWK], 2)}))
	}
	sc, err := newScanner(browser)
	if err != nil {
		t.Fatal(err)
	}
	add(pageScan, newScanPage(base, sc))
	addChecked(t, base, add)
	for _, s := range []artwork.Length{artworkDefault.form.Size, artwork.Largest} {
		form := artwork.Form{Size: s, Level: qr.LevelQ, Languages: i18n.Languages[:1]}
		label := artwork.Label{Code: ownLabel, Host: "labels.example", Expires: verify.Date{Year: 2028, Month: 3, Day: 31}}
		least, err := leastSizes(label.Host)
		if err != nil {
			t.Fatal(err)
		}
		a, err := artwork.New(label, form)
		if err != nil {
			t.Fatal(err)
		}
		drawn, faulty := newArtworkPage(base, label, form, least), newArtworkPage(base, label, form, least)
		drawn.show(a)
		faulty.Faults = []faultBody{{paramSize, verify.OutOfRange, "<b>"}}
		add(pageArtwork, drawn)
		add(pageArtwork, faulty)
	}
	for _, change := range []func(*verify.Declaration){func(*verify.Declaration) {}, strangeDeclaration} {
		add(pageApplication, newApplicationPage(base, applicationOf(t, change)))
	}
	for _, n := range []int64{0, 1_234_567} {
		counted := bundle.Yearly{Report: yearly.New(yearly.LastYear(instant(t, "2027-01-01T00:00:00Z")), 5, nil).Report()}
		for i := range counted.Counts {
			counted.Counts[i].Count = n
		}
		add(pageReport, newReportPage(base, counted))
	}
	for _, s := range scenes {
		f := s.facts(t)
		v := verify.Judge(f, verify.Question{In: verify.InJP, At: instant(t, s.at)})
		if p := notEligible(&v); p != nil {
			add(pageProblem, newProblemPage(base, p.body(lang, "ABCDEF")))
		}
	}
	for _, code := range problemCodes(t) {
		p := problem{status: 400, code: code, detail: "<b>"}
		p.fault("label.product.models[2].gtins[0]", verify.NotGTIN, "")
		p.fault("", verify.CodeSymbol, "<")
		add(pageProblem, newProblemPage(base, p.body(lang, "ABCDEF")))
	}
	return pages
}

// extreme is a label with everything too long, too many and too foreign.
var extreme = scene{name: "extreme", code: ownLabel, at: "2026-06-02T00:00:00Z", model: strings.Repeat("W", 200), gtin: "04912345678904",
	change: func(entries []verify.Entry) []verify.Entry {
		long := strings.Repeat("Überlänge", 200)
		entries = label(func(l *verify.Label) {
			l.Product.Name = verify.Text{EN: long}
			l.Product.Brand = `"><img src=x onerror=alert(1)>`
			l.Holder.Name = verify.Text{JA: "株式会社" + long}
			l.Page = "javascript:alert(1)"
			l.Contact = verify.Contact{Vulnerability: "https://x.example/?a=1&b='\"<>", Email: "a&b@x.example"}
			l.Support = verify.Support{Text: verify.Text{EN: "until I get bored"}}
			l.Product.Models = nil
			for i := range 477 {
				l.Product.Models = append(l.Product.Models, verify.Model{Model: fmt.Sprintf("WX-%d", i)})
			}
			l.Product.Models[3].GTINs = slices.Repeat([]string{"04912345678904"}, 20)
		})(entries)
		for _, n := range []verify.Notice{verify.ComplianceNotice, verify.StopNotice, verify.RecallNotice, verify.OtherNotice} {
			entries = measure(n, verify.Bars, verify.TerritoryUK)(entries)
			entries[len(entries)-1].Body.(*verify.Taken).Measure = string(n)
		}
		e := entries[len(entries)-1]
		e.Kind, e.Body, e.By = "label.blessed", nil, "nobody"
		return append(entries, e)
	}}

// TestTemplates executes every template on every page: a field that a template
// asks for and its page does not have is an error.
func TestTemplates(t *testing.T) {
	r, err := newRenderer()
	if err != nil {
		t.Fatal(err)
	}
	bad := regexp.MustCompile(`(?i)<script|<style|<[a-z][^<>]*\s(style|on[a-z]+)=|ZgotmplZ|href="(javascript|data):|<nil>|%!`)
	scripted := regexp.MustCompile(`<script type="module" src="/static/(scan-[0-9a-f]{12}/scan|check-[0-9a-f]{12}/check)\.js"></script>`)
	for _, lang := range i18n.Languages {
		pages := emptyPages(lang)
		for name, list := range fullPages(t, lang) {
			pages[name] = append(pages[name], list...)
		}
		for _, name := range pageNames {
			first, err := embedded.ReadFile("templates/" + name + ".html")
			if err != nil {
				t.Fatal(err)
			}
			if len(pages[name]) == 0 {
				t.Errorf("no page %s is tried", name)
				continue
			}
			if want := fmt.Sprintf("{{/* . is %T */}}\n", pages[name][0]); !bytes.HasPrefix(first, []byte(want)) {
				t.Errorf("templates/%s.html: got another first line, want %q", name, want)
			}
			for i, data := range pages[name] {
				html, err := r.page(lang, name, data)
				if err != nil {
					t.Errorf("%s %s %d: %v", lang, name, i, err)
					continue
				}
				if name == pagePaper { // its style stands in it; nothing is fetched
					html = bytes.Replace(html, []byte("<style>"), nil, 1)
					if found := regexp.MustCompile(`(?i)<[a-z][^<>]*\ssrc=|<link|url\(|@import|href="/[^"]*`).Find(html); found != nil {
						t.Errorf("%s %s %d: got %q in a page that is whole", lang, name, i, found)
					}
				}
				if name == pageScan || name == pageCheck {
					html = scripted.ReplaceAll(html, nil)
				}
				if found := bad.Find(html); found != nil {
					t.Errorf("%s %s %d: got %q in the page", lang, name, i, found)
				}
			}
		}
	}
	if _, err := r.page(i18n.English, pageHome, problemPage{}); err == nil {
		t.Error("a page of another template: got no error")
	}
	if _, err := r.page(i18n.English, "none", nil); err == nil {
		t.Error("no such template: got no error")
	}
}

// TestPageIsWholeOrError: what goes wrong in the middle leaves nothing.
func TestPageIsWholeOrError(t *testing.T) {
	r, err := newRenderer()
	if err != nil {
		t.Fatal(err)
	}
	html, err := r.page(i18n.English, pageVerdict, struct {
		basePage
		Headline headline.Headline
	}{})
	if err == nil || html != nil {
		t.Errorf("got %d bytes and %v, want an error alone", len(html), err)
	}
}

func TestAccident(t *testing.T) {
	r, err := newRenderer()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Languages {
		html := string(r.accident(lang, "ABC<"))
		if !strings.Contains(html, "ABC&lt;") || strings.Contains(html, referenceMark) || !strings.HasSuffix(html, "</html>\n") {
			t.Errorf("%s: got %s, want a whole page with the reference", lang, html)
		}
	}
}

func TestBasePage(t *testing.T) {
	b := basePage{Lang: i18n.Japanese, Path: "/v/X", Query: url.Values{"lang": {"ja"}, "in": {"GB"}, "utm": {"x"}}}
	for _, c := range []struct{ name, got, want string }{
		{"another page", b.Link("/"), "/?lang=ja"},
		{"this page in English", b.In(i18n.English), "/v/X?in=GB&lang=en&utm=x"},
		{"another place", b.with(paramIn, "JP"), "/v/X?in=JP&lang=ja&utm=x"},
		{"no place", b.with(paramIn, "", "utm", ""), "/v/X?lang=ja"},
		{"nothing chosen", basePage{Path: "/v/X"}.with(), "/v/X"},
		{"nothing chosen, another page", basePage{Path: "/v/X"}.Link("/"), "/"},
		{"kept", fmt.Sprint(b.Keep(paramIn)), "[{lang ja}]"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, c.got, c.want)
		}
	}
	if b.Query.Get("lang") != "ja" {
		t.Error("the page's own parameters were changed")
	}
}

// TestHTML asks html-validate, which knows the standard better than we do.
func TestHTML(t *testing.T) {
	r, err := newRenderer()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, lang := range i18n.Languages {
		for name, list := range fullPages(t, lang) {
			for i, data := range list {
				html, err := r.page(lang, name, data)
				if err != nil {
					t.Fatal(err)
				}
				file := filepath.Join(folder, fmt.Sprintf("%s-%s-%d.html", name, lang, i))
				if err := os.WriteFile(file, html, 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	out, err := exec.Command("node_modules/.bin/html-validate", "--config", "testdata/htmlvalidate.json", "--formatter", "text", folder).CombinedOutput()
	if err != nil {
		t.Errorf("html-validate: %v\n%s", err, out)
	}
}

func TestAssets(t *testing.T) {
	for name, want := range map[string]bool{
		"style.css": true, "icon.svg": true,
		"": false, ".": false, "..": false, "../templates/home.html": false, "none.css": false, "style.css/": false, "STYLE.CSS": false,
	} {
		data, media, ok := asset(name)
		if ok != want || ok && (len(data) == 0 || media == "") {
			t.Errorf("%q: got %t, %q, %d bytes; want %t", name, ok, media, len(data), want)
		}
	}
	css, _, _ := asset("style.css")
	if bad := regexp.MustCompile(`url\(|@import|https?:`).Find(css); bad != nil {
		t.Errorf("style.css: got %q, want nothing from elsewhere", bad)
	}
}
