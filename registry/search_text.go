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

// An occurrence is a term of a record and where it stands in the record's texts, as
// if they were one with a character between each two: the number of characters
// before it. What stands further on than can be told stands at far.
type occurrence uint64

const far = 255

func newOccurrence(t searchTerm, at int) occurrence {
	return occurrence(uint64(t)<<8 | uint64(min(at, far)))
}

func (o occurrence) term() searchTerm { return searchTerm(o >> 8) }
func (o occurrence) at() int          { return int(o & far) }

// pairs adds the pairs of characters of a text that begins at some character.
func pairs(all []occurrence, text string, at int) []occurrence {
	last := rune(-1)
	for _, r := range text {
		if last >= 0 {
			all = append(all, newOccurrence(newTerm(termPair, last, r), at))
			at++
		}
		last = r
	}
	return all
}

// spanning are as few pairs as have all characters of a word.
func spanning(word string) (few []occurrence) {
	all := pairs(nil, word, 0)
	for i, o := range all {
		if i%2 == 0 || i == len(all)-1 {
			few = append(few, o)
		}
	}
	return few
}

// begins is the term of the two characters a text begins with, if it has two.
func begins(text string) (searchTerm, bool) {
	a, n := utf8.DecodeRuneInString(text)
	b, m := utf8.DecodeRuneInString(text[n:])
	return newTerm(termBegins, a, b), m > 0
}

// terms lists the terms of a record in order, wherever they stand. A text that is
// part of one before it, as a brand is of a name, stands there, and has no terms but
// for its beginning. Of more texts there are more terms: those of before stay.
func (t *searchText) terms() []occurrence {
	all := []occurrence{newOccurrence(schemeTerm(t.scheme), 0)}
	next, places := 0, make([]int, len(t.parts))
	for i, p := range t.parts {
		b, two := begins(p.text)
		if !two {
			continue
		}
		if j, before := t.within(i); j < i {
			all = append(all, newOccurrence(b, places[j]+before))
			continue
		}
		places[i] = next
		all = pairs(append(all, newOccurrence(b, next)), p.text, next)
		next += utf8.RuneCountInString(p.text) + 1
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// within is the first text that the i-th is part of, which may be itself, and how many
// characters of that stand before it.
func (t *searchText) within(i int) (j, before int) {
	for j := range i {
		if at := strings.Index(t.parts[j].text, t.parts[i].text); at >= 0 {
			return j, utf8.RuneCountInString(t.parts[j].text[:at])
		}
	}
	return i, 0
}

// usualParts is how many texts a record has, if it has not many.
const usualParts = 12

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
	t.parts = make([]searchPart, 0, usualParts)
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
