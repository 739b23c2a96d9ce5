package qr

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"os/exec"
	"strings"
	"testing"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
)

// sealedText is the text of a token sealed with a fresh key, and the token.
func sealedText(t testing.TB, s *envelope.Signer, host string, token status.Token) (text, sealed string) {
	t.Helper()
	sealed, err := token.Seal(s)
	if err != nil {
		t.Fatal(err)
	}
	if text, err = Signed(host, string(token.Code), sealed); err != nil {
		t.Fatal(err)
	}
	return text, sealed
}

func signer(t testing.TB) *envelope.Signer {
	t.Helper()
	s, err := envelope.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSignedDecode has four decoders read signed symbols, as drawn and askew,
// from the PNG and from the SVG: with the shortest claims, those of a label, and
// as many as fit.
func TestSignedDecode(t *testing.T) {
	s := signer(t)
	day := verify.Date{Year: 2028, Month: 3, Day: 31}
	var pictures []picture
	for i, c := range []struct {
		host  string
		token status.Token
	}{
		{"a.jp", status.Token{Code: code, By: "x"}},
		{"reg.example.jp", status.Token{Code: code, Number: "DEMO-2026-000123", Expires: day, Status: 471199, By: "ipa"}},
		{"labels.example", status.Token{Code: code, Number: "DEMO-2026-000123456", Expires: day, Status: 1048575, By: "ipa"}},
	} {
		text, _ := sealedText(t, s, c.host, c.token)
		symbol := newSymbol(t, text)
		if symbol.Version() > 12 {
			t.Errorf("%s: got version %d, want at most 12", text, symbol.Version())
		}
		for form, img := range map[string]*image.Gray{"png": drawnPNG(t, symbol, 6), "svg": rasterised(t, symbol.SVG(), 6*symbol.Side())} {
			name := fmt.Sprintf("signed-%s-%d", form, i)
			pictures = append(pictures, picture{name, img, text}, picture{name + "-7degrees", turned(img, 7), text})
		}
	}
	readAll(t, pictures)
}

// TestSignedJOSE has npm's jose verify what stands after the mark, and finds what
// was sealed.
func TestSignedJOSE(t *testing.T) {
	s := signer(t)
	token := status.Token{Code: code, Number: "DEMO-2026-000123", Expires: verify.Date{Year: 2028, Month: 3, Day: 31}, Status: 4711, By: "ipa"}
	text, sealed := sealedText(t, s, "reg.example.jp", token)
	address, fragment, _ := strings.Cut(text, "#")
	if want := "HTTPS://REG.EXAMPLE.JP/V/" + code; address != want || fragment != sealed {
		t.Fatalf("got %s and %s, want %s and %s", address, fragment, want, sealed)
	}
	jwk, err := json.Marshal(s.Key().JWK())
	if err != nil {
		t.Fatal(err)
	}
	changed := []byte(fragment)
	if at := len(changed) - 10; changed[at] == 'A' {
		changed[at] = 'B'
	} else {
		changed[at] = 'A'
	}
	for _, c := range []struct{ token, want string }{
		{fragment, `{"alg":"EdDSA","kid":"` + string(s.Key().ID())[:6] + `"} ` + string(token.Payload())},
		{string(changed), "refused"},
	} {
		node := exec.Command(tool(t, "node"), "testdata/jose.mjs", string(jwk), c.token)
		var stderr bytes.Buffer
		node.Stderr = &stderr
		out, err := node.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, &stderr)
		}
		if got := strings.TrimSpace(string(out)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestSignedRefuses(t *testing.T) {
	const host = "reg.example.jp"
	base := len("HTTPS://REG.EXAMPLE.JP/V/"+code) + len("#")
	fits := "a.b." + strings.Repeat("c", maxText-base-4)
	if text, err := Signed(host, code, fits); err != nil || len(text) != maxText {
		t.Errorf("the longest: got %d characters, %v, want %d", len(text), err, maxText)
	}
	for _, c := range []struct{ name, host, code, token, want string }{
		{"a character too many", host, code, fits + "c", "256"},
		{"no token", host, code, "", "compact JWS"},
		{"two segments", host, code, "a.b", "compact JWS"},
		{"four segments", host, code, "a.b.c.d", "compact JWS"},
		{"an empty segment", host, code, "a..c", "compact JWS"},
		{"padding", host, code, "a.b.c=", "compact JWS"},
		{"another mark", host, code, "a.b.c#d", "compact JWS"},
		{"code mistyped", host, "7K3MQ2ZT9XWF", "a.b.c", "check symbol"},
		{"no host", "", code, "a.b.c", "letters"},
	} {
		text, err := Signed(c.host, c.code, c.token)
		if err == nil || text != "" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %q, %v, want an error with %q", c.name, text, err, c.want)
		}
	}
}
