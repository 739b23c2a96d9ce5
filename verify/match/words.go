package match

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns the form in which words are searched for: what people type for
// the same thing comes out the same. Compatibility forms are folded (NFKC: full
// and half width), capitals and small letters, katakana and hiragana. Only
// letters, digits and their marks are left: WX-100, wx 100 and ＷＸ１００ are one.
func Fold(s string) string {
	if folded, ok := foldPlain(s); ok {
		return folded
	}
	s = norm.NFKD.String(strings.ToValidUTF8(s, " "))
	return norm.NFKC.String(strings.Map(foldRune, s))
}

// foldPlain is Fold for text of ASCII, kana and the common ideographs, all of
// which stand for themselves; ok is false where there is anything else.
func foldPlain(s string) (folded string, ok bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			b = append(b, byte(r))
		case 'A' <= r && r <= 'Z':
			b = append(b, byte(r)+'a'-'A')
		case r < utf8.RuneSelf, r == '\u3000', r == '・':
		case 'ァ' <= r && r <= 'ヶ':
			b = utf8.AppendRune(b, r-'ァ'+'ぁ')
		case 'ぁ' <= r && r <= 'ゖ', r == 'ー', '一' <= r && r <= '\u9fff':
			b = utf8.AppendRune(b, r)
		default:
			return "", false
		}
	}
	return string(b), true
}

// foldRune folds a rune that stands apart from its marks, or takes it out. A
// variation selector says how a letter looks, not which it is.
func foldRune(r rune) rune {
	switch {
	case 'ァ' <= r && r <= 'ヶ', r == 'ヽ':
		return r - 'ァ' + 'ぁ'
	case unicode.Is(unicode.Variation_Selector, r) || !unicode.In(r, unicode.L, unicode.N, unicode.M):
		return -1
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

// wordLeast is the fewest characters of a word that is searched for, and
// wordsMost the most words.
const (
	wordLeast = 2
	wordsMost = 8
)

var (
	// ErrShort says that a word is too short to search for.
	ErrShort = errors.New("a word to search for has two characters at least")
	// ErrMany says that there are too many words.
	ErrMany = errors.New("at most eight words are searched for")
)

// Words returns the words that white space parts in s, each folded and each
// once, in their order. The error is [ErrShort] where one of them has fewer
// than two characters, or s has something in it and none is a word, and
// [ErrMany] where they are more than eight. No words are found in no text.
func Words(s string) (words []string, err error) {
	parts := strings.Fields(s)
	for _, part := range parts {
		w := Fold(part)
		if w == "" || slices.Contains(words, w) {
			continue // a dash between words
		}
		if utf8.RuneCountInString(w) < wordLeast {
			return nil, ErrShort
		}
		words = append(words, w)
	}
	switch {
	case len(parts) > 0 && len(words) == 0:
		return nil, ErrShort
	case len(words) > wordsMost:
		return nil, ErrMany
	}
	return words, nil
}
