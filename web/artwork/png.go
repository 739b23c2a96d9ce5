package artwork

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"slices"

	"golang.org/x/image/vector"
)

// Resolutions lists those that PNG is drawn at, in dots to the inch.
var Resolutions = []int{300, 600}

// inch is one in millimetres.
const inch = 25.4

// PNG draws the artwork at so many dots to the inch, one of [Resolutions], and
// writes that into the file (its pHYs chunk), so that it is printed at its size.
// Edges of modules fall on whole dots, as a printer's do, each on the nearest:
// neighbouring modules may differ by one dot, and the whole keeps its size.
func (a Artwork) PNG(dpi int) ([]byte, error) {
	if !slices.Contains(Resolutions, dpi) {
		return nil, fmt.Errorf("%d dots to the inch are none of %v", dpi, Resolutions)
	}
	scale := float64(dpi) / inch
	dots := func(mm float64) int { return int(math.Round(mm * scale)) }
	img := image.NewGray(image.Rect(0, 0, dots(a.width.mm()), dots(a.height.mm())))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	x, y := a.corner()
	edge := func(from float64, n int) int { return dots(from + float64(n)*a.pitch()) }
	for r := range a.symbol.Runs() {
		black := image.Rect(edge(x, r.X), edge(y, r.Y), edge(x, r.X+r.N), edge(y, r.Y+1))
		draw.Draw(img, black, image.Black, image.Point{}, draw.Src)
	}
	if err := a.letter(img, scale); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, err
	}
	return withDensity(out.Bytes(), dpi), nil
}

// letter draws the words.
func (a Artwork) letter(img *image.Gray, scale float64) error {
	t, err := letters()
	if err != nil {
		return err
	}
	ink := image.NewUniform(color.Black)
	for _, l := range a.lines {
		size := l.size * scale
		// Only the band of this line is worked on.
		top := max(int((l.y-l.size)*scale), 0)
		band := image.Rect(0, top, img.Rect.Dx(), min(int((l.y+l.size)*scale)+1, img.Rect.Dy()))
		v := vector.NewRasterizer(band.Dx(), band.Dy())
		at := func(x, y float64) (float32, float32) {
			return float32(l.x*scale + x*size), float32(l.y*scale + y*size - float64(top))
		}
		err := t.draw(l.text, pen{
			move: func(x, y float64) { v.MoveTo(at(x, y)) },
			line: func(x, y float64) { v.LineTo(at(x, y)) },
			curve: func(cx, cy, x, y float64) {
				bx, by := at(cx, cy)
				ex, ey := at(x, y)
				v.QuadTo(bx, by, ex, ey)
			},
			close: v.ClosePath,
		})
		if err != nil {
			return err
		}
		v.Draw(img, band, ink, image.Point{})
	}
	return nil
}

// header is how long what stands before a PNG's second chunk is: the signature
// and IHDR (PNG, third edition, 5.2 and 11.2.1).
const header = 8 + 4 + 4 + 13 + 4

// withDensity writes the pHYs chunk (11.3.4.3), which the encoder does not: dots
// to the metre.
func withDensity(file []byte, dpi int) []byte {
	perMetre := uint32(math.Round(float64(dpi) / inch * 1000))
	chunk := binary.BigEndian.AppendUint32(nil, 9)
	chunk = append(chunk, "pHYs"...)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(chunk, 1) // the unit is the metre
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return slices.Insert(file, header, chunk...)
}
