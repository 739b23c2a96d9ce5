package verify

import (
	"fmt"
	"strings"
)

// A GTIN is a trade item number of 14 digits; shorter ones are filled up with
// zeros in front, so that two spellings of one number compare equal.
type GTIN string

// ParseGTIN reads a GTIN-8, -12, -13 or -14. A wrong check digit is an error:
// the number was misread. An indicator digit (the first of 14, where not 0)
// makes another trade item, so it is kept.
func ParseGTIN(s string) (GTIN, error) {
	switch len(s) {
	case 8, 12, 13, 14:
	default:
		return "", fmt.Errorf("%q is not a GTIN: it has 8, 12, 13 or 14 digits", s)
	}
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i]) - '0'
		if d < 0 || d > 9 {
			return "", fmt.Errorf("%q is not a GTIN: digits only", s)
		}
		if i%2 == 1 {
			d *= 3
		}
		sum += d
	}
	if sum%10 != 0 {
		return "", fmt.Errorf("%q is not a GTIN: its check digit does not fit", s)
	}
	return GTIN(strings.Repeat("0", 14-len(s)) + s), nil
}
