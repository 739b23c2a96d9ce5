package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tegata/verify"
	"tegata/web/stock"
)

// An importPlan is what a list becomes.
type importPlan struct {
	*mapping
	origin     string
	headings   []string
	fields     []string // of each column; empty: it is not used
	rows       int
	statements []*importStatement
	faults     []importFault
}

// An importStatement is a statement of one row or several.
type importStatement struct {
	payload []byte // without what seal adds
	rows    []int  // by their numbers
	cells   map[string]importCell
	models  []importModel
	first   *importRow
}

// An importRow is where something stands.
type importRow struct{ number, line int }

// An importCell is the value of a field, and the row that says it.
type importCell struct {
	text string
	row  *importRow
}

// An importFault is what is wrong with a row.
type importFault struct {
	row    *importRow // nil: with what is the same in all rows
	column string     // heading; empty: of no column
	verify.Fault
}

// Faults of a list, beside those of statements and of lists of stock.
const (
	importDiffers verify.FaultRule = "import_differs" // than an earlier row of the same statement; detail: which, and what it says
	importGroups  verify.FaultRule = "import_groups"  // not as many groups of barcode numbers as models; detail: how many of each
)

// readImport reads a list. What is wrong with the list as a whole is an error;
// what is wrong with its rows is in the plan.
func readImport(r io.Reader, m *mapping) (*importPlan, error) {
	list, err := stock.Open(r, stock.Form{Header: stock.Present})
	var faults verify.Faults
	if errors.As(err, &faults) {
		return nil, fmt.Errorf("it cannot be read as a list: %w", err)
	}
	if err != nil {
		return nil, err
	}
	p := &importPlan{mapping: m, origin: m.set["origin"], headings: list.Headings()}
	if p.fields, err = m.columns(p.headings); err != nil {
		return nil, misuse(err.Error())
	}
	byKey := map[string]*importStatement{}
	charset := func() string { c, _ := list.Charset(); return string(c) }
	for {
		row, err := list.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if !row.Blank {
			p.rows++
			p.read(row, charset, byKey)
		}
		if len(p.statements) > importsMost {
			return nil, fmt.Errorf("more than %d statements; split the list", importsMost)
		}
	}
	if p.rows == 0 {
		return nil, errors.New("the list has no rows")
	}
	for _, s := range p.statements {
		if err := p.finish(s); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// read adds a row to the statement it belongs to.
func (p *importPlan) read(row *stock.Row, charset func() string, byKey map[string]*importStatement) {
	at := &importRow{row.Number, row.Line}
	cells := map[string]string{}
	ok := true
	note := func(column string, f verify.Fault) {
		p.faults, ok = append(p.faults, importFault{at, column, f}), false
	}
	for _, f := range row.Faults {
		if f.Field == "row" {
			note("", f)
		}
	}
	for i, field := range p.fields {
		text, readable := row.Field(i)
		if !readable && field != "" {
			note(p.headings[i], verify.Fault{Field: field, Rule: stock.CellText, Detail: charset()})
		} else if text = cleanCell(text); field != "" && text != "" {
			cells[field] = text
		}
	}
	if !ok {
		return
	}
	key := cells[importKey[p.kind]]
	s := byKey[key]
	if s == nil || key == "" {
		s = &importStatement{cells: map[string]importCell{}, first: at}
		byKey[key] = s
		p.statements = append(p.statements, s)
	}
	s.rows = append(s.rows, row.Number)
	modelField, gtinField := p.prefix()+"product.models.model", p.prefix()+"product.models.gtins"
	models, groups := rowModels(cells[modelField], cells[gtinField])
	if groups != len(models) {
		note(p.heading(gtinField), verify.Fault{Field: gtinField, Rule: importGroups, Detail: fmt.Sprintf("%d, %d", len(models), groups)})
	}
	for _, m := range models {
		m.row = at
		s.add(m)
	}
	for field, text := range cells {
		if field == modelField || field == gtinField {
			continue
		}
		m := p.members[field]
		if have, twice := s.cells[field]; twice && cellValue(m, have.text) != cellValue(m, text) {
			note(p.heading(field), verify.Fault{Field: field, Rule: importDiffers, Detail: fmt.Sprintf("%d: %s", have.row.number, have.text)})
		} else if !twice {
			s.cells[field] = importCell{text, at}
		}
	}
}

// add adds a model, or only barcode numbers to one that is there.
func (s *importStatement) add(m importModel) {
	for i := range s.models {
		if s.models[i].model == m.model && m.model != "" && s.models[i].row != m.row {
			s.models[i].gtins = append(s.models[i].gtins, m.gtins...)
			return
		}
	}
	s.models = append(s.models, m)
}

// cleanCell takes away what spreadsheets put around a text.
func cleanCell(text string) string {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(text, `="`); ok && strings.HasSuffix(inner, `"`) {
		text = strings.TrimSpace(strings.TrimSuffix(inner, `"`))
	}
	return text
}

// heading is the column of a field, if it has one.
func (p *importPlan) heading(field string) string {
	for i, f := range p.fields {
		if f == field {
			return p.headings[i]
		}
	}
	return ""
}

// finish makes the statement of rows, and notes its faults where they stand.
func (p *importPlan) finish(s *importStatement) error {
	tree := map[string]any{"kind": p.kind}
	for field, value := range p.set {
		p.put(tree, field, value)
	}
	for field, cell := range s.cells {
		p.put(tree, field, cell.text)
	}
	if len(s.models) > 0 {
		var models []any
		for _, m := range s.models {
			one := map[string]any{}
			if m.model != "" {
				one["model"] = m.model
			}
			if len(m.gtins) > 0 {
				one["gtins"] = m.gtins
			}
			models = append(models, one)
		}
		p.putAt(tree, p.prefix()+"product.models", models)
	}
	var err error
	if s.payload, err = json.Marshal(tree); err != nil {
		return err
	}
	whole, err := complete(s.payload, time.Now())
	if err != nil {
		return err
	}
	_, faults := verify.ParseStatement(whole)
	for _, f := range faults {
		p.faults = append(p.faults, p.place(s, f))
	}
	return nil
}

// place finds the row and column of a fault.
func (p *importPlan) place(s *importStatement, f verify.Fault) importFault {
	field := indexes.ReplaceAllString(f.Field, "")
	at := importFault{s.first, p.heading(field), f}
	var n int
	if _, err := fmt.Sscanf(f.Field, p.prefix()+"product.models[%d]", &n); err == nil && n < len(s.models) {
		at.row = s.models[n].row
	} else if cell, ok := s.cells[field]; ok {
		at.row = cell.row
	} else if !p.column(field) {
		at.row = nil
	}
	return at
}

// column reports whether a column is of a field, or of one inside it.
func (p *importPlan) column(field string) bool {
	return slices.ContainsFunc(p.fields, func(f string) bool { return f == field || strings.HasPrefix(f, field+".") })
}

// put puts a text where its field is in a statement, as its type wants it.
func (p *importPlan) put(tree map[string]any, field, text string) {
	m := p.members[field]
	v := cellValue(m, text)
	if m.List {
		v = []any{v}
	}
	p.putAt(tree, field, v)
}

// putAt puts a value at a path; of a list on the way there is one item.
func (p *importPlan) putAt(tree map[string]any, field string, v any) {
	path := ""
	for {
		name, rest, deeper := strings.Cut(field, ".")
		path = strings.TrimPrefix(path+"."+name, ".")
		if !deeper {
			tree[name] = v
			return
		}
		next, ok := tree[name].(map[string]any)
		if list, isList := tree[name].([]any); isList {
			next, ok = list[0].(map[string]any)
		}
		if !ok {
			next = map[string]any{}
			tree[name] = any(next)
			if p.members[path].List {
				tree[name] = []any{next}
			}
		}
		tree, field = next, rest
	}
}
