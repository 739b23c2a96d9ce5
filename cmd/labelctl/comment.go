package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tailscale/hujson"
)

// uncommented returns the JSON in a file as people write it: with comments and
// trailing commas (JWCC), which are taken out together with the white space, so
// that the same statement always gives the same bytes. JSON without them stays
// as it is, byte for byte.
//
// A comment ends where a line does, and what an editor shows as another line, or
// in another place, would be taken out with it unseen. So a file with comments
// has no line ends but LF and CR LF (hujson refuses those of Unicode), and
// nothing that turns the direction of text.
func uncommented(text []byte) ([]byte, error) {
	v, err := hujson.Parse(append(slices.Clip(text), '\n')) // where a last comment may end
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "hujson: "))
	}
	if v.IsStandard() {
		return text, nil
	}
	lines := bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	if i := bytes.IndexFunc(lines, deceiving); i >= 0 {
		return nil, fmt.Errorf("line %d has a character that makes comments end elsewhere than they seem to", 1+bytes.Count(lines[:i], []byte("\n")))
	}
	v.Minimize()
	return v.Pack(), nil
}

func deceiving(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\n' || unicode.Is(unicode.Bidi_Control, r)
}
