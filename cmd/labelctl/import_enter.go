package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/web/stock"
)

// importChunk is how many statements are sent in one body.
const importChunk = 1000

// An importResult is what became of a statement.
type importResult struct {
	code    verify.Code
	index   string // in the log
	refused string // why
	problem json.RawMessage
}

// enter sends what has no receipt yet, and writes what became of every row.
func (i *importing) enter(ctx context.Context, registry *client, s *importState) (int, error) {
	results := make([]importResult, len(s.sealed))
	var pending []int
	all, heads := make([]sealed, len(s.sealed)), make([]verify.Head, len(s.sealed))
	for n, one := range s.sealed {
		e, err := envelope.Open([]byte(one.Envelope))
		if err != nil {
			return 0, fmt.Errorf("%s: statement %d: %w", i.state, n+1, err)
		}
		all[n] = sealed{place: fmt.Sprint("row ", one.Rows[0]), Envelope: e}
		if heads[n], err = envelope.DecodeHead(e.Payload); err != nil {
			return 0, fmt.Errorf("%s: statement %d: %w", i.state, n+1, err)
		}
		results[n].code = heads[n].Code
		if s.receipts[n] == nil {
			pending = append(pending, n)
		}
	}
	before, status := len(all)-len(pending), exitDone
	bar := i.bar(int64(len(pending)), "statements")
	for chunk := range slices.Chunk(pending, importChunk) {
		sent := make([]sealed, len(chunk))
		for k, n := range chunk {
			sent[k] = all[n]
		}
		k := 0
		err := registry.enter(ctx, sent, func(one sealed, o outcome) error {
			n := chunk[k]
			k++
			bar.Add(1)
			return i.told(s, n, one, heads[n], o, &results[n])
		})
		if err == nil {
			err = s.file.Sync()
		}
		if err != nil {
			bar.Exit()
			i.tellRefused(s, results)
			return 0, fmt.Errorf("%w; entered so far: %d of %d; the same command goes on from here", err, len(s.receipts), len(all))
		}
	}
	bar.Finish()
	i.tellRefused(s, results)
	for n := range results {
		var r receipt
		if raw := s.receipts[n]; raw != nil {
			if err := json.Unmarshal(raw, &r); err != nil {
				return 0, fmt.Errorf("%s: %w", i.state, err)
			}
			results[n].index = fmt.Sprint(r.Index)
		} else {
			status = exitNo
		}
	}
	if err := i.write(s, results); err != nil {
		return 0, err
	}
	if i.json {
		return status, i.done(s, results, before)
	}
	i.print(i.l.T("import.done", len(s.receipts)-before, before, len(all)-len(s.receipts)))
	i.print(i.l.T("import.files", i.out, i.receipts))
	return status, nil
}

// told notes what became of a statement. The error says that there is no answer
// to understand, or that it does not hold.
func (i *importing) told(s *importState, n int, one sealed, head verify.Head, o outcome, result *importResult) error {
	if o.Status == http.StatusOK || o.Status == http.StatusCreated {
		var r receipt
		if err := json.Unmarshal(o.Receipt, &r); err != nil {
			return fmt.Errorf("%s: the answer is no receipt: %w", one.place, err)
		}
		if err := r.check(one.Envelope, head, nil); err != nil {
			return fmt.Errorf("%s: %w", one.place, err)
		}
		return s.entered(n, o.Receipt)
	}
	p, err := parseProblem(o.Status, o.Problem)
	if err != nil {
		return fmt.Errorf("%s: %w", one.place, err)
	}
	if p.Status >= http.StatusInternalServerError {
		return fmt.Errorf("%s: %w", one.place, p)
	}
	lines := []string{p.Error()}
	for _, f := range p.Faults {
		lines = append(lines, faultLine(f.Field, f.Message))
	}
	result.refused, result.problem = strings.Join(lines, "; "), p.raw
	return nil
}

// tellRefused tells what was refused, in the order of the list. It is told once
// the bar is gone: they would stand in one line.
func (i *importing) tellRefused(s *importState, results []importResult) {
	if i.json {
		return
	}
	for n, r := range results {
		if r.refused != "" {
			rows := strings.Trim(strings.ReplaceAll(fmt.Sprint(s.sealed[n].Rows), " ", ", "), "[]")
			where := i.l.T("import.at.rows", rows)
			i.print(where + ": " + r.refused)
		}
	}
}

// importNamesOut are the columns that the list gets. They are read by programs:
// never renamed.
var importNamesOut = []string{"tegata_code", "tegata_index", "tegata_result", "tegata_fault"}

// write writes the list with what became of every row, and the receipts. What an
// earlier run of the same import wrote is written over.
func (i *importing) write(s *importState, results []importResult) error {
	of := map[int]importResult{}
	for n, one := range s.sealed {
		for _, row := range one.Rows {
			of[row] = results[n]
		}
	}
	list, err := stock.Open(bytes.NewReader(i.list), stock.Form{Header: stock.Present})
	if err != nil {
		return err
	}
	var rows, receipts bytes.Buffer
	err = list.WriteHead(&rows, importNamesOut...)
	for err == nil {
		var row *stock.Row
		if row, err = list.Next(); err == nil {
			r := of[row.Number]
			result := "entered"
			if r.index == "" {
				result = "refused"
			}
			err = list.WriteRow(&rows, r.code.Printed(), r.index, result, r.refused)
		}
	}
	if err != io.EOF {
		return err
	}
	for n := range s.sealed {
		if r := s.receipts[n]; r != nil {
			receipts.Write(append(slices.Clip(r), '\n'))
		}
	}
	put := writer(i.resumed)
	if err := put(i.out, rows.Bytes(), 0o644); err != nil {
		return err
	}
	return put(i.receipts, receipts.Bytes(), 0o644)
}

// there reports whether there is a file of a name.
func there(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}
