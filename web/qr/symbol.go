// Package qr draws the QR codes of labels: as SVG for print, as PNG where
// vectors are not taken, as text for a terminal. Every drawing keeps the quiet
// zone, and the same symbol always gives the same bytes.
package qr

import (
	"fmt"

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

// New returns the smallest symbol found for text at error correction level M,
// which survives the loss of about 15 % of the label. The text is 1 to 255
// printable ASCII characters: readers guess at the encoding of anything else,
// and guess differently.
func New(text string) (Symbol, error) {
	if len(text) == 0 || len(text) > maxText {
		return Symbol{}, fmt.Errorf("a symbol holds 1 to %d characters, this text has %d", maxText, len(text))
	}
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			return Symbol{}, fmt.Errorf("byte %#02x at %d is not printable ASCII", c, i)
		}
	}
	return encode(text)
}

// encode asks the encoder once and copies what it needs: each Bitmap works the
// whole symbol out again and hands out its own memory. A panic there becomes an
// error.
func encode(text string) (s Symbol, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			s, err = Symbol{}, fmt.Errorf("encoding %q: %v", text, fault)
		}
	}()
	code, err := qrcode.New(text, qrcode.Medium)
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

// side is the length of a side in modules, with the quiet zone.
func (s Symbol) side() int { return s.modules + 2*quiet }

// at reports whether the module at column x and row y is black, both counted
// from 0 at the outer corner of the quiet zone. Outside the symbol none is.
func (s Symbol) at(x, y int) bool {
	x, y = x-quiet, y-quiet
	return 0 <= x && x < s.modules && 0 <= y && y < s.modules && s.black[y*s.modules+x]
}
