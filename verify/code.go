package verify

import (
	"fmt"
	"strings"
)

// A Code names a label or declaration in the registry: 12 symbols of Crockford
// base 32 in capitals, without hyphens. The first 11 are random (55 bits), the
// last is a check over GF(32) that catches every single wrong symbol and every
// swap of two. The zero Code is the empty string and names nothing.
type Code string

const (
	codeLen     = 12
	codeSymbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// A CodeError says what is wrong with a text that is not a code.
type CodeError struct {
	Rule     FaultRule // CodeLength, CodeSymbol or CodeCheck
	Length   int       // symbols found, for CodeLength
	Symbol   rune      // the first symbol that cannot stand, for CodeSymbol
	Position int       // its place, counted from 1, hyphens and spaces left out
}

func (e *CodeError) Error() string {
	switch e.Rule {
	case CodeLength:
		return fmt.Sprintf("a code has %d symbols, this has %d", codeLen, e.Length)
	case CodeSymbol:
		return fmt.Sprintf("symbol %d, %q, is never used in a code", e.Position, e.Symbol)
	default:
		return "the check symbol does not fit: one or two symbols are mistaken"
	}
}

// Detail is what the error's message is about, in no language.
func (e *CodeError) Detail() string {
	switch e.Rule {
	case CodeLength:
		return fmt.Sprint(e.Length)
	case CodeSymbol:
		return string(e.Symbol)
	}
	return ""
}

// ParseCode reads a code as a person types it: in any case, with or without
// hyphens or spaces, O read as 0, I and L as 1. The error is a [*CodeError].
func ParseCode(s string) (Code, error) {
	var out [codeLen]byte
	n := 0
	for _, r := range s {
		if r == '-' || r == ' ' {
			continue
		}
		v := codeValue(r)
		if v < 0 {
			return "", &CodeError{Rule: CodeSymbol, Symbol: r, Position: n + 1}
		}
		if n < codeLen {
			out[n] = codeSymbols[v]
		}
		n++
	}
	if n != codeLen {
		return "", &CodeError{Rule: CodeLength, Length: n}
	}
	if codeSum(string(out[:])) != 0 {
		return "", &CodeError{Rule: CodeCheck}
	}
	return Code(out[:]), nil
}

// NewCode returns the code whose first 11 symbols are the low 55 bits of
// random, a big-endian number.
func NewCode(random [7]byte) Code {
	var bits uint64
	for _, b := range random {
		bits = bits<<8 | uint64(b)
	}
	var out [codeLen]byte
	for i := range codeLen - 1 {
		out[i] = codeSymbols[bits>>(5*(codeLen-2-i))&31]
	}
	out[codeLen-1] = codeSymbols[timesX(codeSum(string(out[:codeLen-1])))]
	return Code(out[:])
}

// Printed returns the code as it is printed for people: 7K3M-Q2ZT-9XWE.
func (c Code) Printed() string {
	if len(c) != codeLen {
		return string(c)
	}
	return string(c[:4] + "-" + c[4:8] + "-" + c[8:])
}

// UnmarshalText takes the one spelling that is signed and stored: 12 capitals
// without hyphens.
func (c *Code) UnmarshalText(b []byte) error {
	parsed, err := ParseCode(string(b))
	if err != nil {
		return err
	}
	for i, r := range string(b) {
		if i >= codeLen || r != rune(parsed[i]) {
			return &CodeError{Rule: CodeSymbol, Symbol: r, Position: i + 1}
		}
	}
	*c = parsed
	return nil
}

// codeValue returns the value of a symbol as typed, or -1.
func codeValue(r rune) int {
	if 'a' <= r && r <= 'z' {
		r -= 'a' - 'A'
	}
	switch r {
	case 'O':
		return 0
	case 'I', 'L':
		return 1
	}
	return strings.IndexRune(codeSymbols, r)
}

// codeSum folds acc = x·acc + value over the symbols, in GF(32) with the
// polynomial x⁵+x²+1. Over a whole code it is 0.
func codeSum(symbols string) byte {
	var acc byte
	for i := range len(symbols) {
		acc = timesX(acc) ^ byte(strings.IndexByte(codeSymbols, symbols[i]))
	}
	return acc
}

func timesX(v byte) byte {
	v <<= 1
	if v&32 != 0 {
		v ^= 0b100101
	}
	return v
}
