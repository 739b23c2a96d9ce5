// Package artwork draws the labels that are printed on products: a QR code with
// the code in letters, where to enter it and the day the label runs to; as SVG,
// PNG and PDF, in millimetres, and many of them on sheets.
//
// There is no mark of any authority on them, and nothing like one: what a label
// counts for is said by the page that the code leads to, not by the print.
package artwork

import (
	"fmt"
	"math"
	"slices"

	"tegata/verify"
	"tegata/web/i18n"
	"tegata/web/qr"
)

// A Label is what is printed about one code.
type Label struct {
	Code    verify.Code
	Host    string      // where people reach the registry, as in [qr.Text]
	Expires verify.Date // the label's last day as it stands; none for a declaration
}

// A Form is how it is printed.
type Form struct {
	Size      Length // the side of the QR code with its quiet zone
	Level     qr.Level
	Languages []i18n.Language // of the words, in this order: one or both
}

// An Artwork is a label ready to be drawn. It does not change once made, and may
// be drawn by several goroutines at once.
type Artwork struct {
	label  Label
	form   Form
	symbol qr.Symbol
	lines  []line
	width  Length // of the whole
	height Length
}

// module is the least side of a module in millimetres: a label printer of 300
// dots to the inch has 3.9 dots for it. TestArtwork of package qr holds that four
// decoders read it at this size blurred by a dot, askew and on a bottle, at every
// level. At 0.318 mm the first of them failed, on a blurred print.
const module = 0.33

// Largest is the greatest size there is.
const Largest = 100 * Millimetre

// Minimum is the least size of a symbol: 0.33 mm a module, the four modules of
// quiet zone on either side counted in.
func Minimum(s qr.Symbol) Length { return upTo(module * float64(s.Side())) }

// A SizeError says which sizes there are for a symbol.
type SizeError struct{ Size, Least Length }

func (e *SizeError) Error() string {
	return fmt.Sprintf("%v mm is not from %v mm, the minimum for this code at this error correction level, to %v mm", e.Size, e.Least, Largest)
}

// New lays a label out. The error is a [*SizeError], or what [qr.Text] and
// [qr.NewAt] refuse.
func New(l Label, f Form) (Artwork, error) {
	text, err := qr.Text(l.Host, string(l.Code))
	if err != nil {
		return Artwork{}, err
	}
	symbol, err := qr.NewAt(text, f.Level)
	if err != nil {
		return Artwork{}, err
	}
	if least := Minimum(symbol); f.Size < least || f.Size > Largest {
		return Artwork{}, &SizeError{f.Size, least}
	}
	if len(f.Languages) == 0 || len(slices.Compact(slices.Sorted(slices.Values(f.Languages)))) != len(f.Languages) {
		return Artwork{}, fmt.Errorf("words in languages %q: name one, or more once each", f.Languages)
	}
	a := Artwork{label: l, form: f, symbol: symbol}
	return a, a.set()
}

// Width and Height are those of the whole, with its words.
func (a Artwork) Width() Length  { return a.width }
func (a Artwork) Height() Length { return a.height }

// Minimum is the least size this symbol may have.
func (a Artwork) Minimum() Length { return Minimum(a.symbol) }

// Form is how it was asked for.
func (a Artwork) Form() Form { return a.form }

// corner is where the QR code's quiet zone begins, in millimetres from the upper
// left corner of the whole, and pitch the side of a module.
func (a Artwork) corner() (x, y float64) { return 0, (a.height.mm() - a.form.Size.mm()) / 2 }
func (a Artwork) pitch() float64         { return a.form.Size.mm() / float64(a.symbol.Side()) }

// upTo is the least length that mm fits in.
func upTo(mm float64) Length { return Length(math.Ceil(mm*10 - 1e-9)) }
