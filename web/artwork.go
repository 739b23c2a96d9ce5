package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tegata/registry"
	"tegata/verify"
	"tegata/web/artwork"
	"tegata/web/i18n"
	"tegata/web/qr"
)

// Parameters of artwork. The language of the words is lang where a file is asked
// for, and words on the page, where lang is that of the page.
const (
	paramSize   = "size"
	paramLevel  = "level"
	paramWords  = "words"
	paramDPI    = "dpi"
	paramCode   = "code"
	paramCopies = "copies"
)

// An artworkAsked is what parameters ask for. Each has a default.
type artworkAsked struct {
	form artwork.Form
	dpi  int // of PNG
}

// wordsBoth is the value for both languages.
const wordsBoth = "both"

// languagesOf are those of the words, by the value of the parameter.
var languagesOf = map[string][]i18n.Language{
	string(i18n.English):  {i18n.English},
	string(i18n.Japanese): {i18n.Japanese},
	wordsBoth:             i18n.Languages,
}

// artworkDefault is 20 mm, which suits most products, in both languages.
var artworkDefault = artworkAsked{artwork.Form{Size: 20 * artwork.Millimetre, Level: qr.LevelM, Languages: i18n.Languages}, artwork.Resolutions[0]}

// artworkAsked reads the parameters and notes what cannot be read. The size is
// noted if it cannot be that of the QR code of a site.
func (p *problem) artworkAsked(values url.Values, words string, s *site) artworkAsked {
	asked := artworkDefault
	one := func(name string, read func(string) bool) {
		v := values[name]
		if len(v) > 1 {
			p.fault(name, faultParamTwice, "")
		} else if len(v) == 1 && !read(v[0]) {
			p.fault(name, verify.NotOneOf, artworkChoices[name])
		}
	}
	one(paramLevel, func(v string) bool {
		asked.form.Level = qr.Level(v)
		return slices.Contains(qr.Levels, asked.form.Level)
	})
	one(words, func(v string) (ok bool) {
		asked.form.Languages, ok = languagesOf[v]
		return ok
	})
	one(paramDPI, func(v string) bool {
		asked.dpi, _ = strconv.Atoi(v)
		return slices.ContainsFunc(artwork.Resolutions, func(n int) bool { return v == strconv.Itoa(n) })
	})
	one(paramSize, func(v string) bool {
		size, err := artwork.ParseLength(v)
		asked.form.Size = size
		least := s.artworkLeast(asked.form.Level)
		if err != nil || size < least || size > artwork.Largest {
			p.fault(paramSize, verify.OutOfRange, sizeRange(least))
		}
		return true
	})
	return asked
}

var artworkChoices = map[string]string{paramLevel: "M, Q, H", paramLang: "en, ja, both", paramWords: "en, ja, both", paramDPI: "300, 600"}

func sizeRange(least artwork.Length) string { return fmt.Sprintf("%v–%v mm", least, artwork.Largest) }

// artworkLeast is the least size of a QR code of this site at a level; at M if
// there is no such level. It is that of the code whose symbol is largest: all
// have twelve letters and digits, and those of digits alone may take less.
func (s *site) artworkLeast(level qr.Level) artwork.Length {
	if !slices.Contains(qr.Levels, level) {
		level = qr.LevelM
	}
	return s.least[level]
}

// sizes are lengths by level.
type sizes map[qr.Level]artwork.Length

// leastSizes works out the least size at each level.
func leastSizes(host string) (sizes, error) {
	text, err := qr.Text(host, "7K3MQ2ZT9XWE")
	if err != nil {
		return nil, err
	}
	least := sizes{}
	for _, level := range qr.Levels {
		symbol, err := qr.NewAt(text, level)
		if err != nil {
			return nil, err
		}
		least[level] = artwork.Minimum(symbol)
	}
	return least, nil
}

// artworkFile answers /qr/CODE/artwork.svg, .png and .pdf. A label that expires has
// none any more from then on, so none is kept without asking; a PDF tells when it
// was made, and is never the same twice.
func (s *site) artworkFile(r *http.Request) (file, error) {
	draw, ok := map[string]func(artwork.Artwork, int, verify.Log) (file, error){
		"artwork.svg": func(a artwork.Artwork, _ int, _ verify.Log) (file, error) {
			b, err := a.SVG()
			return file{"image/svg+xml", b, cacheAsk}, err
		},
		"artwork.png": func(a artwork.Artwork, dpi int, _ verify.Log) (file, error) {
			b, err := a.PNG(dpi)
			return file{"image/png", b, cacheAsk}, err
		},
		"artwork.pdf": func(a artwork.Artwork, _ int, log verify.Log) (file, error) {
			b, err := a.PDF(log.Time)
			return file{"application/pdf", b, cacheNever}, err
		},
	}[r.PathValue("form")]
	if !ok {
		return file{}, registry.ErrNotFound
	}
	code, err := verify.ParseCode(r.PathValue("file"))
	if err != nil {
		return file{}, err
	}
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	values := p.values(r)
	asked := p.artworkAsked(values, paramLang, s)
	if len(p.faults) > 0 {
		return file{}, p
	}
	label, log, err := s.printable(r, code)
	if err != nil {
		return file{}, err
	}
	a, err := artwork.New(label, asked.form)
	if err != nil {
		return file{}, err
	}
	return draw(a, asked.dpi, log)
}

// values reads the parameters of a request.
func (p *problem) values(r *http.Request) url.Values {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		p.fault("", faultParamQuery, "")
	}
	return values
}

// printable is the label of a code as of the log's head. A code that is not in
// the registry is not found; one that nothing may be printed for any more is a
// problem.
func (s *site) printable(r *http.Request, code verify.Code) (artwork.Label, verify.Log, error) {
	f, err := s.registry.Lookup(r.Context(), code)
	if err != nil {
		return artwork.Label{}, f.Log, err
	}
	if len(f.Entries) == 0 {
		return artwork.Label{}, f.Log, registry.ErrNotFound
	}
	record := f.Record(verify.Known{})
	if now := record.Status(f.Log.Time); unprintable[now] {
		return artwork.Label{}, f.Log, &problem{status: http.StatusConflict, code: problemPrint, detail: code.Printed(), reason: "its status is " + string(now)}
	}
	l := artwork.Label{Code: code, Host: s.host}
	if record.Label != nil {
		l.Expires = record.Ends(f.Log.Time)
	}
	return l, f.Log, nil
}

// sheet answers with A4 sheets of the labels of all codes that are named, each
// as often as copies says.
func (s *site) sheet(r *http.Request) (file, error) {
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	values := p.values(r)
	asked := p.artworkAsked(values, paramLang, s)
	copies := 1
	if v := values[paramCopies]; len(v) > 1 {
		p.fault(paramCopies, faultParamTwice, "")
	} else if len(v) == 1 {
		n, err := parseIndex(v[0])
		if err != nil || n < 1 || n > artwork.SheetMost {
			p.fault(paramCopies, verify.OutOfRange, fmt.Sprintf("1–%d", artwork.SheetMost))
			n = 1
		}
		copies = int(n)
	}
	codes := values[paramCode]
	if n := len(codes) * copies; n < 1 || n > artwork.SheetMost {
		p.fault(paramCode, verify.OutOfRange, fmt.Sprintf("1–%d", artwork.SheetMost))
		return file{}, p
	}
	labels, log, err := s.printables(r, p, codes)
	if err != nil {
		return file{}, err
	}
	if len(p.faults) > 0 {
		return file{}, p
	}
	var all []artwork.Artwork
	for _, l := range labels {
		a, err := artwork.New(l, asked.form)
		if err != nil {
			return file{}, err
		}
		all = append(all, slices.Repeat([]artwork.Artwork{a}, copies)...)
	}
	pdf, err := artwork.Sheet(all, log.Time)
	if errors.Is(err, artwork.ErrSheet) {
		p.fault(paramSize, faultParamSheet, "")
		return file{}, p
	}
	return file{"application/pdf", pdf, cacheNever}, err
}

// printables are the labels of codes, or a fault for each that has none.
func (s *site) printables(r *http.Request, p *problem, codes []string) (labels []artwork.Label, log verify.Log, err error) {
	for i, text := range codes {
		field := fmt.Sprintf("%s[%d]", paramCode, i)
		code, err := verify.ParseCode(text)
		if wrong := (*verify.CodeError)(nil); errors.As(err, &wrong) {
			p.fault(field, wrong.Rule, wrong.Detail())
			continue
		}
		l, head, err := s.printable(r, code)
		no := (*problem)(nil)
		switch {
		case errors.Is(err, registry.ErrNotFound):
			p.fault(field, verify.CodeUnknown, "")
		case errors.As(err, &no):
			p.fault(field, faultParamPrint, strings.TrimPrefix(no.reason, "its status is "))
		case err != nil:
			return nil, head, err
		default:
			labels, log = append(labels, l), head
		}
	}
	return labels, log, nil
}
