package artwork

import (
	"strings"
	"unicode/utf8"
)

// A line is a line of words where it is printed: all in millimetres from the
// upper left corner of the whole.
type line struct {
	text string
	x, y float64 // of the base line's beginning
	size float64 // of an em
}

// Measures of the words, in sizes of their letters. The size follows that of the
// QR code, but is never less than 1.8 mm, whose small letters are 0.9 mm tall.
const (
	letterShare   = 9.0 // of the QR code's side
	letterLeast   = 1.8 // mm
	letterMost    = 4.0 // mm
	codeSize      = 1.5
	columnWidth   = 24.0
	lineHeight    = 1.4
	ascent        = 0.88 // of the em: what stands above the base line
	paragraphStep = 0.4
	margin        = 0.7
)

// set puts the words beside the QR code, and measures the whole. They never come
// within the quiet zone.
func (a *Artwork) set() error {
	t, err := letters()
	if err != nil {
		return err
	}
	em := min(max(a.form.Size.mm()/letterShare, letterLeast), letterMost)
	x, y := a.form.Size.mm(), em*margin
	put := func(text string, size float64) {
		a.lines = append(a.lines, line{text, x, y + size*ascent, size})
		y += size * lineHeight
	}
	put(a.label.Code.Printed(), em*codeSize)
	for _, lang := range a.form.Languages {
		paragraphs := []string{lang.T("print.code", strings.ToLower(a.label.Host))}
		if !a.label.Expires.IsZero() {
			paragraphs = append(paragraphs, lang.T("print.expires", a.label.Expires))
		}
		for _, p := range paragraphs {
			y += em * paragraphStep
			lines, err := t.wrap(p, columnWidth)
			if err != nil {
				return err
			}
			for _, l := range lines {
				put(l, em)
			}
		}
	}
	a.width = upTo(x + em*(columnWidth+margin))
	a.height = upTo(max(a.form.Size.mm(), y+em*(margin+1-lineHeight)))
	if down := (a.height.mm() - y) / 2; down > 0 {
		for i := range a.lines {
			a.lines[i].y += down
		}
	}
	return nil
}

// wrap breaks a text into lines of at most so many ems: after a space, or before
// a Japanese letter that may begin a line; and anywhere in what is longer than a
// line, such as a long host.
func (t *typeface) wrap(text string, most float64) (lines []string, err error) {
	var line string
	for _, piece := range pieces(text) {
		w, err := t.width(line + strings.TrimRight(piece, " "))
		if err != nil {
			return nil, err
		}
		if w > most && line != "" {
			lines, line = append(lines, strings.TrimRight(line, " ")), ""
		}
		for line += piece; ; {
			fits, err := t.fitting(strings.TrimRight(line, " "), most)
			if err != nil {
				return nil, err
			}
			if fits == "" {
				break
			}
			lines, line = append(lines, fits), line[len(fits):]
		}
	}
	return append(lines, strings.TrimRight(line, " ")), nil
}

// fitting is the most of a text that fits in a line, or nothing where all of it
// does.
func (t *typeface) fitting(text string, most float64) (string, error) {
	for n := range text {
		w, err := t.width(text[:n])
		if err != nil {
			return "", err
		}
		if w > most {
			_, last := utf8.DecodeLastRuneInString(text[:n])
			return text[:n-last], nil
		}
	}
	w, err := t.width(text)
	if err != nil || w <= most {
		return "", err
	}
	_, last := utf8.DecodeLastRuneInString(text)
	return text[:len(text)-last], nil
}

// pieces are what a text may be broken between, without losing any of it.
func pieces(text string) (out []string) {
	from, before := 0, rune(0)
	for i, r := range text {
		if i > 0 && (before == ' ' && r != ' ' || (wide(before) || wide(r)) && !tied(before, r)) {
			out = append(out, text[from:i])
			from = i
		}
		before = r
	}
	return append(out, text[from:])
}

// wide reports whether a letter is Japanese.
func wide(r rune) bool { return r >= 0x3000 }

// tied reports whether a line may not be broken between two letters: before what
// closes, after what opens, and within a day (JIS X 4051).
func tied(before, r rune) bool {
	return strings.ContainsRune("、。，．・：；）」』】ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ ", r) ||
		strings.ContainsRune("（「『【", before) ||
		strings.ContainsRune("年月", before) && '0' <= r && r <= '9' ||
		'0' <= before && before <= '9' && strings.ContainsRune("年月日", r)
}
