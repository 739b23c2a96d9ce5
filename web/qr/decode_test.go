package qr

import (
	"fmt"
	"image"
	"math/rand/v2"
	"strings"
	"testing"
)

// labelDots is the width of a symbol printed at 8 mm, 300 dots to the inch: 3.3
// dots a module in version 3.
const labelDots = 8 / 25.4 * 300

// TestDecode draws labels for hosts of 4 to 30 characters and has four decoders
// read them: as drawn, at 8 mm as a 300 dpi printer blurs them, and askew, each
// from the PNG and from the SVG; and the SVG drawn straight at 8 mm, where
// modules come out 3 or 4 dots wide.
func TestDecode(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var pictures []picture
	for length := 4; length <= 30; length++ {
		text := labelText(t, random, length)
		s := newSymbol(t, text)
		width := labelDots * float64(s.Side()) / float64(s.Modules())
		for form, img := range map[string]*image.Gray{"png": drawnPNG(t, s, 8), "svg": rasterised(t, s.SVG(), 500)} {
			name := fmt.Sprintf("%s-%d", form, length)
			pictures = append(pictures,
				picture{name, img, text},
				picture{name + "-8mm", shrunk(img, width), text},
				picture{name + "-7degrees", turned(img, 7), text})
		}
		pictures = append(pictures, picture{fmt.Sprintf("svg-%d-8mm-direct", length), rasterised(t, s.SVG(), int(width)), text})
	}
	readAll(t, pictures)
}

// TestDecodeText does the same for what is not a label's text: each mode and
// mixtures of them, up to the longest.
func TestDecodeText(t *testing.T) {
	var printable strings.Builder
	for c := ' '; c <= '~'; c++ {
		printable.WriteRune(c)
	}
	var pictures []picture
	for i, text := range []string{
		"0",
		"A",
		"a",
		" ",
		"~",
		strings.Repeat("7", maxText),
		strings.Repeat("Z", maxText),
		strings.Repeat("z", maxText),
		strings.Repeat(printable.String(), 3)[:maxText],
		"HTTPS://REG.EXAMPLE.JP/V/7K3MQ2ZT9XWE#" + strings.Repeat("0123456789", 21),
	} {
		s := newSymbol(t, text)
		for form, img := range map[string]*image.Gray{"png": drawnPNG(t, s, 5), "svg": rasterised(t, s.SVG(), 5*s.Side())} {
			pictures = append(pictures, picture{fmt.Sprintf("%s-text-%d", form, i), img, text})
		}
	}
	readAll(t, pictures)
}

func newSymbol(t testing.TB, text string) Symbol {
	t.Helper()
	s, err := New(text)
	if err != nil {
		t.Fatalf("New(%q): %v", text, err)
	}
	return s
}

func drawnPNG(t testing.TB, s Symbol, scale int) *image.Gray {
	t.Helper()
	b, err := s.PNG(scale)
	if err != nil {
		t.Fatal(err)
	}
	return readPicture(t, b)
}
