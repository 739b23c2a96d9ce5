package web

import (
	"html/template"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/pack"
	"tegata/web/i18n"
)

// A paperPage is an answer to be printed and filed: whole in one file, with
// nothing to be fetched.
type paperPage struct {
	verdictPage
	Style   template.CSS
	Reason  string // what this page is
	Written string // as of which head
	Said    []saidView
}

// newPaperPage makes the page of a verdict and the history it rests on. Addresses
// of this site in it are whole ones.
func newPaperPage(b basePage, v verify.Verdict, record *verify.Record, g *verify.Governance) paperPage {
	css, _, _ := asset("style.css")
	p := paperPage{verdictPage: newVerdictPage(b, v, g), Style: template.CSS(css)}
	p.Reason = b.Lang.T("paper.reason", v.Log.Origin, pack.AnswerName)
	p.Written = b.Lang.T("record.head", b.Lang.Count(v.Log.Size), v.Log.Origin, b.Lang.Instant(v.Log.Time, time.UTC))
	for _, s := range record.History {
		p.Said = append(p.Said, newSaidView(b, s, g))
	}
	return p
}

// paper makes the page of an answer in a language.
func (m *packing) paper(lang i18n.Language, v verify.Verdict, record *verify.Record, g *verify.Governance) ([]byte, error) {
	b := m.base
	b.Lang, b.Site, b.Path = lang, m.url, "/v/"+string(v.Code)
	b.Query = b.Keeping(paramModel, paramGTIN)
	b.Query.Set(paramLang, string(lang))
	return m.render.page(lang, pagePaper, newPaperPage(b, v, record, g))
}

// readme says in a language what is in the pack, and how to check it with this
// project's tool and without.
func (m *packing) readme(l i18n.Language) []byte {
	var b strings.Builder
	line := func(text string) { b.WriteString(text + "\n") }
	block := func(heading string, lines ...string) {
		line("")
		line(heading)
		line("")
		for _, text := range lines {
			line("  " + text)
		}
	}
	head := m.snapshot.Head()
	line(l.T("readme.title"))
	line("")
	line(l.T("readme.lead", head.Origin, l.Count(head.Size), l.Instant(head.Time, time.UTC)))
	codes := make([]string, len(m.codes))
	for i, code := range m.codes {
		codes[i] = code.Printed()
	}
	block(l.T("readme.codes"), codes...)
	block(l.T("readme.files"),
		l.T("readme.file.verdict", pack.AnswerName),
		l.T("readme.file.page", pack.PageName("en"), pack.PageName("ja")),
		l.T("readme.file.bundle", pack.BundleName),
		l.T("readme.file.record", pack.RecordName),
		l.T("readme.file.statements", "statements/N.jws", "statements/N.json"),
		l.T("readme.file.trust", pack.TrustName, pack.FingerprintName),
		l.T("readme.file.manifest", pack.SumsName, pack.ManifestName))
	block(l.T("readme.trust"),
		l.T("readme.trust_how", pack.TrustName),
		m.trust.Fingerprint())
	block(l.T("readme.with"),
		"labelctl trust -from "+m.url+" -o labels.trust",
		"labelctl verify -pack FILE.zip -trust labels.trust",
		l.T("readme.with_what"))
	manifest := l.T("readme.without_manifest", pack.ManifestName, m.registry.Answer().Key().ID(), pack.TrustName, pack.SumsName)
	verdict, statements := l.T("readme.without_verdict", pack.AnswerName), l.T("readme.without_statements", "tegata-entry/v1")
	block(l.T("readme.without"), "1. sha256sum -c "+pack.SumsName, "2. "+manifest, "3. "+verdict, "4. "+statements)
	block(l.T("readme.says"), l.T("site.footer.binding"), l.T("readme.says_what"))
	return []byte(b.String())
}
