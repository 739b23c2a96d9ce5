package qr

import "strings"

// Terminal draws the symbol for a terminal of 256 colours: one column a module,
// two rows of modules a line, a line feed after each line. Ink and ground are
// the fixed black and white of the colour cube, which no theme changes, so that
// a camera reads it on a dark terminal as on a light one.
func (s Symbol) Terminal() string {
	const (
		inkOnPaper = "\x1b[38;5;16;48;5;231m"
		reset      = "\x1b[0m\n"
	)
	var out strings.Builder
	for y := 0; y < s.Side(); y += 2 {
		out.WriteString(inkOnPaper)
		for x := range s.Side() {
			switch upper, lower := s.at(x, y), s.at(x, y+1); {
			case upper && lower:
				out.WriteRune('█')
			case upper:
				out.WriteRune('▀')
			case lower:
				out.WriteRune('▄')
			default:
				out.WriteByte(' ')
			}
		}
		out.WriteString(reset)
	}
	return out.String()
}
