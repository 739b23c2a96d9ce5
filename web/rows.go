package web

import (
	"tegata/registry"
	"tegata/verify"
	"tegata/web/stock"
)

// Limits of what is kept of rows, in bytes: both halves hold a list of 100,000; and
// of a row beside its text, with its place in the map.
const (
	rowsBytes = 80 << 20
	rowWeight = 192
)

// A keptRow is the answer to a row that asked about the present, kept until the log
// says something that it rests on, or it changes by itself. It names neither its
// instant nor its head.
type keptRow struct {
	text       string // what was asked, and then the cells as they stand behind the row
	asked      int    // bytes of what was asked
	count      counted
	ground     registry.Ground
	made, next int64 // Unix milliseconds: from when to when; next 0: not foreseen
}

func (k *keptRow) name() string  { return k.text[:k.asked] }
func (k *keptRow) cells() string { return k.text[k.asked:] }
func (k *keptRow) weight() int   { return rowWeight + len(k.text) }

func newRows() *lately[string, *keptRow] {
	return &lately[string, *keptRow]{most: rowsBytes, number: rowsBytes / rowWeight}
}

// keeps reports whether answers to rows are kept: those about the present, in one
// log that goes on.
func (b *batch) keeps(row *stock.Row) bool {
	return row != nil && len(row.Faults) == 0 && row.Cell(stock.At) == "" && b.report.At == "" && b.report.Known == "" && b.now.IsZero() && len(b.others) == 0
}

// kept returns the answer to a row, if one is kept that would be given now.
func (b *batch) kept(row *stock.Row) *keptRow {
	if !b.keeps(row) {
		return nil
	}
	b.asked = append(append(b.asked[:0], b.report.In...), b.out.list.Comma())
	b.asked = row.AppendAsked(b.asked)
	k, ok := b.rows.of(string(b.asked))
	if now := b.report.Log.Time.UnixMilli(); !ok || now < k.made || k.next != 0 && now >= k.next || !b.registry.HoldsOf(k.ground, b.report.Log.Size) {
		return nil
	}
	return k
}

// keep keeps the answer to the row that [batch.kept] was asked about last.
func (b *batch) keep(row *stock.Row, r *resultBody) {
	if !b.keeps(row) || r.Problem != nil || r.matches != nil && len(r.Matches) > matchesKept {
		return
	}
	var by registry.Query
	verdicts := []verify.Verdict{}
	if r.Verdict != nil {
		verdicts = append(verdicts, *r.Verdict)
	} else {
		by, verdicts = r.by, r.Matches
	}
	var all []verify.Facts
	for i := range verdicts {
		f, err := b.registry.Lookup(b.r.Context(), verdicts[i].Code)
		if err != nil {
			return
		}
		all = append(all, f)
	}
	a := stock.NewAnswer(verdicts)
	k := &keptRow{
		text: string(b.asked) + b.out.list.Cells(a.Cells()...), asked: len(b.asked), count: countedAs(r),
		ground: b.registry.GroundOf(b.report.Log.Size, by, all...), made: b.report.Log.Time.UnixMilli(),
	}
	if !a.NextChange.IsZero() {
		k.next = a.NextChange.UnixMilli()
	}
	b.rows.keep(k)
}
