package qr

import (
	"math/rand/v2"
	"strings"
	"testing"

	"tegata/verify"
)

const code = "7K3MQ2ZT9XWE"

func TestText(t *testing.T) {
	long := strings.Repeat("a", 63) + "."
	for _, c := range []struct{ name, host, code, want string }{
		{"small letters", "reg.example.jp", code, "HTTPS://REG.EXAMPLE.JP/V/" + code},
		{"capitals", "REG.EXAMPLE.JP", code, "HTTPS://REG.EXAMPLE.JP/V/" + code},
		{"port", "reg.example.jp:8443", code, "HTTPS://REG.EXAMPLE.JP:8443/V/" + code},
		{"one label", "localhost:1", code, "HTTPS://LOCALHOST:1/V/" + code},
		{"address", "192.0.2.7:65535", code, "HTTPS://192.0.2.7:65535/V/" + code},
		{"hyphens and digits", "3-a--b.xn--0", code, "HTTPS://3-A--B.XN--0/V/" + code},
		{"code as printed", "a", "7k3m-q2zt-9xwe", "HTTPS://A/V/" + code},
		{"255 characters", strings.Repeat(long, 3) + strings.Repeat("b", 40), code,
			"HTTPS://" + strings.ToUpper(strings.Repeat(long, 3)) + strings.Repeat("B", 40) + "/V/" + code},
	} {
		got, err := Text(c.host, c.code)
		if err != nil || got != c.want {
			t.Errorf("%s: Text(%q, %q): got %q, %v, want %q", c.name, c.host, c.code, got, err, c.want)
		}
	}
}

func TestTextRefuses(t *testing.T) {
	const host = "reg.example.jp"
	long := strings.Repeat("a", 63) + "."
	for _, c := range []struct{ name, host, code, want string }{
		{"no code", host, "", "0"},
		{"code mistyped", host, "7K3MQ2ZT9XWF", "check symbol"},
		{"no host", "", code, "letters"},
		{"scheme", "https://" + host, code, "port"},
		{"path", host + "/x", code, "letters"},
		{"user", "me@" + host, code, "letters"},
		{"space", "reg example.jp", code, "letters"},
		{"plus, which alphanumeric mode has", "reg+example.jp", code, "letters"},
		{"underscore, which it has not", "reg_example.jp", code, "letters"},
		{"Japanese", "登録.jp", code, "letters"},
		{"long s, whose capital is ASCII", "regi\u017ftry.jp", code, "letters"},
		{"IPv6", "[2001:db8::1]", code, "port"},
		{"root dot", host + ".", code, "letters"},
		{"two dots", "reg..example.jp", code, "letters"},
		{"hyphen first", "-reg.example.jp", code, "letters"},
		{"hyphen last", "reg-.example.jp", code, "letters"},
		{"label of 64", "a" + long + "jp", code, "letters"},
		{"port missing", host + ":", code, "port"},
		{"port 0", host + ":0", code, "port"},
		{"port with a zero before it", host + ":0443", code, "port"},
		{"port signed", host + ":+443", code, "port"},
		{"port 65536", host + ":65536", code, "port"},
		{"256 characters", strings.Repeat(long, 3) + strings.Repeat("b", 41), code, "256"},
	} {
		got, err := Text(c.host, c.code)
		if err == nil || got != "" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Text(%q, %q): got %q, %v, want an error with %q", c.name, c.host, c.code, got, err, c.want)
		}
	}
}

// TestTextVersion holds the promise that a label's symbol stays small, for
// hosts as they are and for those that tempt the encoder to change modes.
func TestTextVersion(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for length := 4; length <= 30; length++ {
		most := 3
		if length <= 15 {
			most = 2
		}
		for range 40 {
			text := labelText(t, random, length)
			if got := newSymbol(t, text).Version(); got > most {
				t.Errorf("%q, host of %d: got version %d, want at most %d", text, length, got, most)
			}
		}
	}
}

// labelText is the text of a random code on a random host of that length:
// runs of letters or of digits, with dots and hyphens between, now and then a
// port.
func labelText(t testing.TB, random *rand.Rand, length int) string {
	t.Helper()
	var host []byte
	port := ""
	if length > 10 && random.IntN(4) == 0 {
		port = ":8443"
	}
	for n := length - len(port); len(host) < n; {
		symbols := "abcdefghijklmnopqrstuvwxyz"
		if random.IntN(2) == 0 {
			symbols = "0123456789"
		}
		for range min(1+random.IntN(12), n-len(host)) {
			host = append(host, symbols[random.IntN(len(symbols))])
		}
		if len(host) < n-1 {
			host = append(host, ".-"[random.IntN(2)])
		}
	}
	var bits [7]byte
	for i := range bits {
		bits[i] = byte(random.Uint32())
	}
	text, err := Text(string(host)+port, string(verify.NewCode(bits)))
	if err != nil || len(text) != len("HTTPS:///V/")+length+len(code) {
		t.Fatalf("host %q and port %q: got %q, %v, want a host of %d", host, port, text, err, length)
	}
	return text
}

func FuzzText(f *testing.F) {
	f.Add("reg.example.jp", code)
	f.Add("localhost:8443", "0000-0000-0012")
	f.Add("regi\u017ftry.jp", code)
	f.Add("[::1]:80", "")
	f.Fuzz(func(t *testing.T, host, code string) {
		text, err := Text(host, code)
		if err != nil {
			return
		}
		if want := strings.ToUpper(text); text != want {
			t.Errorf("Text(%q, %q): got %q, want %q", host, code, text, want)
		}
		readBack(t, text)
	})
}
