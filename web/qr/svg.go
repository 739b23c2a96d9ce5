package qr

import "strconv"

// SVG draws the symbol as a whole SVG document, one unit of its viewBox a
// module. It has no size of its own and scales to whatever shows it. It names
// itself in no language either: the page that shows it says what it is.
//
// All black runs are one path, since neighbouring shapes drawn apart show white
// seams where they do not fall on whole pixels.
func (s Symbol) SVG() []byte {
	side := strconv.Itoa(s.side())
	out := make([]byte, 0, 256+8*len(s.black))
	out = append(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `+side+` `+side+`" shape-rendering="crispEdges">`+
		`<rect width="`+side+`" height="`+side+`" fill="#fff"/><path d="`...)
	for y := range s.side() {
		for x := 0; x < s.side(); x++ {
			from := x
			for s.at(x, y) {
				x++
			}
			if x > from {
				out = appendRun(out, from, y, x-from)
			}
		}
	}
	return append(out, "\"/></svg>\n"...)
}

// appendRun appends the outline of n black modules that begin at column x of
// row y.
func appendRun(out []byte, x, y, n int) []byte {
	out = strconv.AppendInt(append(out, 'M'), int64(x), 10)
	out = strconv.AppendInt(append(out, ' '), int64(y), 10)
	out = strconv.AppendInt(append(out, 'h'), int64(n), 10)
	out = strconv.AppendInt(append(out, "v1h-"...), int64(n), 10)
	return append(out, 'z')
}
