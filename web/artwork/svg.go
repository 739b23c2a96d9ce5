package artwork

import (
	"strconv"
)

// SVG draws the artwork as a whole SVG document whose width and height are in
// millimetres, as is its viewBox. The words are outlines, so that they look the
// same wherever it is opened; the title names the code.
func (a Artwork) SVG() ([]byte, error) {
	t, err := letters()
	if err != nil {
		return nil, err
	}
	w, h := a.width.String(), a.height.String()
	out := append([]byte(nil), `<svg xmlns="http://www.w3.org/2000/svg" width="`+w+`mm" height="`+h+`mm" viewBox="0 0 `+w+` `+h+`">`+
		`<title>`+a.label.Code.Printed()+`</title><rect width="`+w+`" height="`+h+`" fill="#fff"/>`...)
	x, y := a.corner()
	out = append(appendTransform(out, x, y, a.pitch()), ` shape-rendering="crispEdges" d="`...)
	out = append(a.symbol.AppendPath(out), `"/>`...)
	for _, l := range a.lines {
		// In units of the font, which are whole numbers or halves of them.
		units := float64(t.font.UnitsPerEm())
		out = append(appendTransform(out, l.x, l.y, l.size/units), ` d="`...)
		to := func(op byte, at ...float64) {
			out = append(out, op)
			for i, v := range at {
				if i > 0 {
					out = append(out, ' ')
				}
				out = appendNumber(out, v*units, 1)
			}
		}
		err := t.draw(l.text, pen{
			move:  func(x, y float64) { to('M', x, y) },
			line:  func(x, y float64) { to('L', x, y) },
			curve: func(cx, cy, x, y float64) { to('Q', cx, cy, x, y) },
			close: func() { to('Z') },
		})
		if err != nil {
			return nil, err
		}
		out = append(out, `"/>`...)
	}
	return append(out, "</svg>\n"...), nil
}

// appendTransform begins a path that is drawn from x, y, at scale.
func appendTransform(out []byte, x, y, scale float64) []byte {
	out = appendNumber(append(out, `<path transform="translate(`...), x, 4)
	out = appendNumber(append(out, ' '), y, 4)
	out = appendNumber(append(out, ") scale("...), scale, 9)
	return append(out, `)"`...)
}

// appendNumber appends v with at most so many decimals.
func appendNumber(out []byte, v float64, decimals int) []byte {
	out = strconv.AppendFloat(out, v, 'f', decimals, 64)
	for out[len(out)-1] == '0' {
		out = out[:len(out)-1]
	}
	if out[len(out)-1] == '.' {
		out = out[:len(out)-1]
	}
	return out
}
