// Package match tells whether a record covers the product in somebody's hand:
// by model number, or by the trade item number (GTIN) of its barcode. A near
// miss is suggested, and never taken for a match.
package match

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tegata/verify"
)

// nearMost is the most near misses suggested.
const nearMost = 5

// Model returns the form in which model numbers are compared: compatibility
// forms folded (NFKC, so that full-width ＷＸ-100 is WX-100), in capitals,
// without spaces and hyphens of any kind.
func Model(s string) string { return string(appendModel(nil, s)) }

// appendModel appends that form to b. Text of ASCII, in which there is nothing to
// compose, is not looked at more than once.
func appendModel(b []byte, s string) []byte {
	had := len(b)
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			return append(b[:had], anyModel(s)...)
		case 'a' <= c && c <= 'z':
			b = append(b, c-'a'+'A')
		case c != '-' && c != ' ' && (c < '\t' || c > '\r'):
			b = append(b, c)
		}
	}
	return b
}

// anyModel is Model of any text.
func anyModel(s string) string {
	s = strings.ToUpper(norm.NFKC.String(strings.ToValidUTF8(s, "\ufffd")))
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '\u2212' {
			return -1
		}
		return r
	}, s)
	return norm.NFKC.String(s) // what stood apart may have come together
}

// Name returns the form in which names of holders and makers are looked up:
// NFKC, small letters, runs of white space made one.
func Name(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(s))), " ")
}

// Number returns the form in which registration numbers are looked up: NFKC,
// capitals, no white space at the ends. The number itself is opaque.
func Number(s string) string { return strings.TrimSpace(strings.ToUpper(norm.NFKC.String(s))) }

// Covers answers for a model number and a GTIN, each where it is not empty; nil
// where both are. It returns the error of [verify.ParseGTIN] if the GTIN is
// none.
func Covers(p *verify.Product, model, gtin string) (*verify.Match, error) {
	var m verify.Match
	if model != "" {
		m.Model = coversModel(p, model)
	}
	if gtin != "" {
		asked, err := verify.ParseGTIN(gtin)
		if err != nil {
			return nil, err
		}
		m.GTIN = &verify.GTINMatch{Asked: gtin, Covered: slices.ContainsFunc(p.Models, func(have verify.Model) bool {
			return slices.ContainsFunc(have.GTINs, func(s string) bool {
				listed, err := verify.ParseGTIN(s)
				return err == nil && listed == asked
			})
		})}
	}
	if m == (verify.Match{}) {
		return nil, nil
	}
	return &m, nil
}

func coversModel(p *verify.Product, asked string) *verify.ModelMatch {
	m := &verify.ModelMatch{Asked: asked}
	var room [2][64]byte // of usual models: nothing is allocated for each
	want := appendModel(room[0][:0], asked)
	for _, have := range p.Models {
		switch folded := appendModel(room[1][:0], have.Model); {
		case bytes.Equal(folded, want):
			m.Covered = true
		case near(folded, want):
			m.Near = append(m.Near, have.Model)
		}
	}
	m.Near = m.Near[:min(len(m.Near), nearMost)]
	if m.Covered {
		m.Near = nil
	}
	return m
}

// near reports whether one of two different models begins with the other, or
// they are one symbol or one swap apart.
func near(x, y []byte) bool {
	if len(x) == 0 || len(y) == 0 {
		return false
	}
	for len(x) > 0 && len(y) > 0 {
		a, n := utf8.DecodeRune(x)
		b, m := utf8.DecodeRune(y)
		if a != b {
			break
		}
		x, y = x[n:], y[m:]
	}
	if len(x) == 0 || len(y) == 0 {
		return true
	}
	for len(x) > 0 && len(y) > 0 {
		a, n := utf8.DecodeLastRune(x)
		b, m := utf8.DecodeLastRune(y)
		if a != b {
			break
		}
		x, y = x[:len(x)-n], y[:len(y)-m]
	}
	left := [2]int{utf8.RuneCount(x), utf8.RuneCount(y)}
	if left == [2]int{2, 2} {
		a, n := utf8.DecodeRune(x)
		b, m := utf8.DecodeRune(y)
		return string(x[n:]) == string(b) && string(y[m:]) == string(a)
	}
	return left[0] <= 1 && left[1] <= 1
}
