package artwork

import (
	"fmt"
	"strconv"
	"strings"
)

// A Length is in tenths of a millimetre.
type Length int

// Millimetre is the unit people give lengths in.
const Millimetre Length = 10

// ParseLength reads millimetres as people write them: 20, 12.5. There is at most
// one decimal, after a full stop, and at most four digits before it.
func ParseLength(s string) (Length, error) {
	whole, tenth, split := strings.Cut(s, ".")
	if !split {
		tenth = "0"
	}
	n, err := strconv.ParseUint(whole+tenth, 10, 32)
	if err != nil || whole == "" || len(whole) > 4 || len(tenth) != 1 {
		return 0, fmt.Errorf("%.20q is not a number of millimetres such as 20 or 12.5", s)
	}
	return Length(n), nil
}

// String writes millimetres without the unit: 20, 12.5.
func (l Length) String() string { return strconv.FormatFloat(l.mm(), 'f', -1, 64) }

func (l Length) mm() float64 { return float64(l) / float64(Millimetre) }
