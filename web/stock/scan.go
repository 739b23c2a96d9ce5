package stock

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// scan reads the next row, or as much of it as is held.
func (l *List) scan() error {
	if err := l.rest(io.Discard); err != nil {
		return err
	}
	r := &l.row
	*r = Row{list: l, Line: l.line, raw: r.raw[:0], end: r.end[:0], spans: r.spans[:0]}
	if l.scanPlain() {
		return nil
	}
	for r.phase != ended && len(r.raw) < RowMost {
		if err := l.step(); err != nil {
			return err
		}
	}
	if r.phase == inside && r.broken.to > 0 {
		l.breakOff()
	}
	return nil
}

// scanPlain reads the next row at once, where all of it is there and none of it is
// quoted. It reports whether it did; otherwise nothing was read.
func (l *List) scanPlain() bool {
	if len(l.back) > 0 || l.charset.wide() {
		return false
	}
	ahead, _ := l.r.Peek(l.r.Buffered())
	n := bytes.IndexByte(ahead, '\n')
	if n < 0 {
		return false
	}
	r, text, end := &l.row, ahead[:n], ahead[n:n+1]
	if n > 0 && text[n-1] == '\r' {
		text, end = text[:n-1], ahead[n-1:n+1]
	}
	if bytes.IndexByte(text, '"') >= 0 || bytes.IndexByte(text, '\r') >= 0 {
		return false
	}
	r.raw, r.end = append(r.raw, text...), append(r.end, end...)
	for {
		next := bytes.IndexByte(r.raw[r.started:], l.comma)
		if next < 0 {
			break
		}
		r.field(r.started + next)
		r.started += next + 1
	}
	r.field(len(r.raw))
	r.phase = ended
	l.line++
	l.read += int64(n + 1)
	l.r.Discard(n + 1)
	return true
}

// breakOff ends the row at the first line end behind a quotation mark that is not
// closed as it should be. What came after it is read again, as rows of its own:
// whether their quotation marks are opened or closed could not be told.
func (l *List) breakOff() {
	r := &l.row
	again := r.raw[r.broken.to:]
	l.back = slices.Concat(again, l.back)
	l.read -= int64(len(again))
	l.line = r.opened + 1
	r.end = append(r.end, r.raw[r.broken.from:r.broken.to]...)
	r.raw = r.raw[:r.broken.from]
	r.field(len(r.raw))
	r.phase = ended
}

// rest reads what is left of a long row and writes it to w.
func (l *List) rest(w io.Writer) error {
	r := &l.row
	if r.list == nil || r.phase == ended || r.Line == 0 {
		return nil
	}
	r.long, r.broken = true, span{}
	for r.phase != ended {
		r.raw, r.spans, r.started = r.raw[:0], r.spans[:0], 0
		for r.phase != ended && len(r.raw) < beginning {
			if err := l.step(); errors.Is(err, io.EOF) { // behind a comma
				r.phase = ended
			} else if err != nil {
				return err
			}
		}
		if _, err := w.Write(r.raw); err != nil {
			return err
		}
	}
	r.raw = r.raw[:0]
	return nil
}

// step reads one unit of the row: a byte, or in UTF-16 two.
func (l *List) step() error {
	r := &l.row
	begin := len(r.raw)
	c, err := l.unit()
	if errors.Is(err, io.EOF) {
		if len(r.raw) == 0 && len(r.spans) == 0 && r.phase == before {
			return io.EOF
		}
		if r.phase == inside && r.broken.to > 0 {
			l.breakOff()
			return nil
		}
		if r.phase != inside {
			r.opened = 0
		}
		r.eof = true
		r.field(len(r.raw))
		r.phase = ended
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case r.phase == inside && c == '"':
		r.phase = behind
	case r.phase == inside:
		if c == '\n' {
			l.line++
		}
		switch {
		case r.long || c != '\n' && c != '\r':
		case r.broken.to == 0:
			r.broken = span{from: begin, to: len(r.raw)}
		case c == '\n' && r.broken.to == begin && l.line == r.opened+1: // CRLF
			r.broken.to = len(r.raw)
		}
	case c == '\n' || c == '\r':
		r.end = append(r.end, r.raw[begin:]...)
		r.raw = r.raw[:begin]
		if c == '\r' && l.follows('\n') {
			if _, err := l.unit(); err != nil {
				return err
			}
			r.end = append(r.end, r.raw[begin:]...)
			r.raw = r.raw[:begin]
		}
		l.line++
		r.opened = 0
		r.field(begin)
		r.phase = ended
	case c == uint16(l.comma):
		r.field(begin)
		r.started, r.phase = len(r.raw), before
	case r.phase == before && c == '"':
		r.phase, r.quoted, r.opened, r.broken = inside, true, l.line, span{}
	case r.phase == behind && c == '"':
		r.phase, r.doubled = inside, true
	case r.phase == behind && r.broken.to > 0:
		l.breakOff()
	case r.phase == behind:
		if r.loose == 0 {
			r.loose = len(r.spans) + 1
		}
		r.phase = plain
	case r.phase == before:
		r.phase = plain
	}
	return nil
}

// field notes that the present field ends before to.
func (r *Row) field(to int) {
	if len(r.spans) == FieldsMost {
		r.many = true
	} else {
		r.spans = append(r.spans, span{r.started, to, r.quoted, r.doubled})
	}
	r.quoted, r.doubled = false, false
}

// unit reads one unit and adds it to the row. Half a unit at the end of UTF-16 is
// added too, and stands for none.
func (l *List) unit() (uint16, error) {
	b, err := l.readByte()
	if err != nil {
		return 0, err
	}
	l.row.raw = append(l.row.raw, b)
	l.read++
	if !l.charset.wide() {
		return uint16(b), nil
	}
	second, err := l.readByte()
	if errors.Is(err, io.EOF) {
		return 0xfffd, nil
	}
	if err != nil {
		return 0, err
	}
	l.row.raw = append(l.row.raw, second)
	l.read++
	if l.charset == UTF16LE {
		return uint16(b) | uint16(second)<<8, nil
	}
	return uint16(b)<<8 | uint16(second), nil
}

func (l *List) readByte() (byte, error) {
	if len(l.back) == 0 {
		return l.r.ReadByte()
	}
	b := l.back[0]
	l.back = l.back[1:]
	return b, nil
}

// follows reports whether the next unit is c. What cannot be read tells itself
// later.
func (l *List) follows(c byte) bool {
	n := len(l.charset.append(nil, "\n"))
	next := l.back[:min(n, len(l.back))]
	if len(next) == 0 {
		next, _ = l.r.Peek(n)
	}
	switch {
	case len(next) == 1:
		return next[0] == c
	case len(next) == 2 && l.charset == UTF16LE:
		return next[0] == c && next[1] == 0
	case len(next) == 2:
		return next[0] == 0 && next[1] == c
	}
	return false
}
