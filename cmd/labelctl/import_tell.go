package main

import (
	"regexp"
	"slices"

	"tegata/verify"
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

// told are the faults in the order of the rows; what is the same in all rows is
// wrong once.
func (p *importPlan) told() (faults []importFault) {
	slices.SortStableFunc(p.faults, func(a, b importFault) int { return lineOf(a) - lineOf(b) })
	said := map[verify.Fault]bool{}
	for _, f := range p.faults {
		if f.row == nil && said[f.Fault] {
			continue
		}
		said[f.Fault] = said[f.Fault] || f.row == nil
		faults = append(faults, f)
	}
	return faults
}

// tellFaults says every fault, and returns the exit status.
func (i *importing) tellFaults(p *importPlan) (int, error) {
	if i.json {
		return i.found(p)
	}
	faults := p.told()
	for _, f := range faults[:min(len(faults), importFaultsMost)] {
		i.print(i.faultOf(f))
	}
	if len(faults) > importFaultsMost {
		i.say("import: %d faults, of which %d are listed", len(faults), importFaultsMost)
	}
	return i.sayFaults(p, len(faults)), nil
}

// sayFaults says how many faults there are, and returns the exit status.
func (i *importing) sayFaults(p *importPlan, n int) int {
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
