package qr

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/makiuchi-d/gozxing"
)

func TestNew(t *testing.T) {
	for _, c := range []struct {
		name, text string
		version    int
	}{
		{"14 capitals' host", "HTTPS://REG.EXAMPLE.JP/V/" + code, 2},
		{"the same in small letters", "https://reg.example.jp/v/" + code, 3},
		{"one character", "A", 1},
		{"255 digits", strings.Repeat("1", 255), 6},
		{"255 bytes", strings.Repeat("a", 255), 12},
	} {
		s := newSymbol(t, c.text)
		if s.Version() != c.version || s.Modules() != 17+4*c.version {
			t.Errorf("%s: got version %d of %d modules, want %d of %d", c.name, s.Version(), s.Modules(), c.version, 17+4*c.version)
		}
	}
	for _, c := range []struct{ name, text string }{
		{"nothing", ""},
		{"256 digits", strings.Repeat("1", 256)},
		{"line feed", "A\n"},
		{"delete", "A\x7f"},
		{"accent", "caf\u00e9"},
		{"Japanese", "手形"},
		{"broken UTF-8", "A\xff"},
	} {
		if s, err := New(c.text); err == nil || s.Modules() != 0 {
			t.Errorf("%s: New(%q): got version %d, %v, want an error", c.name, c.text, s.Version(), err)
		}
	}
}

// TestQuiet holds that nothing is printed within four modules of the edge, and
// something just inside, on every side.
func TestQuiet(t *testing.T) {
	s := newSymbol(t, "HTTPS://REG.EXAMPLE.JP/V/"+code)
	for name, img := range map[string]*image.Gray{
		"PNG":      drawnPNG(t, s, 3),
		"SVG":      rasterised(t, s.SVG(), 3*(s.Modules()+8)),
		"terminal": terminalPicture(t, s.Terminal(), 3),
	} {
		if want := image.Rect(0, 0, 3*33, 3*33); img.Rect != want {
			t.Errorf("%s: got %v, want %v", name, img.Rect, want)
		}
		ink := image.Rectangle{Min: img.Rect.Max}
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				if img.GrayAt(x, y).Y < 128 {
					ink.Min = image.Pt(min(ink.Min.X, x), min(ink.Min.Y, y))
					ink.Max = image.Pt(max(ink.Max.X, x+1), max(ink.Max.Y, y+1))
				}
			}
		}
		if want := img.Rect.Inset(3 * 4); ink != want {
			t.Errorf("%s: got ink in %v, want %v", name, ink, want)
		}
	}
}

// TestSame holds that all drawings show the same modules.
func TestSame(t *testing.T) {
	for _, text := range []string{"A", "HTTPS://REG.EXAMPLE.JP/V/" + code, strings.Repeat("a", 255)} {
		s := newSymbol(t, text)
		want := drawnPNG(t, s, 4)
		for name, img := range map[string]*image.Gray{
			"SVG":      rasterised(t, s.SVG(), 4*(s.Modules()+8)),
			"terminal": terminalPicture(t, s.Terminal(), 4),
		} {
			if img.Rect != want.Rect || !bytes.Equal(img.Pix, want.Pix) {
				t.Errorf("%q: %s and PNG differ", text, name)
			}
		}
	}
}

func TestPNG(t *testing.T) {
	s := newSymbol(t, "HTTPS://REG.EXAMPLE.JP/V/"+code)
	for _, scale := range []int{1, 8, 64} {
		b, err := s.PNG(scale)
		if err != nil {
			t.Fatalf("scale %d: %v", scale, err)
		}
		config, err := png.DecodeConfig(bytes.NewReader(b))
		if err != nil || config.Width != 33*scale || config.Height != 33*scale {
			t.Errorf("scale %d: got %d by %d, %v, want %d", scale, config.Width, config.Height, err, 33*scale)
		}
		if config.ColorModel != color.GrayModel || b[24] != 1 {
			t.Errorf("scale %d: got %v of %d bits, want grey of one bit", scale, config.ColorModel, b[24])
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("scale %d: %v", scale, err)
		}
		for y := range 33 * scale {
			for x := range 33 * scale {
				if got, want := img.At(x, y) == (color.Gray{}), s.at(x/scale, y/scale); got != want {
					t.Fatalf("scale %d: pixel %d, %d is black: %t, the symbol says %t", scale, x, y, got, want)
				}
			}
		}
	}
	for _, scale := range []int{-8, 0, 65} {
		if b, err := s.PNG(scale); err == nil || b != nil {
			t.Errorf("scale %d: got %d bytes, %v, want an error", scale, len(b), err)
		}
	}
}

// TestSVG holds that the document is well formed, of shapes only, and has no
// address but its namespace.
func TestSVG(t *testing.T) {
	svg := newSymbol(t, "HTTPS://REG.EXAMPLE.JP/V/"+code).SVG()
	var elements []string
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
		if e, ok := token.(xml.StartElement); ok {
			elements = append(elements, e.Name.Local)
		}
	}
	if got, want := strings.Join(elements, " "), "svg rect path"; got != want {
		t.Errorf("elements: got %s, want %s", got, want)
	}
	if want := `viewBox="0 0 33 33"`; !bytes.Contains(svg, []byte(want)) {
		t.Errorf("got %.120s, want %s", svg, want)
	}
	if got := bytes.Count(svg, []byte("://")); got != 1 {
		t.Errorf("addresses: got %d, want the namespace alone", got)
	}
}

// TestTogether draws one symbol from several goroutines (meant for the race
// detector) and wants the same bytes from each, and from the same text again.
func TestTogether(t *testing.T) {
	text := "HTTPS://REG.EXAMPLE.JP/V/" + code
	all := func(s Symbol) string {
		b, err := s.PNG(8)
		if err != nil {
			t.Error(err)
		}
		return string(s.SVG()) + string(b) + s.Terminal()
	}
	shared := newSymbol(t, text)
	want := all(shared)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			again, err := New(text)
			if err != nil || all(shared) != want || all(again) != want {
				t.Errorf("drawn twice, %v: got other bytes, want the same", err)
			}
		})
	}
	wait.Wait()
}

func FuzzNew(f *testing.F) {
	f.Add("HTTPS://REG.EXAMPLE.JP/V/" + code)
	f.Add("a1B2#0000000000~\\")
	f.Add(strings.Repeat("A1", 128))
	f.Add("手形")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := New(text); err == nil {
			readBack(t, text)
		}
	})
}

// readBack draws text and has gozxing read it as a drawing: looking for symbols
// as in a photograph, it misses a few small symbols ("9TTPS://E", 4 pixels a
// module) that the other decoders see.
func readBack(t *testing.T, text string) {
	t.Helper()
	if got, err := readGozxing(drawnPNG(t, newSymbol(t, text), 4), gozxing.DecodeHintType_PURE_BARCODE); err != nil || got != text {
		t.Errorf("got %q, %v, want %q", got, err, text)
	}
}

// terminalPicture shows a drawing as a terminal does, scale pixels to half a
// line, without the white half line below an odd number of modules.
func terminalPicture(t testing.TB, drawing string, scale int) *image.Gray {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(drawing, "\n"), "\n")
	img := image.NewGray(image.Rect(0, 0, (2*len(lines)-1)*scale, (2*len(lines)-1)*scale))
	for i, line := range lines {
		line, coloured := strings.CutPrefix(line, "\x1b[38;5;16;48;5;231m")
		line, reset := strings.CutSuffix(line, "\x1b[0m")
		cells := []rune(line)
		if !coloured || !reset || len(cells) != 2*len(lines)-1 {
			t.Fatalf("line %d: got %q, want %d cells in colour", i, line, 2*len(lines)-1)
		}
		for x, cell := range cells {
			halves, ok := map[rune][2]uint8{' ': {255, 255}, '▀': {0, 255}, '▄': {255, 0}, '█': {0, 0}}[cell]
			if !ok {
				t.Fatalf("line %d: got %q, want half blocks", i, cell)
			}
			for y := range 2 * scale {
				for dx := range scale {
					img.SetGray(x*scale+dx, 2*i*scale+y, color.Gray{Y: halves[y/scale]})
				}
			}
		}
	}
	return img
}
