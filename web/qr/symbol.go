// Package qr draws the QR codes of labels: as SVG for print, as PNG where
// vectors are not taken, as text for a terminal. Every drawing keeps the quiet
// zone, and the same symbol always gives the same bytes.
package qr

import (
	"fmt"
	"iter"

	qrcode "github.com/skip2/go-qrcode"
)

const (
	// maxText bounds what a symbol holds. From 256 bytes on the encoder leaves
	// versions 1 to 9 out, however short the text would come in mixed modes.
	maxText = 255

	// quiet is the width of the blank border in modules that ISO/IEC 18004 asks for.
	quiet = 4
)

// A Symbol is a QR code as a square of modules, black or white. It does not
// change once made, and may be drawn by several goroutines at once. The zero
// Symbol is a quiet zone around nothing.
type Symbol struct {
	version int
	modules int
	black   []bool // row by row, without the quiet zone
}

// A Level is how much of a symbol may be lost: the more, the more modules it has
// (ISO/IEC 18004). L is not offered: 7 % is little on a thing that is handled.
type Level string

const (
	LevelM Level = "M" // about 15 %
	LevelQ Level = "Q" // about 25 %
	LevelH Level = "H" // about 30 %
)

// Levels lists them all, the least first.
var Levels = []Level{LevelM, LevelQ, LevelH}

// recovery is what the encoder calls the levels.
var recovery = map[Level]qrcode.RecoveryLevel{LevelM: qrcode.Medium, LevelQ: qrcode.High, LevelH: qrcode.Highest}

// New returns the smallest symbol found for text at [LevelM]. The text is 1 to
// 255 printable ASCII characters: readers guess at the encoding of anything
// else, and guess differently.
func New(text string) (Symbol, error) { return NewAt(text, LevelM) }

// NewAt returns the smallest symbol found for text at a level, as [New] does.
func NewAt(text string, level Level) (Symbol, error) {
	if _, ok := recovery[level]; !ok {
		return Symbol{}, fmt.Errorf("error correction level %q is none of %v", string(level), Levels)
	}
	if len(text) == 0 || len(text) > maxText {
		return Symbol{}, fmt.Errorf("a symbol holds 1 to %d characters, this text has %d", maxText, len(text))
	}
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			return Symbol{}, fmt.Errorf("byte %#02x at %d is not printable ASCII", c, i)
		}
	}
	return encode(text, level)
}

// encode asks the encoder once and copies what it needs: each Bitmap works the
// whole symbol out again and hands out its own memory. A panic there becomes an
// error.
func encode(text string, level Level) (s Symbol, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			s, err = Symbol{}, fmt.Errorf("encoding %q: %v", text, fault)
		}
	}()
	code, err := qrcode.New(text, recovery[level])
	if err != nil {
		return Symbol{}, fmt.Errorf("encoding %q: %w", text, err)
	}
	code.DisableBorder = true
	rows := code.Bitmap()
	s = Symbol{version: code.VersionNumber, modules: len(rows)}
	for _, row := range rows {
		s.black = append(s.black, row...)
	}
	return s, nil
}

// Version is the symbol's version, 1 to 40: each step up adds 4 modules.
func (s Symbol) Version() int { return s.version }

// Modules is the length of a side in modules, without the quiet zone.
func (s Symbol) Modules() int { return s.modules }

// Side is the length of a side in modules, with the quiet zone.
func (s Symbol) Side() int { return s.modules + 2*quiet }

// A Run is N black modules side by side, the first in column X of row Y, both
// counted from 0 at the outer corner of the quiet zone.
type Run struct{ X, Y, N int }

// Runs yields all black runs, row by row: what any drawing of shapes is made of.
func (s Symbol) Runs() iter.Seq[Run] {
	return func(yield func(Run) bool) {
		for y := range s.Side() {
			for x := 0; x < s.Side(); x++ {
				from := x
				for s.at(x, y) {
					x++
				}
				if x > from && !yield(Run{from, y, x - from}) {
					return
				}
			}
		}
	}
}

// at reports whether the module at column x and row y is black, both counted
// from 0 at the outer corner of the quiet zone. Outside the symbol none is.
func (s Symbol) at(x, y int) bool {
	x, y = x-quiet, y-quiet
	return 0 <= x && x < s.modules && 0 <= y && y < s.modules && s.black[y*s.modules+x]
}
