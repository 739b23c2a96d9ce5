package bench

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A job is one row of the table: a figure of ours beside one of theirs, both of
// more or both of less is better.
type job struct {
	name   string
	beside string  // whose work theirs is; empty: there is none, and the figure itself is the row
	unit   string  // of the figures
	must   float64 // the ratio, or the figure, that is to be kept; 0: none
	aim    float64
	most   bool // must and aim are the most it may be, not the least

	ours, theirs func() float64 // does the job once and returns the figure

	was, their []float64 // the figures of each round
}

// round does the job once by ours and once by theirs, in turns the first.
func (j *job) round(n int) {
	sides := []func(){func() { j.was = append(j.was, j.ours()) }}
	if j.theirs != nil {
		sides = append(sides, func() { j.their = append(j.their, j.theirs()) })
	}
	if n%2 == 1 {
		slices.Reverse(sides)
	}
	for _, do := range sides {
		do()
	}
}

// ratios are those of the rounds, or the figures where there is nothing beside.
func (j *job) ratios() []float64 {
	if j.theirs == nil {
		return j.was
	}
	var out []float64
	for i, f := range j.was {
		out = append(out, f/j.their[i])
	}
	return out
}

// table writes the rows in Markdown.
func table(rows []*job) string {
	var b strings.Builder
	b.WriteString("| job | beside | median | least – most | must | aim | ours | theirs |\n|---|---|---|---|---|---|---|---|\n")
	for _, j := range rows {
		r, unit := j.ratios(), " ×"
		bound, theirs := "≥ ", "–"
		if j.theirs == nil {
			unit = " " + j.unit
		} else {
			theirs = short(median(j.their)) + " " + j.unit
		}
		if j.most {
			bound = "≤ "
		}
		limit := func(x float64) string {
			if x == 0 {
				return "–"
			}
			return bound + short(x)
		}
		fmt.Fprintf(&b, "| %s | %s | **%s%s** | %s – %s | %s | %s | %s %s | %s |\n", j.name, j.beside, short(median(r)), unit,
			short(slices.Min(r)), short(slices.Max(r)), limit(j.must), limit(j.aim), short(median(j.was)), j.unit, theirs)
	}
	return b.String()
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// short writes a number with as many digits as say something.
func short(x float64) string {
	switch {
	case x >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

// The table tells ratios of the same round, and figures where nothing is beside.
func TestTable(t *testing.T) {
	figures := func(of ...float64) func() float64 {
		return func() float64 {
			f := of[0]
			of = of[1:]
			return f
		}
	}
	rows := []*job{
		{name: "a", beside: "b", unit: "req/s", must: 0.8, aim: 0.92, ours: figures(90, 50, 30), theirs: figures(100, 100, 10)},
		{name: "c", unit: "ms", must: 5, most: true, ours: figures(1, 2, 1234)},
	}
	for n := range 3 {
		for _, j := range rows {
			j.round(n)
		}
	}
	want := "| a | b | **0.90 ×** | 0.50 – 3.00 | ≥ 0.80 | ≥ 0.92 | 50.0 req/s | 100 req/s |\n" +
		"| c |  | **2.00 ms** | 1.00 – 1234 | ≤ 5.00 | – | 2.00 ms | – |\n"
	if got := table(rows); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
