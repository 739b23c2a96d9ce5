package main

import (
	"net/url"
	"strings"

	"tegata/verify"
)

// codeOf reads a code as people have it: typed, or as the address that a QR code
// leads to, https://HOST/v/CODE in any case, whose host it returns too. The
// error is that of [verify.ParseCode].
func codeOf(text string) (code verify.Code, host string, err error) {
	text = strings.TrimSpace(text)
	if u, failed := url.Parse(text); failed == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		if head, rest, ok := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/"); ok && strings.EqualFold(head, "v") {
			code, err = verify.ParseCode(rest)
			return code, strings.ToLower(u.Host), err
		}
	}
	code, err = verify.ParseCode(text)
	return code, "", err
}
