package main

import (
	"encoding/json"

	"tegata/verify"
)

// An importFound is what was found of a list, for machines.
type importFound struct {
	List       string            `json:"list"`
	Rows       int               `json:"rows"`
	Statements int               `json:"statements"`
	Columns    []importColumn    `json:"columns"`
	Set        map[string]string `json:"set"`    // value by field, the same in all rows
	Faults     []importFaultBody `json:"faults"` // none: it may be entered
}

type importColumn struct {
	Heading string `json:"heading"`
	Field   string `json:"field,omitempty"` // absent: it is not used
}

// An importFaultBody is a fault and where it stands.
type importFaultBody struct {
	Row    int    `json:"row,omitempty"`    // from 1, without the header; absent: it is the same in all rows
	Line   int    `json:"line,omitempty"`   // of the file, from 1
	Column string `json:"column,omitempty"` // heading; absent: of no column
	problemFault
}

// An importDone is what became of a list, for machines.
type importDone struct {
	List       string         `json:"list"`
	Statements int            `json:"statements"`
	Entered    int            `json:"entered"` // by this run
	Before     int            `json:"before"`  // by earlier ones
	Refused    []importRefuse `json:"refused"`
	Codes      string         `json:"codes"` // names of files
	Receipts   string         `json:"receipts"`
}

// An importRefuse is a statement that the registry refused, with its answer.
type importRefuse struct {
	Rows    []int           `json:"rows"`
	Code    verify.Code     `json:"code"`
	Problem json.RawMessage `json:"problem"`
}

// found writes what was found of a list, and returns the exit status.
func (i *importing) found(p *importPlan) (int, error) {
	found := importFound{List: i.name, Rows: p.rows, Statements: len(p.statements), Set: p.set, Faults: []importFaultBody{}}
	for n, heading := range p.headings {
		found.Columns = append(found.Columns, importColumn{heading, p.fields[n]})
	}
	for _, f := range p.told() {
		body := importFaultBody{Column: f.column, problemFault: problemFault{f.Field, f.Rule, sentence(i.l, f.Fault)}}
		if f.row != nil {
			body.Row, body.Line = f.row.number, f.row.line
		}
		found.Faults = append(found.Faults, body)
	}
	return i.sayFaults(p, len(found.Faults)), json.NewEncoder(i.console.out).Encode(found)
}

// done writes what became of a list.
func (i *importing) done(s *importState, results []importResult, before int) error {
	done := importDone{
		List: i.name, Statements: len(s.sealed), Entered: len(s.receipts) - before, Before: before,
		Refused: []importRefuse{}, Codes: i.out, Receipts: i.receipts,
	}
	for n, r := range results {
		if r.refused != "" {
			done.Refused = append(done.Refused, importRefuse{s.sealed[n].Rows, r.code, r.problem})
		}
	}
	return json.NewEncoder(i.console.out).Encode(done)
}
