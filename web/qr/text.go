package qr

import (
	"fmt"
	"strconv"
	"strings"

	"tegata/verify"
)

// Text is what the symbol on a label holds: HTTPS://HOST/V/CODE in capitals,
// which QR's alphanumeric mode writes in 5.5 bits a character where lower case
// takes 8. With a host of up to 30 characters the symbol is at most version 3.
//
// The host may end in a port. It is refused if its name is not letters, digits
// and hyphens between dots (RFC 1123 2.1), and so cannot stand in alphanumeric
// mode: an international name goes in its xn-- form, a bracketed IPv6 address
// does not go at all. The code may be spelt as [verify.ParseCode] reads it. The
// whole may have 255 characters.
func Text(host, code string) (string, error) {
	c, err := verify.ParseCode(code)
	if err != nil {
		return "", fmt.Errorf("code %q: %w", code, err)
	}
	if err := checkHost(host); err != nil {
		return "", err
	}
	text := "HTTPS://" + strings.ToUpper(host) + "/V/" + string(c)
	if len(text) > maxText {
		return "", fmt.Errorf("host %q makes a text of %d characters, more than %d", host, len(text), maxText)
	}
	return text, nil
}

func checkHost(host string) error {
	name, port, hasPort := strings.Cut(host, ":")
	if hasPort {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 || port[0] == '0' {
			return fmt.Errorf("host %q: port %q is not a number from 1 to 65535", host, port)
		}
	}
	for label := range strings.SplitSeq(name, ".") {
		if !hostLabel(label) {
			return fmt.Errorf("host %q: %q is not 1 to 63 letters, digits and inner hyphens", host, label)
		}
	}
	return nil
}

func hostLabel(s string) bool {
	if len(s) == 0 || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-':
		default:
			return false
		}
	}
	return true
}
