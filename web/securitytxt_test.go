package web

import (
	"log/slog"
	"strings"
	"testing"

	"tegata/registry/registrytest"
)

// TestCanonical: only an address of https is canonical.
func TestCanonical(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	for url, want := range map[string]bool{"https://labels.example": true, "http://127.0.0.1:8080": false} {
		h, err := NewHandler(Config{Registry: k.Registry, URL: url, Contacts: []string{"tel:+81-3-0000-0000"}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		if text := visit(h, "/.well-known/security.txt").Body.String(); strings.Contains(text, "Canonical: "+url+"/") != want || strings.Contains(text, "Canonical:") != want {
			t.Errorf("%s: got %s", url, text)
		}
	}
}

// TestAddress: the address of a registry is a host and no more.
func TestAddress(t *testing.T) {
	for _, bad := range []string{"", "labels.example", "ftp://labels.example", "https://", "https://labels.example/registry", "https://labels.example?", "https://labels.example/?a=b",
		"https://labels.example#", "https://operator:secret@labels.example", "https://label's.example", "https://[::1]"} {
		if _, err := NewHandler(Config{URL: bad}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestCheckContact(t *testing.T) {
	for _, good := range []string{"mailto:security@labels.example", "https://labels.example/security", "tel:+81-3-0000-0000"} {
		if err := CheckContact(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "security@labels.example", "http://labels.example/security", "https://", "mailto:", "javascript:alert(1)",
		"mailto:a@b\nContact: mailto:c@d", "https://labels.example/a b", "https://labels.example/窓口"} {
		if CheckContact(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
		if _, err := NewHandler(Config{URL: "https://labels.example", Contacts: []string{bad}}); err == nil {
			t.Errorf("%q is served", bad)
		}
	}
}
