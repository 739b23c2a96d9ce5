package stock

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"tegata/verify"
)

// A Charset is how the text of a list is encoded, by its name in the IANA
// registry. The zero Charset is not known: so far all of it is ASCII, which is
// the same in UTF-8 and Shift_JIS.
type Charset string

const (
	UTF8     Charset = "utf-8"
	UTF16LE  Charset = "utf-16le"
	UTF16BE  Charset = "utf-16be"
	ShiftJIS Charset = "shift_jis" // with the extensions of Windows, as the WHATWG has it
)

// utf16 is UTF-16 in the order that its byte order mark tells.
const utf16 Charset = "utf-16"

// charsets are the names in use, of which RFC 2978 makes no difference between
// capitals and small letters.
var charsets = map[string]Charset{
	"utf-8": UTF8, "utf8": UTF8, "us-ascii": UTF8,
	"utf-16": utf16, "utf16": utf16, "utf-16le": UTF16LE, "utf-16be": UTF16BE,
	"shift_jis": ShiftJIS, "shift-jis": ShiftJIS, "sjis": ShiftJIS, "x-sjis": ShiftJIS, "ms_kanji": ShiftJIS,
	"windows-31j": ShiftJIS, "cp932": ShiftJIS, "ms932": ShiftJIS,
}

// ParseCharset reads the name of a charset; the empty name is the zero Charset.
// The error is [verify.Faults] of the rule NotCharset.
func ParseCharset(name string) (Charset, error) {
	c, ok := charsets[strings.ToLower(strings.TrimSpace(name))]
	if !ok && name != "" {
		return "", verify.Faults{{Field: "charset", Rule: NotCharset, Detail: "UTF-8, UTF-16, Shift_JIS"}}
	}
	return c, nil
}

// marks are the byte order marks.
var marks = []struct {
	charset Charset
	mark    string
}{{UTF8, "\xef\xbb\xbf"}, {UTF16LE, "\xff\xfe"}, {UTF16BE, "\xfe\xff"}}

// wide reports whether a unit of text has two bytes.
func (c Charset) wide() bool { return c == UTF16LE || c == UTF16BE }

func (c Charset) encoding() encoding.Encoding {
	switch c {
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case ShiftJIS:
		return japanese.ShiftJIS
	}
	return encoding.Nop
}

// decode returns text as UTF-8, and whether all of it can be read.
func (c Charset) decode(b []byte) (string, bool) {
	if c == UTF8 || c == "" || !c.wide() && ascii(b) {
		return string(b), utf8.Valid(b) && (c == UTF8 || ascii(b))
	}
	text, err := c.encoding().NewDecoder().Bytes(b)
	return string(text), err == nil && !bytes.ContainsRune(text, utf8.RuneError)
}

// append appends text; what the charset does not have is a question mark.
func (c Charset) append(b []byte, text string) []byte {
	if c == UTF8 || !c.wide() && ascii(text) {
		return append(b, text...)
	}
	e := c.encoding().NewEncoder()
	if all, err := e.String(text); err == nil {
		return append(b, all...)
	}
	for _, r := range text {
		one, err := e.String(string(r))
		if err != nil {
			one = "?"
		}
		b = append(b, one...)
	}
	return b
}

func ascii[T []byte | string](text T) bool {
	for len(text) >= 8 { // at once, since it is asked of every row
		if text[0]|text[1]|text[2]|text[3]|text[4]|text[5]|text[6]|text[7] >= utf8.RuneSelf {
			return false
		}
		text = text[8:]
	}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// detect returns the charset of text of which b is the beginning, or all of it,
// and the byte order mark it begins with. The zero Charset says that b is ASCII
// and that more comes.
func detect(b []byte, told Charset, whole bool) (c Charset, mark string, _ error) {
	for _, m := range marks {
		if !bytes.HasPrefix(b, []byte(m.mark)) {
			continue
		}
		if told != "" && told != m.charset && !(told == utf16 && m.charset.wide()) {
			return "", "", verify.Faults{{Field: "charset", Rule: OtherMark, Detail: string(m.charset)}}
		}
		return m.charset, m.mark, nil
	}
	switch {
	case told != "" && told != utf16:
		return told, "", nil
	case bytes.HasPrefix(b, []byte("PK\x03\x04")) || bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")):
		return "", "", verify.Faults{{Field: "list", Rule: Workbook}}
	case told == utf16 || bytes.IndexByte(b, 0) >= 0:
		if c = order(b); c != "" {
			return c, "", nil
		} else if told == utf16 || !utf8.Valid(uncut(b)) { // a picture, or another file of a program's own
			return "", "", verify.Faults{{Field: "list", Rule: NotText, Detail: "1"}}
		}
	}
	switch {
	case whole && ascii(b):
		return UTF8, "", nil
	}
	if !whole {
		b = uncut(b)
	}
	if c = settle(b); c == "" {
		c = mostly(b)
	}
	if c == "" && !ascii(b) {
		return "", "", verify.Faults{{Field: "list", Rule: NotText, Detail: strconv.Itoa(unreadable(b))}}
	}
	return c, "", nil
}

// uncut returns b without a character at its end that may go on: below 0x40 no
// byte is part of a longer one, in UTF-8 or Shift_JIS.
func uncut(b []byte) []byte {
	return b[:bytes.LastIndexFunc(b, func(r rune) bool { return r < 0x40 })+1]
}

// settle tells UTF-8 from Shift_JIS by text in which either shows. It is empty
// where neither does, or another may be as well.
func settle(b []byte) Charset {
	if ascii(b) {
		return ""
	}
	if _, ok := UTF8.decode(b); ok { // first: little else happens to be it
		return UTF8
	}
	text, ok := ShiftJIS.decode(b)
	if !ok {
		return ""
	}
	// The kana of EUC-JP read as half-width marks and katakana: の as ､ﾎ.
	if strings.ContainsAny(text, "､･") && eucJP(b) {
		return ""
	}
	return ShiftJIS
}

func eucJP(b []byte) bool {
	text, err := japanese.EUCJP.NewDecoder().Bytes(b)
	return err == nil && !bytes.ContainsRune(text, utf8.RuneError)
}

// mostly tells it by lines: where a few of them are neither, that is their rows'
// fault, and not the list's.
func mostly(b []byte) Charset {
	if eucJP(b) {
		return ""
	}
	lines, of := 0, map[Charset]int{}
	for line := range bytes.Lines(b) {
		if !ascii(line) {
			lines++
			of[settle(line)]++
		}
	}
	for _, c := range []Charset{UTF8, ShiftJIS} {
		if of[c] > lines/2 {
			return c
		}
	}
	return ""
}

// order tells the order of bytes of UTF-16 without a mark by its ASCII, of which
// every list has some: the commas, and the ends of lines. It is empty where it
// does not show; a NUL here and there is none of it.
func order(b []byte) Charset {
	var little, big, text int
	for i := 0; i+1 < len(b); i += 2 {
		switch {
		case b[i+1] == 0 && b[i] != 0 && b[i] < utf8.RuneSelf:
			little++
		case b[i] == 0 && b[i+1] != 0 && b[i+1] < utf8.RuneSelf:
			big++
		case max(b[i], b[i+1]) < utf8.RuneSelf:
			text++ // of a byte a character, or a few kanji
		}
	}
	switch {
	case max(little, big) < text/2:
		return ""
	case little > big:
		return UTF16LE
	case big > little:
		return UTF16BE
	}
	return ""
}

// unreadable returns the first line that is not UTF-8, from 1.
func unreadable(b []byte) int {
	n := 0
	for line := range bytes.Lines(b) {
		if n++; !utf8.Valid(line) {
			break
		}
	}
	return n
}
