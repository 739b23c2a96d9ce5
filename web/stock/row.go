package stock

import (
	"encoding/binary"
	"strconv"
	"strings"

	"tegata/verify"
)

// A Row is one row of a list.
type Row struct {
	Number int  // from 1; the header and blank rows are not counted
	Line   int  // on which it begins, from 1
	Blank  bool // nothing stands in it, and nothing is asked
	Faults verify.Faults

	list  *List
	cells [8][]byte // by column, as Columns lists them; part of raw where they stand there as they are meant

	raw     []byte // as it was written, without its end; of a long one the beginning
	end     []byte // LF, CRLF, CR, or nothing at the end of the list
	spans   []span
	phase   phase
	many    bool // more fields than there may be
	loose   int  // the first field with text behind its closing quotation mark, from 1
	opened  int  // the line of the last opening quotation mark
	broken  span // the first line end behind it, where there is one
	started int  // where in raw the present field begins
	quoted  bool // that field
	doubled bool // and has quotation marks in it
	eof     bool // the list ended, not the row
	long    bool // it is passed over
}

// A span is where a field stands in a row.
type span struct {
	from, to        int
	quoted, doubled bool
}

// A phase is where in a row its reading is.
type phase uint8

const (
	before phase = iota // a field
	plain               // in one that is not quoted; a quotation mark in it, as for inches, is text
	inside              // a quoted one
	behind              // its closing mark, if it is not half of a double one
	ended               // the row
)

// Cell returns what a column says, cleaned of what spreadsheets put around it;
// empty where there is no such column or nothing in it.
func (r *Row) Cell(c Column) string {
	for i, column := range Columns {
		if c == column {
			return string(r.cells[i])
		}
	}
	return ""
}

// AppendAsked appends what the row asks: rows of which the same is asked append the
// same, and no others do. The asker's own name of the row is not part of it.
func (r *Row) AppendAsked(b []byte) []byte {
	for i, cell := range r.cells {
		if Columns[i] != Ref {
			b = append(binary.AppendUvarint(b, uint64(len(cell))), cell...)
		}
	}
	return b
}

// Field returns the field at a place, from 0, as it was meant: without its
// quotation marks, in UTF-8; and whether all of it can be read. There is none
// past the row's end.
func (r *Row) Field(i int) (text string, ok bool) {
	if i < 0 || i >= len(r.spans) {
		return "", true
	}
	s := r.spans[i]
	text, ok = r.list.charset.decode(r.raw[s.from:s.to])
	if s.quoted {
		text = strings.TrimSuffix(strings.TrimPrefix(text, `"`), `"`)
	}
	if s.doubled {
		text = strings.ReplaceAll(text, `""`, `"`)
	}
	return text, ok
}

// Raw returns the row as it was written, without its end; of one that is too long
// the beginning. It is good as long as the row.
func (r *Row) Raw() []byte { return r.raw }

// Fields returns how many fields the row has.
func (r *Row) Fields() int { return len(r.spans) }

// read takes from a row that was just scanned what can be asked.
func (r *Row) read() {
	l := r.list
	r.Number, r.Faults, r.cells = 0, nil, [8][]byte{}
	if l.charset == "" {
		l.charset = settle(r.raw)
	}
	if fault := r.form(); fault != nil {
		r.Faults, r.Blank = verify.Faults{*fault}, false
		return
	}
	r.Blank = r.blank()
	for i, at := range l.places {
		if at < 0 || at >= len(r.spans) {
			continue
		}
		column, s := Columns[i], r.spans[at]
		if field := r.raw[s.from:s.to]; !l.charset.wide() && tidy(field) {
			r.cells[i] = field
			continue
		}
		text, ok := r.Field(at)
		if !ok {
			charset := l.charset
			if charset == "" {
				charset = UTF8 + ", " + ShiftJIS
			}
			r.Faults = append(r.Faults, verify.Fault{Field: string(column), Rule: CellText, Detail: string(charset)})
			continue
		}
		r.cells[i] = []byte(clean(column, text))
	}
}

// tidy reports whether a field is a cell as it stands: digits and capitals, of which
// codes, numbers and trade items mostly are.
func tidy(field []byte) bool {
	for _, c := range field {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// form says what is wrong with the form of the row, if anything is.
func (r *Row) form() *verify.Fault {
	fault := func(rule verify.FaultRule, detail string) *verify.Fault {
		return &verify.Fault{Field: "row", Rule: rule, Detail: detail}
	}
	width := r.list.width
	switch n := len(r.spans); {
	case r.phase != ended:
		return fault(RowLong, most(RowMost))
	case r.opened > 0:
		return fault(RowOpen, most(n))
	case r.many:
		return fault(RowMany, most(FieldsMost))
	case r.loose > 0:
		return fault(RowQuote, most(r.loose))
	case r.eof && n < width && r.list.asksFrom(n-1):
		return fault(RowCut, most(n))
	case width > 0 && n > width && !r.empty(width):
		return fault(RowMore, most(n))
	}
	return nil
}

// asksFrom reports whether a column that is asked about is at that place, from 0,
// or behind it.
func (l *List) asksFrom(place int) bool {
	for column, at := range l.columns {
		if column != Ref && at >= place {
			return true
		}
	}
	return false
}

// blank reports whether nothing stands in the row.
func (r *Row) blank() bool { return r.phase == ended && r.opened == 0 && r.empty(0) }

// empty reports whether nothing stands in the fields from that place on.
func (r *Row) empty(from int) bool {
	for i := from; i < len(r.spans); i++ {
		s := r.spans[i]
		if s.from == s.to {
			continue
		}
		if c := r.raw[s.from]; '"' < c && c <= '~' && !r.list.charset.wide() { // it is seen
			return false
		}
		if text, _ := r.Field(i); strings.TrimSpace(text) != "" {
			return false
		}
	}
	return true
}

func most(n int) string { return strconv.Itoa(n) }
