package web

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/web/metrics"
)

// Half an answer is cut, so that nobody takes it for a whole one: whether the
// handler ended it or could not go on.
func TestObservedCuts(t *testing.T) {
	s := &site{logger: slog.New(slog.DiscardHandler), metrics: metrics.New()}
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
	w := httptest.NewRecorder()
	s.metrics.Handler(s.logger).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{`tegata_http_requests_total{class="cut",method="GET",route="none"} 2`, "tegata_http_requests_running 0"} {
		if !strings.Contains(w.Body.String(), want+"\n") {
			t.Errorf("got no %s", want)
		}
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

// TestLogged: of requests that did not fail as many are logged as is asked for, and
// every one that failed; never who asked, nor what stands behind the ?.
func TestLogged(t *testing.T) {
	for _, c := range []struct {
		sample int
		level  slog.Level
		want   string // paths
	}{
		{0, slog.LevelInfo, "/1 /2 /3 /4 /fails /cut /5 /6"},
		{1, slog.LevelInfo, "/1 /2 /3 /4 /fails /cut /5 /6"},
		{3, slog.LevelInfo, "/3 /fails /cut"}, // /cut is the sixth
		{4, slog.LevelInfo, "/4 /fails /cut /6"},
		{-1, slog.LevelInfo, "/fails /cut"},
		{0, slog.LevelWarn, ""},
	} {
		var log bytes.Buffer
		s := &site{lines: lines{of: c.sample}, logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: c.level}))}
		h := s.observed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/fails" {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			io.WriteString(w, "ok")
			if r.URL.Path == "/cut" {
				panic(http.ErrAbortHandler)
			}
		}))
		for _, path := range []string{"/1", "/2", "/3", "/4", "/fails", "/cut", "/5", "/6"} {
			func() {
				defer func() { recover() }() // as the server does
				from(h, "192.0.2.77:40000", path+"?q=secret", "X-Forwarded-For", "192.0.2.78", "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
			}()
		}
		var paths []string
		for line := range strings.Lines(log.String()) {
			var said struct {
				Path       string
				Status, Of int
			}
			if err := json.Unmarshal([]byte(line), &said); err != nil {
				t.Fatal(err)
			}
			paths = append(paths, said.Path)
			if want := c.sample; said.Path != "/fails" && said.Path != "/cut" && want > 1 && said.Of != want {
				t.Errorf("got %s, want it to say that it is one of %d", line, want)
			}
		}
		if got := strings.Join(paths, " "); got != c.want {
			t.Errorf("one of %d, from %v: got %s, want %s", c.sample, c.level, got, c.want)
		}
		if s := log.String(); strings.Contains(s, "192.0.2.7") || strings.Contains(s, "secret") || strings.Contains(s, "trace") {
			t.Errorf("the log says of who asked: %s", s)
		}
	}
	var log bytes.Buffer
	s := &site{logger: slog.New(slog.NewTextHandler(&log, nil)), proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.77/32")}}
	h := s.observed(http.NotFoundHandler())
	w := from(h, "192.0.2.77:40000", "/"+strings.Repeat("x", 1000), "X-Request-Id", "given-by-proxy", "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	if got := log.String(); !strings.Contains(got, "reference=given-by-proxy") || !strings.Contains(got, "trace=4bf92f3577b34da6a3ce929d0e0e4736") || len(got) > 500 || w.Header().Get("X-Request-Id") != "given-by-proxy" {
		t.Errorf("got %s, %v", got, w.Header())
	}
	log.Reset()
	h = s.observed(noting(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.accident(r, &problem{err: errors.New("it fails")}) })))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(strings.Repeat("M", 1000), "/"+strings.Repeat("x", 1000), nil))
	if got := log.String(); !strings.Contains(got, "it fails") || !strings.Contains(got, "method="+strings.Repeat("M", methodMost)+" ") || strings.Count(got, "x") > 2*pathMost {
		t.Errorf("of a request without end: got %s", got)
	}
}

// TestLines: in each second the first have a line, and the next line after tells how
// many had none; whoever asks for a part of them has that part however many there are.
func TestLines(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ of, asked, want, last int }{
		{0, linesMost, linesMost, 1},
		{0, linesMost + 7, linesMost, 1},
		{1, linesMost + 7, linesMost + 7, 1},
		{50, linesMost, linesMost / 50, 0},
		{-1, linesMost, 0, 0},
	} {
		l := lines{of: c.of}
		count := func(at time.Time, asked int) (lines int) {
			for range asked {
				if l.next(at) {
					lines++
				} else {
					l.left.Add(1)
				}
			}
			return lines
		}
		if got := count(noon, c.asked); got != c.want {
			t.Errorf("one of %d: %d of %d have a line, want %d", c.of, got, c.asked, c.want)
		}
		if got := count(noon.Add(time.Second), 1); got != c.last {
			t.Errorf("one of %d, a second later: got %d, want %d", c.of, got, c.last)
		}
		var left int64
		if tell := l.tell(nil); len(tell) == 1 && tell[0].Key == "left_out" {
			left = tell[0].Value.Int64()
		}
		if want := int64(max(0, c.asked-linesMost)); c.of == 0 && (left != want || len(l.tell(nil)) > 0) {
			t.Errorf("got %d left out, want %d, once", left, want)
		}
		if earlier := count(noon, 1); c.of == 0 && earlier != 1 {
			t.Error("where the clock was set back nothing has a line")
		}
	}
}

// TestLeftOut: what is told to be left out is all that has no line: not what failed,
// which has one however many there are.
func TestLeftOut(t *testing.T) {
	var log bytes.Buffer
	s := &site{logger: slog.New(slog.NewJSONHandler(&log, nil))}
	h := s.observed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fails" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	const ask = 8
	var all sync.WaitGroup
	for i := range ask {
		all.Go(func() {
			for range linesMost {
				visit(h, []string{"/", "/fails"}[i%2])
			}
		})
	}
	all.Wait()
	s.lines.told.Store(0) // the next has a line
	visit(h, "/")
	told, lines := 0, 0
	for line := range strings.Lines(log.String()) {
		var said struct {
			Left *int `json:"left_out"`
		}
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatal(err)
		}
		if lines++; said.Left != nil {
			told += *said.Left
			if *said.Left <= 0 {
				t.Errorf("got %s", line)
			}
		}
	}
	if told+lines != ask*linesMost+1 {
		t.Errorf("%d lines tell of %d others, want %d in all", lines, told, ask*linesMost+1)
	}
}

// TestReferredAgain: an answer that is given again has a reference where its line has it,
// and what is worked out has one always.
func TestReferredAgain(t *testing.T) {
	var log bytes.Buffer
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC))
	h, err := NewHandler(Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.NewJSONHandler(&log, nil)), Sample: 3})
	if err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/verify/" + string(ownLabel)
	for i, want := range []bool{true, false, true, false} { // worked out, not, the third, not
		log.Reset()
		reference := visit(h, path).Header().Get("X-Request-Id")
		if (reference != "") != want || (log.Len() > 0) != (i == 2) || log.Len() > 0 && !strings.Contains(log.String(), `"reference":"`+reference+`"`) {
			t.Errorf("request %d: got the reference %q and the line %s", i+1, reference, &log)
		}
	}
	if h, err = NewHandler(Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler), Sample: -1, Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.77/32")}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := from(h, "192.0.2.77:40000", path, "X-Request-Id", "given-by-proxy").Header().Get("X-Request-Id"); got != "given-by-proxy" {
			t.Errorf("what a proxy gave comes back as %q", got)
		}
	}
	if got := visit(h, "/api/v1/verify/none").Header().Get("X-Request-Id"); got == "" {
		t.Error("a problem has no reference")
	}
}

// TestLoggedOfConnections: whoever does not speak HTTP/2 by its rules is named in the
// log, and can write into it, only where that is asked for.
func TestLoggedOfConnections(t *testing.T) {
	const preface, settings = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	for what, frame := range map[string]string{
		"ping of a stream": "\x00\x00\x08\x06\x00\x00\x00\x00\x0112345678",
		"going away":       "\x00\x00\x0d\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01words" + "\x00\x00\x08\x06\x00\x00\x00\x00\x0112345678",
	} {
		said := make(chan string, 10)
		logger := slog.New(slog.NewJSONHandler(eachLine(func(line []byte) { said <- string(line) }), &slog.HandlerOptions{Level: slog.LevelDebug}))
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog, server.EnableHTTP2 = log.New(serverLog{logger}, "", 0), true
		server.StartTLS()
		c, err := tls.Dial("tcp", server.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, preface+settings+frame); err != nil {
			t.Fatal(err)
		}
		if line := <-said; !strings.Contains(line, `"level":"DEBUG"`) {
			t.Errorf("%s: got %s, want it at the level of who looks for it", what, line)
		}
		c.Close()
		server.Close()
	}
}

type eachLine func([]byte)

func (f eachLine) Write(b []byte) (int, error) {
	f(b)
	return len(b), nil
}
