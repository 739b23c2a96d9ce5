package qr

import "strconv"

// SVG draws the symbol as a whole SVG document, one unit of its viewBox a
// module. It has no size of its own and scales to whatever shows it. It names
// itself in no language either: the page that shows it says what it is.
//
// All black runs are one path, since neighbouring shapes drawn apart show white
// seams where they do not fall on whole pixels.
func (s Symbol) SVG() []byte {
	side := strconv.Itoa(s.Side())
	out := make([]byte, 0, 256+8*len(s.black))
	out = append(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `+side+` `+side+`" shape-rendering="crispEdges">`+
		`<rect width="`+side+`" height="`+side+`" fill="#fff"/><path d="`...)
	out = s.AppendPath(out)
	return append(out, "\"/></svg>\n"...)
}

// AppendPath appends the outlines of all black runs as the data of an SVG path,
// one unit a module, from the outer corner of the quiet zone.
func (s Symbol) AppendPath(out []byte) []byte {
	for r := range s.Runs() {
		out = strconv.AppendInt(append(out, 'M'), int64(r.X), 10)
		out = strconv.AppendInt(append(out, ' '), int64(r.Y), 10)
		out = strconv.AppendInt(append(out, 'h'), int64(r.N), 10)
		out = strconv.AppendInt(append(out, "v1h-"...), int64(r.N), 10)
		out = append(out, 'z')
	}
	return out
}
