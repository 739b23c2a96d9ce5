package stock

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"maps"
	"strconv"

	"tegata/verify"
)

// Limits of a list. What is longer than a row may be is passed over, and written
// out again, without being held.
const (
	RowMost    = 1 << 20 // bytes of a row; a cell of a spreadsheet has at most 32,767 characters
	FieldsMost = 10_000  // fields of a row
	beginning  = 64 << 10
)

// A Header says whether the first row of a list names its columns, as the
// parameter header of text/csv does (RFC 4180, section 3).
type Header string

const (
	Present Header = "present"
	Absent  Header = "absent"
)

// ParseHeader reads a Header, or none. The error is [verify.Faults] of the rule
// NotHeader.
func ParseHeader(text string) (Header, error) {
	if h := Header(text); h == "" || h == Present || h == Absent {
		return h, nil
	}
	return "", verify.Faults{{Field: "header", Rule: NotHeader}}
}

// A Form is how a list is written, as far as it is told. What is zero is found
// out from the list's beginning.
type Form struct {
	Charset Charset
	Comma   byte // comma, semicolon or tab
	Header  Header
	Columns map[Column]string // see [ParseColumns]; those not named are found out
	Fields  int               // of every row; 0: as many as the first has
}

// A List is a list of stock, read from its beginning to its end, once.
type List struct {
	r        *bufio.Reader
	back     []byte // taken from r, and read again before what r has
	read     int64  // bytes taken from it
	charset  Charset
	detected bool // the charset was not told
	mark     string
	comma    byte
	headings []string // nil where there is no header
	width    int      // fields of a row
	columns  map[Column]int
	places   [8]int // the same, by place in Columns; -1: not there
	out      []byte // of the row that is written

	row    Row
	first  bool // the first row is no header, and is still to be given out
	line   int  // on which the next row begins, from 1
	number int  // rows given out, without blank ones
}

// Open reads the beginning of a list, up to the end of its first row. What is
// wrong with the list, or with what was told of it, is [verify.Faults], all at
// once; any other error is of reading.
func Open(r io.Reader, told Form) (*List, error) {
	l := &List{r: bufio.NewReaderSize(r, beginning), line: 1}
	begun, whole, err := l.peek()
	if err != nil {
		return nil, err
	}
	l.charset, l.mark, err = detect(begun, told.Charset, whole)
	if err != nil {
		return nil, err
	}
	l.detected = l.charset != told.Charset || told.Charset == ""
	begun = begun[len(l.mark):]
	if l.comma = told.Comma; l.comma == 0 {
		l.comma = separator(l.charset, begun)
	}
	if _, err := l.r.Discard(len(l.mark)); err != nil {
		return nil, err
	}
	l.read = int64(len(l.mark))
	l.row.list = l
	if told.Fields > 0 && told.Header == Absent { // a list goes on: its first row is a row like any other
		l.width, l.columns = told.Fields, map[Column]int{}
		if faults := override(l.columns, told.Columns, nil, l.width); len(faults) > 0 {
			return nil, faults
		}
	} else if err := l.start(told); err != nil {
		return nil, err
	}
	for i, column := range Columns {
		at, there := l.columns[column]
		if !there {
			at = -1
		}
		l.places[i] = at
	}
	return l, nil
}

// peek waits for the first line, or as much of it as is looked at, and returns
// what has come by then.
func (l *List) peek() (begun []byte, whole bool, err error) {
	for n := 1; ; n = len(begun) + 1 {
		begun, err = l.r.Peek(min(n, beginning))
		if err == nil {
			begun, _ = l.r.Peek(l.r.Buffered())
		}
		switch {
		case errors.Is(err, io.EOF):
			return begun, true, nil
		case err != nil:
			return nil, false, err
		case bytes.IndexByte(begun, '\n') >= 0 || len(begun) >= beginning:
			return begun, false, nil
		}
	}
}

// separator returns what stands most often between the fields of the first row.
func separator(c Charset, begun []byte) byte {
	if c.wide() {
		text, _ := c.decode(begun[:len(begun)/2*2])
		begun = []byte(text)
	}
	counts, quoted := map[byte]int{}, false
	for _, b := range bytes.TrimLeft(begun, "\r\n") {
		if b == '"' {
			quoted = !quoted
		}
		if (b == '\n' || b == '\r') && !quoted {
			break
		}
		if !quoted {
			counts[b]++
		}
	}
	most := byte(',')
	for _, b := range []byte{';', '\t'} {
		if counts[b] > counts[most] {
			most = b
		}
	}
	return most
}

// start reads the first row, and finds the columns.
func (l *List) start(told Form) error {
	for {
		if err := l.scan(); errors.Is(err, io.EOF) {
			return verify.Faults{{Field: "list", Rule: Empty}}
		} else if err != nil {
			return err
		}
		if !l.row.blank() {
			break
		}
		if len(l.mark) > beginning {
			return verify.Faults{{Field: "list", Rule: Empty}}
		}
		l.mark += string(l.row.raw) + string(l.row.end) // it goes out again before the first row
	}
	row := &l.row
	if row.phase != ended {
		return verify.Faults{{Field: "row", Rule: RowLong, Detail: most(RowMost)}}
	}
	if fault := row.form(); fault != nil {
		return verify.Faults{*fault}
	}
	fields := make([]string, len(row.spans))
	if l.width = told.Fields; l.width == 0 {
		l.width = len(fields)
	}
	readable := true
	for i := range fields {
		var ok bool
		fields[i], ok = row.Field(i)
		readable = readable && ok
	}
	named, content := byName(fields), byContent(fields)
	if told.Header == "" {
		told.Header = header(named, content, told.Columns)
		if i, there := content[GTIN]; there && len(clean(GTIN, fields[i])) > len("12345678") {
			told.Header = Absent // no column is called so, whatever else is in the row: IN may be India
		}
	}
	switch told.Header {
	case Present:
		l.headings, l.columns = fields, named
		if !readable {
			return verify.Faults{{Field: "list", Rule: NotText, Detail: most(l.row.Line)}}
		}
	case Absent:
		l.columns, l.first = content, true
	default:
		return verify.Faults{{Field: "header", Rule: NoHeader}}
	}
	if faults := override(l.columns, told.Columns, l.headings, l.width); len(faults) > 0 {
		return faults
	}
	return nil
}

// header tells whether the first row names columns: where a heading is known, or
// told; or where a column that was told holds codes or trade items, and this row
// does not. Where it holds what only the other rows could tell, it does not show.
func header(named, content map[Column]int, told map[Column]string) Header {
	switch {
	case len(named) > 0:
		return Present
	case len(content) > 0:
		return Absent
	}
	positions := 0
	for column, where := range told {
		if where == "-" {
			continue
		}
		if _, err := strconv.Atoi(where); err != nil || column == Code || column == GTIN {
			return Present
		}
		positions++
	}
	if positions > 0 {
		return ""
	}
	return Present // nothing can be asked, and its names may help to say what
}

// Charset returns how the text is encoded, and whether that was found out. As
// long as all of it is ASCII and more comes it is the zero Charset, unless
// something else than ASCII had to be written to it: then it is UTF-8.
func (l *List) Charset() (c Charset, detected bool) { return l.charset, l.detected }

// Comma returns what stands between fields: comma, semicolon or tab.
func (l *List) Comma() byte { return l.comma }

// Headings returns the names of the columns, nil where the list has no header.
func (l *List) Headings() []string { return l.headings }

// Offset returns how many bytes of the list were read, up to the end of the row
// that was given out last, or of the header.
func (l *List) Offset() int64 {
	if l.first {
		return int64(len(l.mark))
	}
	return l.read
}

// Width returns how many fields a row has: as many as the first, or as was told.
func (l *List) Width() int { return l.width }

// Columns returns where the columns are that can be asked about, from 0.
func (l *List) Columns() map[Column]int { return maps.Clone(l.columns) }

// Asks returns [verify.Faults] of the rule NoColumn where no column names a
// product, so that nothing can be asked about any row.
func (l *List) Asks() error {
	for _, column := range []Column{Code, Number, GTIN, Model} {
		if _, ok := l.columns[column]; ok {
			return nil
		}
	}
	return verify.Faults{{Field: "list", Rule: NoColumn}}
}

// Next returns the next row, which is good until the one after it is asked for.
// The error is [io.EOF] after the last, any other is of reading.
func (l *List) Next() (*Row, error) {
	if l.first {
		l.first = false
	} else if err := l.scan(); err != nil {
		if errors.Is(err, io.EOF) && l.charset == "" {
			l.charset = UTF8
		}
		return nil, err
	}
	l.row.read()
	if !l.row.Blank {
		l.number++
		l.row.Number = l.number
	}
	return &l.row, nil
}
