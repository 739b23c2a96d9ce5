package observer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

const (
	mediaHTML  = "text/html"
	mediaXHTML = "application/xhtml+xml"
	mediaPDF   = "application/pdf"
)

// textMost is how much text of a document is kept to be looked at, in bytes.
const textMost = 64 << 10

// tokenMost is the longest tag or run of text of a page, in bytes.
const tokenMost = 1 << 20

// A page is an HTML document as a person reads it.
type page struct {
	text     strings.Builder // its first part
	sum      [sha256.Size]byte
	password bool // it asks for a password
}

func (p *page) digest() string { return hex.EncodeToString(p.sum[:]) }

// silent are elements whose contents nobody reads.
var silent = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Template: true, atom.Noscript: true, atom.Iframe: true, atom.Object: true, atom.Svg: true}

// readPage reads a page as it comes, in whatever encoding its type or itself
// says. Its text is what stands between the tags, without that of scripts, styles
// and the like, with every run of white space as one blank; its digest is of
// that in UTF-8. So it stays the same where a server puts another number into
// every copy of a page.
func readPage(r io.Reader, contentType string) (p page, err error) {
	decoded, err := charset.NewReader(r, contentType)
	switch {
	case errors.Is(err, io.EOF):
		decoded = r // it is empty
	case err != nil:
		return p, err
	}
	sum := sha256.New()
	words := &wordWriter{to: []io.Writer{sum, &firstPart{&p.text}}}
	z := html.NewTokenizer(decoded)
	z.SetMaxBuf(tokenMost)
	var quiet atom.Atom // the silent element that it is in, and how deep in such
	var depth int
	for {
		switch z.Next() {
		case html.ErrorToken:
			copy(p.sum[:], sum.Sum(nil))
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return p, err
			}
			return p, nil
		case html.TextToken:
			if depth == 0 {
				words.write(string(z.Text()))
			}
		case html.StartTagToken:
			t := z.Token()
			p.password = p.password || t.DataAtom == atom.Input && attribute(t, "type") == "password"
			if depth == 0 && silent[t.DataAtom] || depth > 0 && t.DataAtom == quiet {
				quiet = t.DataAtom
				depth++
			}
			words.gap(t.DataAtom)
		case html.SelfClosingTagToken:
			t := z.Token()
			p.password = p.password || t.DataAtom == atom.Input && attribute(t, "type") == "password"
			words.gap(t.DataAtom)
		case html.EndTagToken:
			t := z.Token()
			if depth > 0 && t.DataAtom == quiet {
				depth--
			}
			words.gap(t.DataAtom)
		}
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return strings.ToLower(strings.TrimSpace(a.Val))
		}
	}
	return ""
}

// inline are elements that stand within a word or a sentence: no blank is where
// they begin or end.
var inline = map[atom.Atom]bool{atom.A: true, atom.B: true, atom.Strong: true, atom.I: true, atom.Em: true, atom.Span: true, atom.Small: true,
	atom.Sub: true, atom.Sup: true, atom.U: true, atom.Mark: true, atom.Code: true, atom.Font: true, atom.Abbr: true, atom.Wbr: true}

// A wordWriter writes words with one blank between them.
type wordWriter struct {
	to    []io.Writer
	begun bool // a word was written
	blank bool // before the next word
}

func (w *wordWriter) gap(a atom.Atom) { w.blank = w.blank || !inline[a] }

func (w *wordWriter) write(text string) {
	for len(text) > 0 {
		word := strings.TrimLeft(text, spaces)
		w.blank = w.blank || len(word) < len(text)
		end := strings.IndexAny(word, spaces)
		if end < 0 {
			end = len(word)
		}
		if end > 0 {
			if w.blank && w.begun {
				w.put(" ")
			}
			w.put(word[:end])
			w.begun, w.blank = true, false
		}
		text = word[end:]
	}
}

const spaces = " \t\r\n\f\u00a0\u3000"

func (w *wordWriter) put(s string) {
	for _, to := range w.to {
		io.WriteString(to, s)
	}
}

// firstPart keeps the first textMost bytes.
type firstPart struct{ text *strings.Builder }

func (f *firstPart) Write(b []byte) (int, error) {
	if f.text.Len()+len(b) <= textMost {
		f.text.Write(b)
	}
	return len(b), nil
}
