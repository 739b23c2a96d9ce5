package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"os"
	"strings"

	"tegata/web/stock"
)

// A plan is how a list is asked about: in parts of whole rows, each after the
// first told what the first one was.
type plan struct {
	sum   string     // SHA-256 of the list, in hexadecimal
	form  stock.Form // all of it told
	head  bool       // the first part begins with a header
	parts []part
}

// A part is some rows of a list: its bytes from one place to another.
type part struct {
	from, to int64
	rows     int64 // blank ones are not counted
}

// newPlan reads a list once, to its end, and cuts it into parts of so many rows.
func newPlan(list *os.File, told stock.Form, most int64) (plan, error) {
	if _, err := list.Seek(0, io.SeekStart); err != nil {
		return plan{}, err
	}
	sum := sha256.New()
	l, err := stock.Open(bufio.NewReaderSize(io.TeeReader(list, sum), 64<<10), told)
	if err == nil {
		err = l.Asks()
	}
	if err != nil {
		return plan{}, err
	}
	p := plan{parts: []part{{}}, head: l.Headings() != nil}
	for end := int64(0); ; {
		end = l.Offset()
		row, err := l.Next()
		if errors.Is(err, io.EOF) {
			p.parts[len(p.parts)-1].to = end
			break
		}
		if err != nil {
			return plan{}, err
		}
		if len(row.Faults) > 0 { // what is left of a long row is a part of it
			if err := l.WriteRow(io.Discard); err != nil {
				return plan{}, err
			}
		}
		if row.Blank {
			continue
		}
		last := &p.parts[len(p.parts)-1]
		if last.rows == most {
			last.to = end
			p.parts = append(p.parts, part{from: end})
			last = &p.parts[len(p.parts)-1]
		}
		last.rows++
	}
	p.sum = hex.EncodeToString(sum.Sum(nil))
	charset, _ := l.Charset()
	p.form = stock.Form{Charset: charset, Comma: l.Comma(), Header: stock.Absent, Fields: l.Width(), Columns: map[stock.Column]string{}}
	found := l.Columns()
	for _, c := range stock.Columns {
		p.form.Columns[c] = "-"
		if i, ok := found[c]; ok {
			p.form.Columns[c] = fmt.Sprint(i + 1)
		}
	}
	return p, nil
}

func (p plan) rows() (n int64) {
	for _, part := range p.parts {
		n += part.rows
	}
	return n
}

// told returns what is told of a part.
func (p plan) told(i int) stock.Form {
	form := p.form
	if i == 0 && p.head {
		form.Header = stock.Present
	}
	return form
}

// media is the media type of a part.
func (p plan) media(i int) string {
	form := p.told(i)
	return mime.FormatMediaType("text/csv", map[string]string{"charset": string(form.Charset), "header": string(form.Header)})
}

// query adds what the media type does not tell of a part.
func (p plan) query(asked url.Values) string {
	all := url.Values{}
	for name, values := range asked {
		all[name] = values
	}
	var columns []string
	for _, c := range stock.Columns {
		columns = append(columns, string(c)+"="+p.form.Columns[c])
	}
	all.Set("columns", strings.Join(columns, ","))
	all.Set("fields", fmt.Sprint(p.form.Fields))
	for name, comma := range separators {
		if comma == p.form.Comma {
			all.Set("separator", name)
		}
	}
	return all.Encode()
}
