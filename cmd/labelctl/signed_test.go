package main

import (
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// readqr PICTURE NAME: sets NAME to the text of the signed QR code in the
// picture, NAME_CHANGED to the same with a letter of its signature changed, and
// NAME_OTHER to its signature behind the address of another code.
func readQR(ts *testscript.TestScript, _ bool, args []string) {
	texts, err := readSymbols([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	if len(texts) == 0 {
		ts.Fatalf("%s shows no QR code", args[0])
	}
	text, name := texts[0], args[1]
	at, other := len(text)-10, "A"
	if text[at] == 'A' {
		other = "B"
	}
	_, token, _ := strings.Cut(text, "#")
	ts.Setenv(name, text)
	ts.Setenv(name+"_CHANGED", text[:at]+other+text[at+1:])
	ts.Setenv(name+"_OTHER", "HTTPS://LABELS.EXAMPLE/V/000000000012#"+token)
}
