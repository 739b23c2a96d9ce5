package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
)

// BenchmarkAnswers is what it takes to answer about one code, as data, signed and
// as a page: kept, worked out anew, and asked for the first time, each time about
// another model, and kept then. The log goes nowhere, and neither do the answers.
func BenchmarkAnswers(b *testing.B) {
	k := registrytest.New(b)
	k.Play(b, time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC))
	for name, bytes := range map[string]int{"kept": repliesBytes, "anew": 0} {
		s, err := newSite(Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.NewJSONHandler(io.Discard, nil))})
		if err != nil {
			b.Fatal(err)
		}
		s.replies.most = bytes
		h, err := s.handler()
		if err != nil {
			b.Fatal(err)
		}
		for what, path := range map[string]string{"JSON": "/api/v1/verify/%", "signed": "/api/v1/verify/%.jwt", "page": "/v/%", "QR": "/qr/%.svg"} {
			b.Run(what+"/"+name, func(b *testing.B) { answerAll(b, h, path, "") })
			if name == "kept" && what != "QR" {
				b.Run(what+"/first", func(b *testing.B) { answerAll(b, h, path, "&model=") })
			}
		}
	}
}

// answerAll asks for a path, and where a parameter is given with another value of it
// each time.
func answerAll(b *testing.B, h http.Handler, path, param string) {
	path = strings.Replace(path, "%", string(ownLabel), 1)
	r := httptest.NewRequest(http.MethodGet, path+"?in=GB", nil)
	r.Header.Set("Accept-Language", "en-GB,en;q=0.9")
	r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	w := &discarding{header: http.Header{}}
	b.ReportAllocs()
	query := r.URL.RawQuery
	for i := 0; b.Loop(); i++ {
		if param != "" {
			r.URL.RawQuery = query + param + strconv.Itoa(i)
		}
		clear(w.header)
		if h.ServeHTTP(w, r); w.status != http.StatusOK {
			b.Fatalf("%s: got %d", path, w.status)
		}
	}
}

// discarding notes the status of an answer.
type discarding struct {
	header http.Header
	status int
}

func (w *discarding) Header() http.Header         { return w.header }
func (w *discarding) WriteHeader(status int)      { w.status = status }
func (w *discarding) Write(b []byte) (int, error) { return len(b), nil }
