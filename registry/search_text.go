package registry

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tegata/verify"
	"tegata/verify/match"
)

// A searchText is what a record is found by: all that its first statements and
// amendments ever said of it in words, each text folded and once, in log order.
type searchText struct {
	code   verify.Code
	scheme verify.Scheme
	parts  []searchPart
}

// A searchPart is one text and what it is of.
type searchPart struct {
	of   partOf
	text string
}

// A partOf says what a text is of. It is stored: never renamed, never reused.
type partOf byte

const (
	ofProduct  partOf = 'p' // product, models, trade items, number, code
	ofHolder   partOf = 'h' // who holds the label, made the product or represents its maker
	ofCategory partOf = 'c'
)

// add adds what an entry about the code says, and reports whether it says
// anything new.
func (t *searchText) add(e verify.Entry) bool {
	had := len(t.parts)
	part := func(of partOf, texts ...string) {
		for _, s := range texts {
			if p := (searchPart{of, match.Fold(s)}); p.text != "" && !slices.Contains(t.parts, p) {
				t.parts = append(t.parts, p)
			}
		}
	}
	models := func(models []verify.Model) {
		for _, m := range models {
			part(ofProduct, m.Model)
		}
	}
	product := func(p *verify.Product) {
		part(ofProduct, p.Name.EN, p.Name.JA, p.Brand)
		part(ofCategory, p.Category)
		models(p.Models)
	}
	switch b := e.Body.(type) {
	case *verify.Issued:
		t.scheme = verify.JCSTAR
		part(ofProduct, string(e.Code), b.Label.Number)
		part(ofHolder, b.Label.Holder.Name.EN, b.Label.Holder.Name.JA)
		product(&b.Label.Product)
	case *verify.Published:
		t.scheme = verify.PSTI
		part(ofProduct, string(e.Code))
		for _, p := range b.Declaration.Parties {
			part(ofHolder, p.Name.EN, p.Name.JA)
		}
		product(&b.Declaration.Product)
	case *verify.Amended:
		if b.Name != nil {
			part(ofProduct, b.Name.EN, b.Name.JA)
		}
		if b.Holder != nil {
			part(ofHolder, b.Holder.Name.EN, b.Holder.Name.JA)
		}
		models(b.Models)
	case *verify.LinkAmended:
		models(b.Models)
	default:
		return false
	}
	for _, item := range verify.TradeItems(e.Statement) {
		part(ofProduct, string(item))
	}
	return len(t.parts) > had
}

// textOf is what a record is found by once these entries about it are logged.
func textOf(code verify.Code, entries []verify.Entry) searchText {
	t := searchText{code: code}
	for _, e := range entries {
		t.add(e)
	}
	return t
}

// fits reports whether the record has all that is asked for, and whether one of
// its texts begins with the words, run together.
func (t *searchText) fits(q *searchWords) (fits, first bool) {
	if q.scheme != "" && t.scheme != q.scheme {
		return false, false
	}
	for _, w := range q.words {
		if !t.says(0, w) {
			return false, false
		}
	}
	for _, w := range q.category {
		if !t.says(ofCategory, w) {
			return false, false
		}
	}
	for _, w := range q.holder {
		if !t.says(ofHolder, w) {
			return false, false
		}
	}
	first = slices.ContainsFunc(t.parts, func(p searchPart) bool { return q.whole != "" && strings.HasPrefix(p.text, q.whole) })
	return true, first
}

// says reports whether a text contains the word: one of that kind, or any.
func (t *searchText) says(of partOf, word string) bool {
	return slices.ContainsFunc(t.parts, func(p searchPart) bool {
		return (of == 0 || p.of == of) && strings.Contains(p.text, word)
	})
}

// A searchTerm is what rows of the index are of: two characters that stand side
// by side in a text, or with which one begins; or a scheme. It has 48 bits.
type searchTerm uint64

const (
	termPair   = 0
	termBegins = 1
	termScheme = 2
)

func newTerm(kind uint64, a, b rune) searchTerm {
	return searchTerm(kind<<42 | uint64(a)<<21 | uint64(b))
}

func schemeTerm(s verify.Scheme) searchTerm { return newTerm(termScheme, 0, rune(schemeByte(s))) }

// schemeByte is how a scheme is stored.
func schemeByte(s verify.Scheme) byte {
	if s == verify.PSTI {
		return 'p'
	}
	return 'j'
}

// pairs adds the pairs of characters of a text.
func pairs(terms []searchTerm, text string) []searchTerm {
	last := rune(-1)
	for _, r := range text {
		if last >= 0 {
			terms = append(terms, newTerm(termPair, last, r))
		}
		last = r
	}
	return terms
}

// begins is the term of the two characters a text begins with, if it has two.
func begins(text string) (searchTerm, bool) {
	a, n := utf8.DecodeRuneInString(text)
	b, m := utf8.DecodeRuneInString(text[n:])
	return newTerm(termBegins, a, b), m > 0
}

// terms lists the terms of a record, each once.
func (t *searchText) terms() []searchTerm {
	terms := []searchTerm{schemeTerm(t.scheme)}
	for _, p := range t.parts {
		if b, ok := begins(p.text); ok {
			terms = append(terms, b)
		}
		terms = pairs(terms, p.text)
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}

// codeLength is the length of a stored code.
const codeLength = 12

// marshal is the text as it is stored: the code, the scheme, and for each part
// what it is of, the number of its bytes, and its bytes.
func (t *searchText) marshal() []byte {
	b := append([]byte(t.code), schemeByte(t.scheme))
	for _, p := range t.parts {
		b = append(b, byte(p.of))
		b = binary.AppendUvarint(b, uint64(len(p.text)))
		b = append(b, p.text...)
	}
	return b
}

// parseSearchText reads what marshal wrote.
func parseSearchText(b []byte) (t searchText, err error) {
	if len(b) < codeLength+1 {
		return t, fmt.Errorf("%w: search index: a text of %d bytes", ErrDamaged, len(b))
	}
	t.code, t.scheme = verify.Code(b[:codeLength]), verify.JCSTAR
	if b[codeLength] == schemeByte(verify.PSTI) {
		t.scheme = verify.PSTI
	}
	for text := string(b[codeLength+1:]); text != ""; {
		n, k := binary.Uvarint([]byte(text[1:min(len(text), 1+binary.MaxVarintLen64)]))
		if k <= 0 || n > uint64(len(text)-1-k) {
			return t, fmt.Errorf("%w: search index: the text of %s is cut off", ErrDamaged, t.code)
		}
		t.parts = append(t.parts, searchPart{partOf(text[0]), text[1+k : 1+k+int(n)]})
		text = text[1+k+int(n):]
	}
	return t, nil
}
