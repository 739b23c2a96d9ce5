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
	return l.write(w, names)
}

// WriteRow writes the row that was read last as it came, with more cells behind
// it, in the list's own charset and between its own commas. A row that is shorter
// than the first is filled up, so that they stand below their names; to a blank
// one nothing is added.
func (l *List) WriteRow(w io.Writer, cells ...string) error {
	if l.row.Blank {
		cells = nil
	}
	return l.write(w, cells)
}

// WriteMore writes a row that the list does not have: nothing in the shop's own
// columns, and the cells behind them.
func (l *List) WriteMore(w io.Writer, cells ...string) error {
	l.row = Row{list: l, phase: ended, spans: make([]span, 1), end: l.charset.append(nil, "\n")}
	return l.write(w, cells)
}

func (l *List) write(w io.Writer, cells []string) error {
	r := &l.row
	if _, err := w.Write(r.raw); err != nil {
		return err
	}
	long := r.phase != ended
	if err := l.rest(w); err != nil {
		return err
	}
	var more strings.Builder
	if r.opened > 0 {
		more.WriteByte('"') // the list ended inside; what follows is not to be
	}
	if len(cells) > 0 && !long {
		more.WriteString(strings.Repeat(string(rune(l.comma)), max(0, l.width-len(r.spans))))
	}
	for _, cell := range cells {
		more.WriteByte(l.comma)
		more.WriteString(l.field(cell))
	}
	if l.charset == "" && !ascii([]byte(more.String())) {
		ahead, _ := l.r.Peek(l.r.Buffered())
		if l.charset = settle(uncut(slices.Concat(l.back, ahead))); l.charset == "" {
			l.charset = UTF8
		}
	}
	_, err := w.Write(append(l.charset.append(nil, more.String()), r.end...))
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
