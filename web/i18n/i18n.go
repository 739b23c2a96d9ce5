// Package i18n holds the words of the pages and problems, in English and
// Japanese: whole sentences by key, never put together from pieces.
package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/text/language"

	"tegata/verify"
)

// A Language is one that pages are written in, as HTML and HTTP name it.
type Language string

const (
	English  Language = "en"
	Japanese Language = "ja"
)

// Languages lists them all. The first is that of whoever asks for none of them.
var Languages = []Language{English, Japanese}

//go:embed en.json ja.json
var files embed.FS

// catalogs are the words of each language, read when it is first spoken: a
// command that ends in milliseconds speaks one.
var catalogs = map[Language]func() map[string]string{
	English:  sync.OnceValue(English.load),
	Japanese: sync.OnceValue(Japanese.load),
}

func (l Language) load() (words map[string]string) {
	text, err := files.ReadFile(string(l) + ".json")
	if err == nil {
		err = json.Unmarshal(text, &words)
	}
	if err != nil {
		panic(err) // the embedded file is broken, and with it the program
	}
	return words
}

// words returns the catalog of l; of what is no language here, an empty one.
func (l Language) words() map[string]string {
	if read, ok := catalogs[l]; ok {
		return read()
	}
	return nil
}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Japanese})

// Match returns the language that a reader asks for: by the address, else by
// what the browser says it accepts (RFC 9110 section 12.5.4), else English.
func Match(query, acceptLanguage string) Language {
	for _, wish := range []string{query, acceptLanguage} {
		if lang := wished(wish); lang != "" {
			return lang
		}
	}
	return English
}

// Wishes that were matched are kept: browsers send the same few hundred. What else
// there is, is matched every time.
const (
	wishesMost = 1024
	wishBytes  = 128
)

var (
	wishes     sync.Map // string → Language
	wishesKept atomic.Int64
)

// wished is the language that fits a wish best; empty where none does.
func wished(wish string) (lang Language) {
	if wish == "" {
		return ""
	}
	if kept, ok := wishes.Load(wish); ok {
		return kept.(Language)
	}
	if tags, _, err := language.ParseAcceptLanguage(wish); err == nil && len(tags) > 0 {
		if _, i, confidence := matcher.Match(tags...); confidence > language.No {
			lang = Languages[i]
		}
	}
	if len(wish) <= wishBytes && wishesKept.Load() < wishesMost {
		wishesKept.Add(1)
		wishes.Store(strings.Clone(wish), lang) // of its own: it is a part of a request
	}
	return lang
}

// Has reports whether there are words for key.
func (l Language) Has(key string) bool {
	_, ok := l.words()[key]
	return ok
}

// T returns the words for key, with {0}, {1} and so on replaced by args: days
// as [Language.Day] writes them, all else as fmt does. It panics where there
// are no words for key: every key a program can ask for is in the catalogs.
func (l Language) T(key string, args ...any) string {
	words, ok := l.words()[key]
	if !ok {
		panic(fmt.Sprintf("i18n: no words for %q in %q", key, string(l)))
	}
	if len(args) == 0 {
		return words
	}
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		s := ""
		switch a := a.(type) {
		case verify.Date:
			s = l.Day(a)
		default:
			s = fmt.Sprint(a)
		}
		pairs = append(pairs, "{"+strconv.Itoa(i)+"}", s)
	}
	return strings.NewReplacer(pairs...).Replace(words)
}

// Day writes a day: 31 March 2028, 2028年3月31日. No day is the empty text.
func (l Language) Day(d verify.Date) string {
	switch {
	case d.IsZero():
		return ""
	case l == Japanese:
		return fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day)
	default:
		return fmt.Sprintf("%d %s %d", d.Day, d.Month, d.Year)
	}
}

// Instant writes an instant to the minute, or to the second where it is no
// whole minute, in a zone that it names: 15:00 on 31 March 2028 (UTC). The zone
// is UTC or that of a country. No instant is the empty text.
func (l Language) Instant(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone)
	clock := t.Format("15:04")
	if t.Second() != 0 {
		clock = t.Format("15:04:05")
	}
	return l.T("instant", clock, verify.DateOf(t, zone), l.T("zone."+zone.String()))
}

// Count writes a number with its thousands set apart: 1,234.
func (l Language) Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
