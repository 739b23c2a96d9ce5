package main

import (
	"errors"
	"testing"

	"tegata/verify"
)

func TestCodeOf(t *testing.T) {
	const code = "7K3MQ2ZT9XWE"
	for _, c := range []struct{ name, text, host string }{
		{"as stored", code, ""},
		{"as printed", "7K3M-Q2ZT-9XWE", ""},
		{"as typed", " 7k3m q2zt 9xwe\n", ""},
		{"in a QR code", "HTTPS://LABELS.EXAMPLE/V/" + code, "labels.example"},
		{"of the page", "https://labels.example/v/7k3m-q2zt-9xwe?in=GB#top", "labels.example"},
		{"with a port", "http://127.0.0.1:8080/v/" + code, "127.0.0.1:8080"},
	} {
		got, host, err := codeOf(c.text)
		if err != nil || got != code || host != c.host {
			t.Errorf("%s: codeOf(%q): got %q, %q, %v, want %q, %q", c.name, c.text, got, host, err, code, c.host)
		}
	}
	for _, text := range []string{
		"", "7K3MQ2ZT9XWF", "https://labels.example/", "https://labels.example/v/", "https://labels.example/x/" + code,
		"https://labels.example/v/" + code + "/more", "ftp://labels.example/v/" + code, "/v/" + code, "https:///v/" + code,
	} {
		got, host, err := codeOf(text)
		var wrong *verify.CodeError
		if !errors.As(err, &wrong) || got != "" {
			t.Errorf("codeOf(%q): got %q, %q, %v, want a code error", text, got, host, err)
		}
	}
}

// FuzzCodeOf holds that whatever is read as a code is one, and is read again
// from the address that leads to it.
func FuzzCodeOf(f *testing.F) {
	f.Add("7K3M-Q2ZT-9XWE")
	f.Add("HTTPS://LABELS.EXAMPLE/V/7K3MQ2ZT9XWE")
	f.Add("https://labels.example/v/7k3m-q2zt-9xwe?in=GB")
	f.Add("https://[::1]:8/v/%37K3MQ2ZT9XWE")
	f.Fuzz(func(t *testing.T, text string) {
		code, host, err := codeOf(text)
		if err != nil {
			return
		}
		if again, err := verify.ParseCode(string(code)); err != nil || again != code {
			t.Fatalf("codeOf(%q): got %q, %v, want a code", text, code, err)
		}
		again, to, err := codeOf("HTTPS://" + host + "/V/" + code.Printed())
		if host != "" && (err != nil || again != code || to != host) {
			t.Fatalf("codeOf(%q): got %q at %q, and from their address %q at %q, %v", text, code, host, again, to, err)
		}
	})
}
