package stock

import (
	"io"
	"slices"
	"strings"
)

// WriteHead writes what stands before the first row of a list as it came: its
// byte order mark, and its header with more names behind it. It is called before
// the first row is asked for.
func (l *List) WriteHead(w io.Writer, names ...string) error {
	if _, err := io.WriteString(w, l.mark); err != nil || l.headings == nil {
		return err
	}
	return l.write(w, l.Cells(names...))
}

// WriteRow writes the row that was read last as it came, with more cells behind
// it, in the list's own charset and between its own commas. A row that is shorter
// than the first is filled up, so that they stand below their names; to a blank
// one nothing is added.
func (l *List) WriteRow(w io.Writer, cells ...string) error {
	return l.WriteCells(w, l.Cells(cells...))
}

// Cells returns cells as they stand behind a row: each with the list's comma before
// it, and in quotation marks where it needs them. They are the same behind every row
// of lists with the same comma.
func (l *List) Cells(cells ...string) string {
	var more strings.Builder
	for _, cell := range cells {
		more.WriteByte(l.comma)
		more.WriteString(l.field(cell))
	}
	return more.String()
}

// WriteCells is [List.WriteRow] of what Cells returned.
func (l *List) WriteCells(w io.Writer, cells string) error {
	if l.row.Blank {
		cells = ""
	}
	return l.write(w, cells)
}

// WriteMore writes a row that the list does not have: nothing in the shop's own
// columns, and the cells behind them.
func (l *List) WriteMore(w io.Writer, cells ...string) error {
	l.row = Row{list: l, phase: ended, spans: make([]span, 1), end: l.charset.append(nil, "\n")}
	return l.write(w, l.Cells(cells...))
}

func (l *List) write(w io.Writer, cells string) error {
	r := &l.row
	l.out = append(l.out[:0], r.raw...)
	if r.phase != ended {
		if _, err := w.Write(l.out); err != nil {
			return err
		}
		if err := l.rest(w); err != nil {
			return err
		}
		l.out = l.out[:0]
	} else if cells != "" {
		if missing := l.width - len(r.spans); missing > 0 {
			cells = strings.Repeat(string(rune(l.comma)), missing) + cells
		}
	}
	if r.opened > 0 {
		cells = `"` + cells // the list ended inside; what follows is not to be
	}
	if l.charset == "" && !ascii(cells) {
		ahead, _ := l.r.Peek(l.r.Buffered())
		if l.charset = settle(uncut(slices.Concat(l.back, ahead))); l.charset == "" {
			l.charset = UTF8
		}
	}
	l.out = append(l.charset.append(l.out, cells), r.end...)
	_, err := w.Write(l.out)
	return err
}

// field returns a cell as a field: nothing that a spreadsheet would take for a
// formula, and in quotation marks where it needs them.
func (l *List) field(cell string) string {
	// A single quotation mark before it is what OWASP recommends against CSV
	// injection. The full-width forms are read as formulas too, in Japanese.
	if cell != "" && strings.ContainsAny(string([]rune(cell)[:1]), "=+-@\t\r\n＝＋－＠") {
		cell = "'" + cell
	}
	if strings.ContainsAny(cell, "\"\r\n") || strings.IndexByte(cell, l.comma) >= 0 || strings.HasPrefix(cell, " ") {
		cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
	}
	return cell
}
