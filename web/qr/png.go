package qr

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"sync"
)

// maxScale bounds a module's side in pixels: 64 is 5.4 mm at 300 dpi.
const maxScale = 64

// PNG draws the symbol with scale pixels to the side of a module, 1 to 64, in
// two colours of one bit.
func (s Symbol) PNG(scale int) ([]byte, error) {
	if scale < 1 || scale > maxScale {
		return nil, fmt.Errorf("a module is 1 to %d pixels wide, not %d", maxScale, scale)
	}
	var out bytes.Buffer
	encoder := png.Encoder{BufferPool: &pngBuffers}
	if err := encoder.Encode(&out, s.pixels(scale)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// pixels is a symbol as an image: palette indexes row by row. The rows of one
// module are the same memory, so that a large drawing costs little.
type pixels [][]uint8

func (s Symbol) pixels(scale int) pixels {
	side := s.Side() * scale
	rows := make(pixels, 0, side)
	for y := range s.Side() {
		row := make([]uint8, side)
		for x := range row {
			if s.at(x/scale, y) {
				row[x] = 1
			}
		}
		for range scale {
			rows = append(rows, row)
		}
	}
	return rows
}

var ink = color.Palette{color.White, color.Black}

func (p pixels) ColorModel() color.Model     { return ink }
func (p pixels) Bounds() image.Rectangle     { return image.Rect(0, 0, len(p), len(p)) }
func (p pixels) At(x, y int) color.Color     { return ink[p[y][x]] }
func (p pixels) ColorIndexAt(x, y int) uint8 { return p[y][x] }

// pngBuffers keeps the compressor, whose tables cost more than a label's
// picture.
var pngBuffers bufferPool

type bufferPool struct{ pool sync.Pool }

func (p *bufferPool) Get() *png.EncoderBuffer {
	b, _ := p.pool.Get().(*png.EncoderBuffer)
	return b
}

func (p *bufferPool) Put(b *png.EncoderBuffer) { p.pool.Put(b) }
