package web

import (
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"tegata/verify"
	"tegata/web/stock"
)

// listBuffer is how much of a list is read ahead.
const listBuffer = 64 << 10

// Names of parameters of a list, beside the charset and header of its media type
// (RFC 4180).
const (
	paramColumns   = "columns"
	paramSeparator = "separator"
	paramFields    = "fields"
)

// separators are what may stand between fields, by name.
var separators = map[string]byte{"comma": ',', "semicolon": ';', "tab": '\t'}

// openList reads the beginning of a list, and takes its rows for the items.
func (b *batch) openList() error {
	told, err := listForm(b.r)
	if err != nil {
		return err
	}
	list, err := stock.Open(b.body, told)
	if err == nil {
		err = list.Asks()
	}
	var faults verify.Faults
	switch {
	case errors.As(err, &faults):
		return &problem{status: http.StatusBadRequest, code: problemList, faults: faults}
	case err != nil:
		return unreadable(err)
	}
	b.out.list = list
	b.next = func() (question, error) {
		row, err := list.Next()
		if err != nil {
			return question{}, err
		}
		return question{row: row, blank: row.Blank}, nil
	}
	return list.WriteHead(b.out, stock.AnswerNames...)
}

// listForm reads what the request tells of its list, with every part of it that
// cannot be.
func listForm(r *http.Request) (form stock.Form, _ error) {
	p := &problem{status: http.StatusBadRequest, code: problemParameter}
	add := func(err error) {
		var faults verify.Faults
		if errors.As(err, &faults) {
			p.faults = append(p.faults, faults...)
		}
	}
	_, media, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // it was parsed before
	var err error
	form.Charset, err = stock.ParseCharset(media["charset"])
	add(err)
	form.Header, err = stock.ParseHeader(media["header"])
	add(err)
	form.Columns, err = stock.ParseColumns(r.URL.Query().Get(paramColumns))
	add(err)
	if name := r.URL.Query().Get(paramSeparator); name != "" {
		if form.Comma = separators[name]; form.Comma == 0 {
			p.fault(paramSeparator, verify.NotOneOf, "comma, semicolon, tab")
		}
	}
	if text := r.URL.Query().Get(paramFields); text != "" {
		if form.Fields, err = strconv.Atoi(text); err != nil || form.Fields < 1 || form.Fields > stock.FieldsMost {
			p.fault(paramFields, verify.OutOfRange, "1–"+strconv.Itoa(stock.FieldsMost))
		}
	}
	if len(p.faults) > 0 {
		return form, p
	}
	return form, nil
}

// rowItem is what a row asks, or why it cannot be asked.
func rowItem(row *stock.Row) (itemBody, error) {
	item := itemBody{
		Code: row.Cell(stock.Code), Number: row.Cell(stock.Number), Scheme: row.Cell(stock.Scheme),
		GTIN: row.Cell(stock.GTIN), Model: row.Cell(stock.Model), In: row.Cell(stock.In), At: row.Cell(stock.At),
	}
	if len(row.Faults) > 0 {
		return item, &problem{status: http.StatusBadRequest, code: problemParameter, faults: row.Faults}
	}
	return item, nil
}

// cells are the result as the cells of a row.
func (r *resultBody) cells() []string {
	switch {
	case r.Problem != nil:
		return stock.Answer{Fault: r.Problem.line()}.Cells()
	case r.Verdict != nil:
		return stock.NewAnswer([]verify.Verdict{*r.Verdict}).Cells()
	}
	return stock.NewAnswer(r.Matches).Cells()
}

// line is the problem in one line: each fault as field, rule and message, or where
// there is none the problem itself.
func (p *problemBody) line() string {
	if len(p.Faults) == 0 {
		return "row: " + string(p.Code) + ": " + p.Title
	}
	var lines []string
	for _, f := range p.Faults {
		lines = append(lines, f.Field+": "+string(f.Rule)+": "+f.Message)
	}
	return strings.Join(lines, "; ")
}

// listMedia is the media type of a list, with what was found out about it.
func listMedia(l *stock.List) string {
	told := map[string]string{"header": string(stock.Present)}
	if l.Headings() == nil {
		told["header"] = string(stock.Absent)
	}
	if charset, _ := l.Charset(); charset != "" {
		told["charset"] = string(charset)
	}
	return mime.FormatMediaType(mediaCSV, told)
}

// listColumns tells which columns are asked about, each by its position from 1,
// as the parameter columns takes them.
func listColumns(l *stock.List) string {
	var told []string
	found := l.Columns()
	for _, column := range stock.Columns {
		if i, ok := found[column]; ok {
			told = append(told, string(column)+"="+strconv.Itoa(i+1))
		}
	}
	return strings.Join(told, ",")
}
