package yearly

import (
	"fmt"
	"slices"
	"time"

	"tegata/verify"
)

// Over is the first instant after a day, wherever it counts: in London it ends
// last.
func Over(day verify.Date) time.Time { return day.End(verify.London) }

// LastYear returns the last whole calendar year before t.
func LastYear(t time.Time) verify.Period {
	year := verify.DateOf(t, verify.London).Year - 1
	return verify.Period{From: verify.Date{Year: year, Month: time.January, Day: 1}, Until: verify.Date{Year: year, Month: time.December, Day: 31}}
}

// countMost is more than anybody counts, and little enough to add up.
const countMost = 1 << 53

// Faults says what no counting can have come to: rows other than [Rows], and
// sums that differ where the same records were counted by different things.
func (r Report) Faults() (faults []string) {
	rows := Rows()
	if len(r.Counts) != len(rows) {
		return []string{fmt.Sprintf("counts: %d rows, want %d", len(r.Counts), len(rows))}
	}
	sums := map[Row]int64{}
	for i, c := range r.Counts {
		if c.Row != rows[i] {
			return append(faults, fmt.Sprintf("counts[%d]: it is %.200q, want %q", i, c.Row, rows[i]))
		}
		if c.Count < 0 || c.Count > countMost {
			faults = append(faults, fmt.Sprintf("counts[%d]: %d", i, c.Count))
		}
		sums[Row{About: c.About, What: c.What, In: c.In}] += c.Count
	}
	for row := range sums {
		if row.What != ByAccord && row.What != ByStatute {
			continue
		}
		if all := sums[Row{About: row.About, What: Standing}]; sums[row] != all {
			faults = append(faults, fmt.Sprintf("counts: %s in %s by the %s are %d, and there are %d", row.About, row.In, row.What, sums[row], all))
		}
	}
	slices.Sort(faults)
	return faults
}

// Of returns the count of a row; of one that there is not, 0.
func (r Report) Of(row Row) int64 {
	for _, c := range r.Counts {
		if c.Row == row {
			return c.Count
		}
	}
	return 0
}
