package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"tegata/verify"
	"tegata/web/stock"
)

// Counts are what the answers about a list add up to. Every row counts once: as a
// fault, or under the status and the outcome of its answer.
type counts struct {
	Rows       int64                    `json:"rows"`
	Good       int64                    `json:"good"`        // valid, recognised, eligible or at home, not barred, and covered
	Faults     int64                    `json:"faults"`      // could not be asked
	Ambiguous  int64                    `json:"ambiguous"`   // several records fit; the answer is of the most cautious
	NotCovered int64                    `json:"not_covered"` // a model or barcode number that the record does not list
	Barred     int64                    `json:"barred"`      // by a measure
	Statuses   map[verify.Status]int64  `json:"statuses"`
	Outcomes   map[verify.Outcome]int64 `json:"outcomes"`

	Origin string `json:"origin"` // of the log
	Size   int64  `json:"size"`   // of the head that all rows were asked of
}

func (c *counts) add(a stock.Answer) {
	if c.Statuses == nil {
		c.Statuses, c.Outcomes = map[verify.Status]int64{}, map[verify.Outcome]int64{}
	}
	c.Rows++
	if a.Fault != "" {
		c.Faults++
		return
	}
	c.Statuses[a.Status]++
	c.Outcomes[a.Outcome.Counted()]++
	for n, counted := range map[*int64]bool{&c.Good: a.Good(), &c.Ambiguous: a.Ambiguous(), &c.NotCovered: a.ModelCovered == "no" || a.GTINCovered == "no", &c.Barred: a.Barred} {
		if counted {
			*n++
		}
	}
}

func (c counts) clone() counts {
	c.Statuses, c.Outcomes = maps.Clone(c.Statuses), maps.Clone(c.Outcomes)
	return c
}

// tell says the counts to people, beside the list.
func (c *counts) tell(to *console) {
	to.say("check: rows: %d, asked of the first %d entries of %s", c.Rows, c.Size, c.Origin)
	line := func(n int64, what string) {
		if n > 0 {
			to.fault(fmt.Sprintf("%9d  %s", n, what))
		}
	}
	line(c.Good, "valid, recognised, eligible or at home, and covering what is named")
	for _, status := range verify.Statuses {
		if status != verify.StatusValid {
			line(c.Statuses[status], "status "+string(status))
		}
	}
	outcomes := slices.SortedFunc(maps.Keys(c.Outcomes), func(a, b verify.Outcome) int { return cmp.Compare(a, b) })
	for _, outcome := range outcomes {
		if !outcome.Positive() && outcome != verify.AtHome && outcome != verify.UnknownHere {
			line(c.Outcomes[outcome], "outcome "+string(outcome))
		}
	}
	line(c.NotCovered, "not covered: the record does not list the model or barcode number")
	line(c.Barred, "barred by a measure")
	line(c.Ambiguous, "fit several records")
	line(c.Faults, "could not be asked: see tegata_fault")
}
