package main

import (
	"cmp"
	"errors"
	"io"
	"net/url"
	"os"
	"slices"
	"strconv"

	"tegata/verify"
	"tegata/verify/match"
	"tegata/web/stock"
)

// stockMost is the most rows of a list that is watched: all of them are held.
const stockMost = 1_000_000

// A stockRow is one question that rows of a list ask, and which rows do.
type stockRow struct {
	rows []int  // from 1
	ref  string // of the first of them

	code                verify.Code
	number, gtin, model string
	scheme              verify.Scheme
	in                  verify.Jurisdiction
	fault               verify.Faults // why it cannot be asked
}

// key is the same for rows that ask the same.
func (r *stockRow) key() string {
	v := url.Values{}
	for name, value := range map[string]string{"code": string(r.code), "number": r.number, "scheme": string(r.scheme), "gtin": r.gtin, "model": r.model, "in": string(r.in)} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v.Encode()
}

// faultKey begins the name of a row that cannot be asked.
const faultKey = "fault "

func (r *stockRow) faultKey() string {
	return faultKey + strconv.Itoa(r.rows[0]) + " " + r.fault.Error()
}

// A stockForm is how a list is read.
type stockForm struct {
	in   verify.Jurisdiction
	told stock.Form
}

// readStock reads a list, and returns what it asks, each question once, in the
// order in which it is asked first. Rows that cannot be asked come with what is
// wrong with them.
func readStock(name string, form stockForm) (asked []*stockRow, rows int, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	list, err := stock.Open(file, form.told)
	if err == nil {
		err = list.Asks()
	}
	if err != nil {
		return nil, 0, err
	}
	byKey := map[string]*stockRow{}
	for {
		row, err := list.Next()
		if errors.Is(err, io.EOF) {
			return asked, rows, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if row.Blank {
			continue
		}
		if rows = row.Number; rows > stockMost {
			return nil, 0, misusef("%s has more than %d rows", name, stockMost)
		}
		r := newStockRow(row, form.in)
		if have, ok := byKey[r.key()]; ok && r.fault == nil {
			have.rows = append(have.rows, row.Number)
			continue
		} else if r.fault == nil {
			byKey[r.key()] = r
		}
		asked = append(asked, r)
	}
}

func newStockRow(row *stock.Row, in verify.Jurisdiction) *stockRow {
	r := &stockRow{
		rows: []int{row.Number}, ref: row.Cell(stock.Ref), number: row.Cell(stock.Number), gtin: row.Cell(stock.GTIN), model: row.Cell(stock.Model),
		scheme: verify.Scheme(row.Cell(stock.Scheme)), in: cmp.Or(verify.Jurisdiction(row.Cell(stock.In)), in), fault: row.Faults,
	}
	add := func(c stock.Column, rule verify.FaultRule, detail string) {
		r.fault = append(r.fault, verify.Fault{Field: string(c), Rule: rule, Detail: detail})
	}
	if text := row.Cell(stock.Code); text != "" {
		var err error
		var wrong *verify.CodeError
		if r.code, err = verify.ParseCode(text); errors.As(err, &wrong) {
			add(stock.Code, wrong.Rule, wrong.Detail())
		}
	}
	if _, err := verify.ParseGTIN(r.gtin); r.gtin != "" && err != nil {
		add(stock.GTIN, verify.NotGTIN, "")
	}
	if r.in != "" && !slices.Contains(verify.Jurisdictions, r.in) {
		add(stock.In, verify.NotOneOf, "GB, GB-NIR, JP")
	}
	if r.scheme != "" && r.scheme != verify.JCSTAR && r.scheme != verify.PSTI {
		add(stock.Scheme, verify.NotOneOf, string(verify.JCSTAR+", "+verify.PSTI))
	}
	if r.code == "" && r.number == "" && r.gtin == "" && r.model == "" && r.fault == nil {
		add(stock.Code, verify.Required, "")
	}
	return r
}

// names are those of the entries that the row needs.
func (r *stockRow) names() (names []string) {
	if r.fault != nil {
		return nil
	}
	if r.code != "" {
		return []string{codeName(r.code)}
	}
	switch {
	case r.number != "":
		names = append(names, numberName(match.Number(r.number)))
	case r.gtin != "":
		item, _ := verify.ParseGTIN(r.gtin) // it was read before
		names = append(names, itemName(item))
	default:
		names = append(names, modelName(r.model))
	}
	return names
}
