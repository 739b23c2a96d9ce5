package artwork

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// PDF draws the artwork on a page of its size. Nothing in it is of pixels; the
// words are text, in a font that the file carries. The instant is that of making
// it, which a PDF tells.
func (a Artwork) PDF(at time.Time) ([]byte, error) {
	p, err := newPaper(a.width, a.height, a.label.Code.Printed(), at)
	if err != nil {
		return nil, err
	}
	p.AddPage()
	p.put(a, 0, 0)
	return p.bytes()
}

// SheetMost is the greatest number of labels on sheets.
const SheetMost = 500

// Measures of a sheet: ISO 216 A4, a border that printers reach, a gap between
// labels for the marks to cut by, and those marks.
const (
	sheetWidth  = 210 * Millimetre
	sheetHeight = 297 * Millimetre
	sheetBorder = 10 * Millimetre
	sheetGap    = 5 * Millimetre
	markFrom    = 0.5 // mm from the label
	markTo      = 2.5
	markWide    = 0.1
)

// ErrSheet is the error of labels that are wider or taller than a sheet.
var ErrSheet = errors.New("the label is larger than an A4 sheet within its border")

// PerSheet is how many labels as large as this one are on a sheet, none where it
// is too large.
func (a Artwork) PerSheet() int {
	columns, rows := grid(a.width, a.height)
	return columns * rows
}

func grid(width, height Length) (columns, rows int) {
	return int((sheetWidth - 2*sheetBorder + sheetGap) / (width + sheetGap)),
		int((sheetHeight - 2*sheetBorder + sheetGap) / (height + sheetGap))
}

// Sheet draws 1 to [SheetMost] labels on as many A4 pages as they take, with
// marks to cut them out by. Each has the room of the largest, and none is split
// between pages. Where that is too large it returns [ErrSheet].
func Sheet(all []Artwork, at time.Time) ([]byte, error) {
	if len(all) < 1 || len(all) > SheetMost {
		return nil, fmt.Errorf("sheets hold 1 to %d labels, not %d", SheetMost, len(all))
	}
	var width, height Length
	for _, a := range all {
		width, height = max(width, a.width), max(height, a.height)
	}
	columns, rows := grid(width, height)
	if columns*rows == 0 {
		return nil, ErrSheet
	}
	p, err := newPaper(sheetWidth, sheetHeight, all[0].label.Host, at)
	if err != nil {
		return nil, err
	}
	for i, a := range all {
		place := i % (columns * rows)
		if place == 0 {
			p.AddPage()
		}
		x := (sheetBorder + Length(place%columns)*(width+sheetGap)).mm()
		y := (sheetBorder + Length(place/columns)*(height+sheetGap)).mm()
		p.mark(x, y, width.mm(), height.mm())
		p.put(a, x, y)
	}
	return p.bytes()
}

// A paper is a PDF that is being written, in millimetres from the upper left.
type paper struct{ *fpdf.Fpdf }

const family = "letters"

func newPaper(width, height Length, title string, at time.Time) (paper, error) {
	t, err := letters()
	if err != nil {
		return paper{}, err
	}
	p := paper{fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: width.mm(), Ht: height.mm()}})}
	p.SetMargins(0, 0, 0)
	p.SetAutoPageBreak(false, 0)
	p.SetCatalogSort(true) // the same labels give the same bytes
	p.SetCreationDate(at.UTC())
	p.SetModificationDate(at.UTC())
	p.SetTitle(title, true)
	p.AddUTF8FontFromBytes(family, "", t.file)
	p.SetFont(family, "", 10)
	p.SetLineWidth(markWide)
	return p, p.Error()
}

// put draws an artwork with its upper left corner at x, y. The modules are one
// shape, since neighbours that are drawn apart show seams between them.
func (p paper) put(a Artwork, x, y float64) {
	cx, cy := a.corner()
	edge := func(from float64, n int) float64 { return from + float64(n)*a.pitch() }
	for r := range a.symbol.Runs() {
		left, right := edge(x+cx, r.X), edge(x+cx, r.X+r.N)
		top, foot := edge(y+cy, r.Y), edge(y+cy, r.Y+1)
		p.MoveTo(left, top)
		p.LineTo(right, top)
		p.LineTo(right, foot)
		p.LineTo(left, foot)
		p.ClosePath()
	}
	p.DrawPath("F")
	for _, l := range a.lines {
		p.SetFontUnitSize(l.size)
		p.Text(x+l.x, y+l.y, l.text)
	}
}

// mark draws the marks at the corners of a label.
func (p paper) mark(x, y, width, height float64) {
	for _, cx := range []float64{x, x + width} {
		for _, cy := range []float64{y, y + height} {
			out := func(edge, from float64) (near, far float64) {
				if edge == from {
					return edge - markFrom, edge - markTo
				}
				return edge + markFrom, edge + markTo
			}
			near, far := out(cx, x)
			p.Line(near, cy, far, cy)
			near, far = out(cy, y)
			p.Line(cx, near, cx, far)
		}
	}
}

func (p paper) bytes() ([]byte, error) {
	var out bytes.Buffer
	err := p.Output(&out)
	return out.Bytes(), err
}
