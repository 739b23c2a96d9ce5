package web

import (
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
)

// served is the handler of a registry that has heard the story.
func served(t *testing.T) http.Handler {
	t.Helper()
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC))
	h, err := NewHandler(Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func visit(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// pageWeight is the most that what a scan opens may weigh with all it loads, in
// bytes as they are sent.
const pageWeight = 30 << 10

func TestPageWeight(t *testing.T) {
	h := served(t)
	source := regexp.MustCompile(`(?:src|href)="(/(?:static|qr)/[^"]+)"`)
	for _, path := range []string{"/v/" + string(ownLabel) + "?lang=ja", "/v/" + string(declaration) + "?lang=en", "/v/000000000012"} {
		page := visit(h, path)
		weight := len(visit(h, path, "Accept-Encoding", "gzip").Body.Bytes())
		for _, m := range source.FindAllStringSubmatch(page.Body.String(), -1) {
			part := visit(h, m[1], "Accept-Encoding", "gzip")
			if part.Code != http.StatusOK {
				t.Errorf("%s: %s is %d", path, m[1], part.Code)
			}
			weight += part.Body.Len()
			if strings.HasSuffix(m[1], ".js") || strings.HasSuffix(m[1], ".wasm") {
				t.Errorf("%s loads %s", path, m[1])
			}
		}
		if weight > pageWeight {
			t.Errorf("%s weighs %d bytes, more than %d", path, weight, pageWeight)
		}
		t.Logf("%s: %d bytes", path, weight)
	}
}

func TestCompressed(t *testing.T) {
	h := served(t)
	path := "/v/" + string(ownLabel)
	plain, packed := visit(h, path), visit(h, path, "Accept-Encoding", "gzip")
	if plain.Header().Get("Content-Encoding") != "" || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("encoded %q where gzip is not taken, %q where it is", plain.Header().Get("Content-Encoding"), packed.Header().Get("Content-Encoding"))
	}
	for _, name := range []string{"Accept-Encoding", "Accept-Language"} {
		if vary := strings.Join(packed.Header().Values("Vary"), ", "); !strings.Contains(vary, name) {
			t.Errorf("varies by %q, want %s too", vary, name)
		}
	}
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != plain.Body.String() {
		t.Errorf("unpacked it is another page, %v", err)
	}
	if w := visit(h, path, "Accept-Encoding", "gzip", "If-None-Match", packed.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("asked again: %d, want 304", w.Code)
	}
	for _, path := range []string{"/healthz", "/tile/0/000.p/1", "/qr/" + string(ownLabel) + ".png"} {
		if got := visit(h, path, "Accept-Encoding", "gzip").Header().Get("Content-Encoding"); got != "" {
			t.Errorf("%s is sent as %s", path, got)
		}
	}
}
