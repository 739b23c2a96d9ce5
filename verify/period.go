package verify

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ReadSupport reads a defined support period as it is written on a web site or
// in a statement of compliance, in English or Japanese: a last day, month or
// year, with or without "or later"; or a length of time with what it is counted
// from. What it returns has no Text: that is for whoever gives it.
//
//	5 years (until 30.5.2030)            2030-05-30, 60 months
//	31/12/2027 or later                  2027-12-31, at least
//	End of Support date: October 2029    2029-10-31, to the month
//	3 years after the end-of-life date   36 months from the end of sale, no end
//	2030年5月30日まで                      2030-05-30
//
// A length of time has an end where the day it is counted from is written beside
// it. A month or a year that is named is given whole. Nothing is guessed: the
// faults are the questions to ask whoever wrote it, and then there is no period.
// Where several days are written, or day and month may change places
// (05/06/2030), the fault is [SupportAmbiguous] with the readings there are;
// where there is neither a day nor a length of time, or only a day that the
// calendar does not have, it is [SupportUnread].
func ReadSupport(text string) (Support, Faults) {
	p := &periodReading{text: plainForm(text)}
	p.days()
	p.length()
	s, faults := p.period()
	if len(faults) > 0 {
		return Support{}, faults
	}
	return s, nil
}

// DaysIn lists the days that are written in a text to the day, in any of those
// forms and in the order of the text; where day and month may change places, both.
func DaysIn(text string) (days []Date) {
	p := &periodReading{text: plainForm(text)}
	p.days()
	for _, d := range p.found {
		if d.precision == ToTheDay {
			days = append(days, d.readings...)
		}
	}
	return days
}

// A periodReading is a text on its way to a support period.
type periodReading struct {
	text   string // in small letters, full-width forms made plain
	found  []writtenDay
	never  []string // written like days, and in no calendar
	months []int    // of each length of time
}

// A writtenDay is a day, month or year in a text, and where it stands.
type writtenDay struct {
	readings  []Date // the last day of it; two where day and month may change places
	precision Precision
	from, to  int
	as        string
}

// plainForm returns the text in small letters, with the full-width letters,
// digits and signs of Japanese type made plain (U+FF01 to U+FF5E, U+3000).
func plainForm(text string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		switch {
		case r >= '\uff01' && r <= '\uff5e':
			return r - '\uff01' + '!'
		case r == '\u3000' || r == '\u00a0':
			return ' '
		}
		return r
	}, text))
}

// A dayForm is one way to write a day: groups of the expression by name, y, m
// (a number or a name), d, era.
type dayForm struct {
	expr func() *regexp.Regexp
	swap bool // day and month may change places
}

// form compiles an expression when it is first asked for: a command that ends in
// milliseconds asks for few.
func form(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

const monthName = `(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?`

// dayForms are tried in this order; what one has taken no other takes again.
var dayForms = []dayForm{
	{expr: form(`\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?:\b|t)`)},                                                         // 2030-05-30
	{expr: form(`\b(?P<y>\d{4})[./-](?P<m>\d{1,2})[./-](?P<d>\d{1,2})\b`)},                                                   // 2030/5/30, 2030.5.30, 2030-5-30
	{expr: form(`(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日`)},                                               // 2030年5月30日
	{expr: form(`(?P<era>令和|平成)\s*(?P<y>\d{1,2}|元)\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日`)},                          // 令和12年5月30日
	{expr: form(`\b(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?` + monthName + `,?\s+(?P<y>\d{4})\b`)},                        // 30 May 2030
	{expr: form(`\b` + monthName + `\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})\b`)},                                  // May 30, 2030
	{expr: form(`\b(?P<d>\d{1,2})\s?[./-]\s?(?P<m>\d{1,2})\s?[./-]\s?(?P<y>\d{4})\b`), swap: true},                           // 30.5.2030, 30/05/2030
	{expr: form(`(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月`)},                                                                    // 2029年10月
	{expr: form(`(?P<era>令和|平成)\s*(?P<y>\d{1,2}|元)\s*年\s*(?P<m>\d{1,2})\s*月`)},                                               // 令和11年10月
	{expr: form(`\b` + monthName + `,?\s+(?P<y>\d{4})\b`)},                                                                   // October 2029
	{expr: form(`\b(?P<y>(?:19|20)\d{2})[./-](?P<m>\d{1,2})\b`)},                                                             // 2029-10, 2029/10
	{expr: form(`\b(?P<m>\d{1,2})/(?P<y>\d{4})\b`)},                                                                          // 10/2029
	{expr: form(`(?P<y>\d{4})\s*年`)},                                                                                         // 2029年
	{expr: form(`(?P<era>令和|平成)\s*(?P<y>\d{1,2}|元)\s*年`)},                                                                    // 令和11年
	{expr: form(`(?:\b(?:until|till|to|through|by|before|in|of|ends?|ending|end|year)\s+|^\s*|: *)(?P<y>(?:19|20)\d{2})\b`)}, // until 2030
}

// days finds every day that is written, in the order of the text.
func (p *periodReading) days() {
	left := []byte(p.text)
	for _, f := range dayForms {
		e := f.expr()
		for _, at := range e.FindAllSubmatchIndex(left, -1) {
			part := func(name string) string {
				if i := e.SubexpIndex(name); i >= 0 && at[2*i] >= 0 {
					return string(left[at[2*i]:at[2*i+1]])
				}
				return ""
			}
			d := writtenDay{from: at[0], to: at[1], as: strings.Trim(string(left[at[0]:at[1]]), " ,:")}
			y, m, day := yearIn(part("era"), part("y")), monthIn(part("m")), number(part("d"))
			switch {
			case part("m") == "":
				d.precision = ToTheYear
				d.add(Date{y, time.December, 31})
			case part("d") == "":
				d.precision = ToTheMonth
				d.add(Date{y, time.Month(m), 1}.AddMonths(1).AddDays(-1))
			default:
				d.precision = ToTheDay
				d.add(Date{y, time.Month(m), day})
				if f.swap {
					d.add(Date{y, time.Month(day), m})
				}
			}
			vague := vagueBefore().Match(left[max(0, at[0]-nearby):at[0]]) || vagueAfter().Match(left[at[1]:min(at[1]+nearby, len(left))])
			if vague || m > 12 && !f.swap || part("m") != "" && part("d") == "" && m < 1 {
				d.readings = nil
			}
			if len(d.readings) == 0 {
				p.never = append(p.never, d.as)
			} else {
				p.found = append(p.found, d)
			}
			copy(left[at[0]:at[1]], bytes.Repeat([]byte("#"), at[1]-at[0]))
		}
	}
	slices.SortFunc(p.found, func(a, b writtenDay) int { return a.from - b.from })
	p.text = string(left)
}

// vagueBefore and vagueAfter are words beside a day, month or year that make it
// another, or none to the day: a Japanese fiscal year (年度) ends on 31 March of the
// next. They are looked for so many bytes away.
var (
	vagueBefore = form(`(?:early|mid|late|middle|beginning|start|half|quarter|around|about|approximately|circa|fiscal)[\s-]*(?:of|in)?[\s-]*$`)
	vagueAfter  = form(`^\s*(?:度|初|上|下|前半|後半|春|夏|秋|冬|頃|ごろ|中)`)
)

const nearby = 24

// add adds a reading that the calendar has, once.
func (d *writtenDay) add(day Date) {
	if DateOf(day.Start(time.UTC), time.UTC) == day && day.Year >= 1900 && day.Year <= 9999 && !slices.Contains(d.readings, day) {
		d.readings = append(d.readings, day)
	}
}

// yearIn is a year of the calendar, or of a Japanese era: the first year of 令和
// is 2019, that of 平成 1989.
func yearIn(era, s string) int {
	n := number(s)
	if s == "元" {
		n = 1
	}
	switch era {
	case "令和":
		return 2018 + n
	case "平成":
		return 1988 + n
	}
	return n
}

func monthIn(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	for m := time.January; m <= time.December; m++ {
		if len(s) >= 3 && strings.HasPrefix(strings.ToLower(m.String()), s[:3]) {
			return int(m)
		}
	}
	return 0
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

var lengthForm = form(`(?:\b|\D)(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)[\s-]*(years?|months?|yrs?|年間|年|か月間|カ月間|ヶ月間|か月|カ月|ヶ月)`)

var numbersInWords = []string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}

// unevenLength is a length of time that is no number of years or months, or one of
// two; or the year of an era that is over.
var unevenLength = form(`(?:\d[.,]|\d\s*(?:-|–|—|~|〜|\bto\b|\bor\b)\s*|昭和|大正|明治)\d{1,3}[\s-]*(?:years?|months?|yrs?|年|[かカヶ]月)|\d\s*(?:年半|years? and a half)`)

// length finds every length of time, in months.
func (p *periodReading) length() {
	if s := unevenLength().FindString(p.text); s != "" {
		p.never = append(p.never, s)
		return
	}
	for _, at := range lengthForm().FindAllStringSubmatch(p.text, -1) {
		n := number(at[1])
		if i := slices.Index(numbersInWords, at[1]); i > 0 {
			n = i
		}
		if !strings.HasPrefix(at[2], "month") && !strings.HasSuffix(strings.TrimSuffix(at[2], "間"), "月") {
			n *= 12
		}
		if n > 0 && n <= 1200 && !slices.Contains(p.months, n) {
			p.months = append(p.months, n)
		}
	}
}

// anchorForms say what a length of time is counted from; the first that is in
// the text is meant.
var anchorForms = []struct {
	anchor Anchor
	expr   func() *regexp.Regexp
}{
	{EndOfSale, form(`end[\s-]of[\s-](?:sales?|life)|\beol\b|\beos\b|discontinu|last (?:sold|sale|supplied|supply)|販売終了|生産終了|販売完了`)},
	{FirstSupply, form(`first (?:date of )?(?:suppl|sold|sale|placed)|initial suppl|初回供給|最初の供給|供給開始|初回出荷`)},
	{GeneralAvailability, form(`general(?:ly)? availab|\bga\b|launch|release|発売|販売開始|リリース`)},
	{Purchase, form(`purchas|\bbought\b|購入`)},
}

var atLeastForm = form(`or later|at least|minimum|not before|no earlier|or longer|以降|以上|最低|少なくとも`)

// period puts together what was found.
func (p *periodReading) period() (s Support, faults Faults) {
	if len(p.months) > 1 {
		faults.add("", SupportAmbiguous, months(p.months))
		return s, faults
	}
	if len(p.months) == 1 {
		s.DurationMonths = p.months[0]
		for _, a := range anchorForms {
			if a.expr().MatchString(p.text) {
				s.Anchor = a.anchor
				break
			}
		}
	}
	if atLeastForm().MatchString(p.text) {
		s.Qualifier = AtLeast
	}
	var all []Date
	for _, d := range p.found {
		for _, r := range d.readings {
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	switch {
	case len(p.never) > 0:
		faults.add("", SupportUnread, strings.Join(p.never, ", "))
	case len(all) == 0 && s.DurationMonths == 0:
		faults.add("", SupportUnread, "")
	case len(all) == 2 && s.Anchor != "" && p.inOrder(all, s.DurationMonths):
		s.AnchorDate, s.End, s.Precision = all[0], all[1], ToTheDay
	case len(all) > 1:
		faults.add("", SupportAmbiguous, list(dayTexts(all)))
	case len(all) == 1 && s.Anchor != "" && !p.endsWith(p.found[0]):
		if p.found[0].precision != ToTheDay {
			faults.add("", SupportUnread, p.found[0].as)
			break
		}
		s.AnchorDate, s.End, s.Precision = all[0], all[0].AddMonths(s.DurationMonths), ToTheDay
	case len(all) == 1 && p.startsWith(p.found[0]), len(all) == 1 && s.DurationMonths > 0 && s.Anchor == "" && !p.endsWith(p.found[0]):
		if s.DurationMonths == 0 {
			faults.add("", SupportUnread, p.found[0].as)
		} else {
			faults.add("", SupportAmbiguous, list(dayTexts([]Date{all[0], all[0].AddMonths(s.DurationMonths)})))
		}
	case len(all) == 1:
		s.End, s.Precision = all[0], p.found[0].precision
	}
	if !s.End.IsZero() && s.Qualifier == "" {
		s.Qualifier = Exact
	}
	return s, faults
}

// inOrder reports whether the second of two days, each to the day, is as far
// from the first as the length of time says, give or take a day: some count the
// first day, some do not.
func (p *periodReading) inOrder(days []Date, months int) bool {
	for _, d := range p.found {
		if len(d.readings) > 1 || d.precision != ToTheDay {
			return false
		}
	}
	end := days[0].AddMonths(months)
	return end == days[1] || end.AddDays(-1) == days[1]
}

var endForm = form(`(?:until|till|through|up to|ends?|ending|by|before|expir\w*|no earlier than)\W*(?:on|in|the)?\W*$`)

// endsWith reports whether the text around a day says that something ends on it.
func (p *periodReading) endsWith(d writtenDay) bool {
	after := strings.TrimLeft(p.text[d.to:], " ")
	return endForm().MatchString(p.text[:d.from]) || strings.HasPrefix(after, "まで") || strings.HasPrefix(after, "終了")
}

var startForm = form(`(?:from|since|start(?:s|ing)?|begin(?:s|ning)?|issued?|dated)\W*(?:on|in|the)?\W*$`)

// startsWith reports whether the text around a day says that something starts on
// it.
func (p *periodReading) startsWith(d writtenDay) bool {
	after := strings.TrimLeft(p.text[d.to:], " ")
	return startForm().MatchString(p.text[:d.from]) || strings.HasPrefix(after, "から") || strings.HasPrefix(after, "より")
}

func dayTexts(days []Date) []string {
	out := make([]string, len(days))
	for i, d := range days {
		out[i] = d.String()
	}
	return out
}

func months(all []int) string {
	out := make([]string, len(all))
	for i, n := range all {
		out[i] = strconv.Itoa(n)
	}
	return strings.Join(out, ", ")
}
