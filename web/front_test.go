package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tegata/registry/registrytest"
	"tegata/verify"
)

// TestCodesOf: of every address that a code goes into, it is known which code that
// is; of others, none is.
func TestCodesOf(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	s, err := newSite(Config{Registry: k.Registry, URL: "https://labels.example"})
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.routes()
	if err != nil {
		t.Fatal(err)
	}
	code := registrytest.Code(7)
	for _, r := range g.Routes() {
		about := strings.Contains(r.Path, ":code") || strings.HasPrefix(r.Path, "/qr/:file") || r.Path == "/api/v1/packs/:file"
		for _, ending := range []string{"", ".jwt", ".vc.jwt", ".svg", "-signed.png", ".zip"} {
			path := strings.NewReplacer(":code", string(code)+ending, ":file", string(code)+ending, ":form", "artwork.pdf").Replace(r.Path)
			if got := codesOf(&url.URL{Path: path}); slices.Equal(got, []verify.Code{code}) != about {
				t.Errorf("%s: got %v", path, got)
			}
		}
	}
	both := &url.URL{Path: "/api/v1/packs", RawQuery: "code=" + string(code) + "&code=" + string(registrytest.Code(8))}
	if got := codesOf(both); !slices.Equal(got, []verify.Code{code, registrytest.Code(8)}) {
		t.Errorf("%s: got %v", both, got)
	}
}

// TestReferredBelow: below what leads to no log an answer has a reference too, whether
// it has a line or not.
func TestReferredBelow(t *testing.T) {
	s := &site{lines: lines{of: -1}, logger: slog.New(slog.DiscardHandler)}
	w := visit(s.observed(&front{site: s}), logsPath+"stranger.example/checkpoint")
	if w.Code != http.StatusNotFound || w.Header().Get("X-Request-Id") == "" {
		t.Errorf("got %d, %v", w.Code, w.Header())
	}
}
