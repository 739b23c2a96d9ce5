package web

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
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
