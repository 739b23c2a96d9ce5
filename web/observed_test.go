package web

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"tegata/web/metrics"
)

// Half an answer is cut, so that nobody takes it for a whole one: whether the
// handler ended it or could not go on.
func TestObservedCuts(t *testing.T) {
	s := &site{logger: slog.New(slog.DiscardHandler)}
	for name, cause := range map[string]any{"ended": http.ErrAbortHandler, "could not go on": "a fault"} {
		server := httptest.NewServer(s.observed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "half")
			http.NewResponseController(w).Flush()
			panic(cause)
		})))
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		answer, err := http.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if !errors.Is(err, io.ErrUnexpectedEOF) || string(body) != "half" {
			t.Errorf("%s: got %q, %v, want half an answer that is cut", name, body, err)
		}
		server.Close()
	}
}

// BenchmarkObserved is a request to a route that does nothing else, not counted and
// counted.
func BenchmarkObserved(b *testing.B) {
	for name, m := range map[string]*metrics.Metrics{"not counted": nil, "counted": metrics.New()} {
		b.Run(name, func(b *testing.B) {
			h, err := NewHandler(Config{URL: "https://labels.example", Log: slog.New(slog.DiscardHandler), Metrics: m})
			if err != nil {
				b.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
