package qr

import (
	"fmt"
	"strings"
)

// Signed is what the larger symbol holds that can be checked without network:
// HTTPS://HOST/V/CODE#TOKEN, where TOKEN is what the registry signed of the code.
// It stands in the fragment, which a browser never sends to the server. Host and
// code are as in [Text].
//
// The token is a compact JWS: three runs of letters, digits, hyphens and low
// lines with full stops between (RFC 7515, section 3.1). It takes both cases, so
// the symbol is at version 11 or so, twice as wide as that of [Text]. The whole
// may have 255 characters; a token that is too long for its host is refused with
// the number there are.
func Signed(host, code, token string) (string, error) {
	text, err := Text(host, code)
	if err != nil {
		return "", err
	}
	parts := strings.Split(token, ".")
	for _, p := range parts {
		if len(parts) != 3 || p == "" || strings.ContainsFunc(p, outsideToken) {
			return "", fmt.Errorf("%.80q is not a compact JWS", token)
		}
	}
	if text += "#" + token; len(text) > maxText {
		return "", fmt.Errorf("host %q and a token of %d characters make a text of %d, more than %d: "+
			"the signed symbol needs a shorter host, registration number or party id", host, len(token), len(text), maxText)
	}
	return text, nil
}

func outsideToken(r rune) bool {
	return !('0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || r == '-' || r == '_')
}
