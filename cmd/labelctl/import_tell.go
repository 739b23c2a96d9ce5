package main

import (
	"regexp"
	"slices"
)

// indexes are the places in lists of a path.
var indexes = regexp.MustCompile(`\[\d+\]`)

// importFaultsMost is how many faults are told.
const importFaultsMost = 10_000

// tellPlan says what each column becomes.
func (i *importing) tellPlan(p *importPlan) {
	i.print(i.l.T("import.list", i.name, i.l.Count(int64(p.rows)), i.l.Count(int64(len(p.statements)))))
	i.print("")
	for n, heading := range p.headings {
		if p.fields[n] == "" {
			i.line("import.unused", heading)
			continue
		}
		m := p.members[p.fields[n]]
		i.line("import.column", heading, m.Path, i.l.T("explain."+m.Of+"."+m.Name))
	}
	fields := make([]string, 0, len(p.set))
	for field := range p.set {
		fields = append(fields, field)
	}
	slices.Sort(fields)
	for _, field := range fields {
		i.line("import.same", field, p.set[field])
	}
	i.print("")
	if len(p.statements) > 0 {
		i.print(i.l.T("import.first", string(p.statements[0].payload)))
		i.print("")
	}
}

func (i *importing) line(key string, args ...any) { i.print("  " + i.l.T(key, args...)) }

// tellFaults says every fault, in the order of the rows, and returns the exit
// status.
func (i *importing) tellFaults(p *importPlan) int {
	slices.SortStableFunc(p.faults, func(a, b importFault) int { return lineOf(a) - lineOf(b) })
	said := map[string]bool{} // what is the same in all rows is wrong once
	n := 0
	for _, f := range p.faults {
		line := i.faultOf(f)
		if f.row == nil && said[line] {
			continue
		}
		said[line] = true
		if n++; n <= importFaultsMost {
			i.print(line)
		}
	}
	if n > importFaultsMost {
		i.say("import: %d faults, of which %d are listed", n, importFaultsMost)
	}
	if n > 0 {
		i.say("import: nothing is entered; faults: %d", n)
		return exitNo
	}
	i.say("import: no faults; statements: %d", len(p.statements))
	return exitDone
}

func lineOf(f importFault) int {
	if f.row == nil {
		return 0
	}
	return f.row.line
}

// faultOf is a fault in words: where it stands, the field, and what is wrong.
func (i *importing) faultOf(f importFault) string {
	where := i.at(f.row, f.column)
	return where + ": " + faultLine(f.Field, sentence(i.l, f.Fault))
}

func (i *importing) at(row *importRow, column string) string {
	switch {
	case row == nil:
		return i.l.T("import.at.all")
	case column == "":
		return i.l.T("import.at.row", row.number, row.line)
	}
	return i.l.T("import.at.cell", row.number, row.line, column)
}
