package web

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"path"
	"strings"
	"sync"
	"time"
	"unicode"

	"tegata/verify"
	"tegata/web/stock"
)

// Limits of the answers that are kept for those who have no scripts.
const (
	keptMinutes = 15
	keptMost    = 128 << 20 // bytes of all; the oldest go first
)

// An answered is a list with its answers, as it was asked for.
type answered struct {
	data     []byte
	form     stock.Form
	width    int // fields of the list
	columns  map[stock.Column]int
	name     string // of the list
	in       verify.Jurisdiction
	at       string
	head     verify.Log
	reported bool // a report about it is kept too
	until    time.Time
}

// file is the name under which the list with its answers is saved.
func (a *answered) file() string { return a.stem() + "-checked.csv" }

// stem is the name of the list without its ending, of characters that are seen and
// that every system takes.
func (a *answered) stem() string {
	name := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`"\/:*?<>|`, r) {
			return -1
		}
		return r
	}, strings.TrimSuffix(a.name, path.Ext(a.name)))
	if r := []rune(name); len(r) > stemMost {
		name = string(r[:stemMost])
	}
	return cmp.Or(name, "list")
}

// stemMost is the longest name, in characters: with an ending, systems take 255
// bytes.
const stemMost = 60

// answers keeps answers to lists by their digest, for a while. They are gone when
// the server ends.
type answers struct {
	mu    sync.Mutex
	kept  map[string]*answered
	order []string // digests, the oldest first
	bytes int
}

func (k *answers) keep(digest string, a *answered) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[string]*answered{}
	}
	if before, there := k.kept[digest]; there {
		k.bytes -= len(before.data)
	} else {
		k.order = append(k.order, digest)
	}
	k.kept[digest] = a
	k.bytes += len(a.data)
	for len(k.order) > 1 && (k.bytes > keptMost || k.kept[k.order[0]].until.Before(a.head.Time)) {
		k.bytes -= len(k.kept[k.order[0]].data)
		delete(k.kept, k.order[0])
		k.order = k.order[1:]
	}
}

func (k *answers) of(digest string, now time.Time) (*answered, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.kept[digest]
	return a, ok && now.Before(a.until)
}

// pageRows is how many rows are on a page of answers.
const pageRows = 50

// An answeredPage is some rows of a list that have a mark, and how many there are
// of every mark.
type answeredPage struct {
	mark   mark // empty: all rows
	first  int  // from 0
	rows   []answeredRow
	counts map[mark]int // with all under the empty one
}

// An answeredRow is a row with its answer.
type answeredRow struct {
	number int
	answer stock.Answer
	asked  map[stock.Column]string // as the list has it
	cells  map[stock.Column]string // as it was asked
	own    []string                // two of the shop's own fields, with words in them
}

// read reads the answers once through, for a page of those with a mark.
func (a *answered) read(shown mark, page int) (answeredPage, error) {
	p := answeredPage{mark: shown, first: (page - 1) * pageRows, counts: map[mark]int{}}
	list, err := stock.Open(bytes.NewReader(a.data), a.form)
	if err != nil {
		return p, err
	}
	today := a.today()
	for {
		row, err := list.Next()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return p, err
		}
		if row.Blank {
			continue
		}
		answer := answerOf(row)
		has := shown == ""
		for _, m := range marksOf(answer, today) {
			p.counts[m]++
			has = has || m == shown
		}
		p.counts[""]++
		if !has {
			continue
		}
		if n := p.counts[shown] - 1; n >= p.first && n < p.first+pageRows {
			p.rows = append(p.rows, a.row(p.counts[""], row, answer))
		}
	}
}

// answerOf reads the answer behind a row. Of a row that is too long to be read
// only that is known.
func answerOf(row *stock.Row) stock.Answer {
	n := len(stock.AnswerNames)
	cells := make([]string, n)
	for i := range cells {
		cells[i], _ = row.Field(row.Fields() - n + i)
	}
	answer, ok := stock.ParseAnswer(cells)
	if !ok && answer.Fault == "" {
		answer.Fault = "row"
	}
	return answer
}

// row takes out of a row what is shown of it.
func (a *answered) row(number int, row *stock.Row, answer stock.Answer) answeredRow {
	out := answeredRow{number: number, answer: answer, asked: map[stock.Column]string{}, cells: map[stock.Column]string{}}
	where := map[int]bool{}
	for c, i := range a.columns {
		where[i] = true
		if text, _ := row.Field(i); strings.TrimSpace(text) != "" {
			out.asked[c], out.cells[c] = strings.TrimSpace(text), row.Cell(c)
		}
	}
	for i := range min(a.width, row.Fields()-len(stock.AnswerNames)) {
		if text, _ := row.Field(i); !where[i] && strings.ContainsFunc(text, unicode.IsLetter) && len(out.own) < 2 {
			out.own = append(out.own, strings.TrimSpace(text))
		}
	}
	return out
}

// today is the day in question, where it is asked.
func (a *answered) today() verify.Date {
	if day, err := verify.ParseDate(a.at); err == nil {
		return day
	}
	zone := verify.InGB
	if a.in != "" {
		zone = a.in
	}
	return verify.DateOf(a.head.Time, zone.Country().Zone())
}
