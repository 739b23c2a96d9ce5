package qr

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"sync"
)

// maxScale bounds a module's side in pixels: 64 is 5.4 mm at 300 dpi.
const maxScale = 64

// PNG draws the symbol with scale pixels to the side of a module, 1 to 64, in
// black and white of one bit.
//
// Each row of pixels but the first of a row of modules is the one above it, and
// says so (filter type 2, Up), so that there is next to nothing to compress: the
// image library, which writes every row out, took two thirds of the time.
func (s Symbol) PNG(scale int) ([]byte, error) {
	if scale < 1 || scale > maxScale {
		return nil, fmt.Errorf("a module is 1 to %d pixels wide, not %d", maxScale, scale)
	}
	side := s.Side() * scale
	var out bytes.Buffer
	out.WriteString("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(nil, uint32(side))
	head = binary.BigEndian.AppendUint32(head, uint32(side))
	chunk(&out, "IHDR", append(head, 1, 0, 0, 0, 0)) // one bit of grey: 1 is white
	data, err := s.compressed(scale, side)
	if err != nil {
		return nil, err
	}
	chunk(&out, "IDAT", data)
	chunk(&out, "IEND", nil)
	return out.Bytes(), nil
}

// chunk writes one chunk (PNG, third edition, 5.3).
func chunk(out *bytes.Buffer, kind string, data []byte) {
	b := binary.BigEndian.AppendUint32(out.AvailableBuffer(), uint32(len(data)))
	b = append(append(b, kind...), data...)
	out.Write(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
}

// Types of filter that begin a row (PNG, 9.2).
const filterUp = 2

// compressed returns the rows of pixels, filtered and compressed.
func (s Symbol) compressed(scale, side int) ([]byte, error) {
	width := (side + 7) / 8
	above, row := make([]byte, width), make([]byte, width)
	first, again := make([]byte, 1+width), make([]byte, 1+width)
	first[0], again[0] = filterUp, filterUp
	var out bytes.Buffer
	w, _ := compressors.Get().(*zlib.Writer)
	if w == nil {
		w, _ = zlib.NewWriterLevel(nil, zlib.BestSpeed) // the level is one there is
	}
	defer compressors.Put(w)
	w.Reset(&out)
	for y := range s.Side() {
		s.row(row, y, scale)
		for i := range row {
			first[1+i] = row[i] - above[i]
		}
		above, row = row, above
		if _, err := w.Write(first); err != nil {
			return nil, err
		}
		for range scale - 1 {
			if _, err := w.Write(again); err != nil {
				return nil, err
			}
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// row sets a row of pixels, eight a byte: white ones are 1.
func (s Symbol) row(row []byte, y, scale int) {
	for i := range row {
		row[i] = 0xff
	}
	for x := range s.Side() {
		if !s.at(x, y) {
			continue
		}
		for p := x * scale; p < (x+1)*scale; p++ {
			row[p/8] &^= 0x80 >> (p % 8)
		}
	}
}

// compressors are kept: their tables cost more than a label's picture.
var compressors sync.Pool
