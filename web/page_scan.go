package web

import (
	"net/http"
	"strings"

	"tegata/verify/status"
	"tegata/web/headline"
	"tegata/web/i18n"
)

// scanPolicy is what the page /scan may do beyond the others: run the scripts of
// this host, ask it, and use the camera. To compile the reader of barcodes is left
// to a worker.
var scanPolicy = http.Header{
	"Content-Security-Policy": {"default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
	"Permissions-Policy":      {"camera=(self), geolocation=(), microphone=()"},
}

// scan answers with the page that reads codes.
func (s *site) scan(*http.Request) (view, error) {
	return view{status: http.StatusOK, on: s.still(), tag: []string{s.scanner.version, assetURL("style.css")}, policy: scanPolicy, page: func(b basePage) (string, any) {
		return pageScan, newScanPage(b, s.scanner)
	}}, nil
}

// A scanPage reads codes by camera, from pictures, and as they are typed. All
// that its scripts may have to say stands in it, since they have no words.
type scanPage struct {
	basePage
	Files string // folder of the scripts
	Keep  string // addresses of all that the page needs without network, with spaces between
	Cards []scanCard
}

// A scanCard is an answer that a script fills in and shows.
type scanCard struct {
	Name string
	headline.Headline
}

func newScanPage(b basePage, sc *scripts) scanPage {
	l := b.Lang
	p := scanPage{basePage: b, Files: sc.folder()}
	p.Title = l.T("scan.title")
	keep := []string{"/scan", assetURL("style.css"), assetURL("icon.svg")}
	for _, lang := range i18n.Languages {
		keep = append(keep, "/scan?lang="+string(lang))
	}
	for _, name := range sc.names() {
		keep = append(keep, p.Files+"/"+name)
	}
	p.Keep = strings.Join(keep, " ")

	const first, second = "{0}", "{1}" // a script puts something in their place
	for _, o := range []status.Outcome{status.ReadInvalid, status.ReadPast, status.ReadNotListed, status.ReadNotConfirmed,
		status.ReadSuspended, status.ReadAskOnline, status.ReadValid} {
		p.Cards = append(p.Cards, scanCard{string(o), headline.OfReading(l, o, first, second)})
	}
	for _, f := range []headline.Fault{headline.Malformed, headline.UnknownKey, headline.BadSignature, headline.OtherCode} {
		p.Cards = append(p.Cards, scanCard{string(f), headline.OfFault(l, f, first, second)})
	}
	for _, name := range []string{"no_trust", "cannot_check", "elsewhere", "unreachable", "unreachable_gtin", "gtin_none", "gtin_several", "other"} {
		tone := headline.None
		if name == "elsewhere" || name == "gtin_several" {
			tone = headline.Caution
		}
		p.Cards = append(p.Cards, scanCard{name, headline.Headline{
			Tone: tone, Word: l.T("scan.card." + name + ".word"), Sentence: l.T("scan.card."+name, first, second),
		}})
	}
	return p
}
