package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"tegata/web/metrics"
)

// What stands on every answer: it is nothing but what its media type says, and as a
// document it may do nothing, nor be in a frame. Pages may do more; see
// [pagePolicy].
var (
	noSniff = []string{"nosniff"}
	noMore  = []string{"default-src 'none'; frame-ancestors 'none'"}
)

// strictTransport has whoever came by TLS come by TLS for a year (RFC 6797): a
// printed code leads to https, and nothing else is to be had in its place.
const strictTransport = "max-age=31536000"

// observed counts every request and logs it once it is answered, and answers with the
// error page where h panicked before it wrote anything.
func (s *site) observed(h http.Handler) http.Handler {
	none := s.metrics.Route(metrics.None)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, whole := time.Now(), false
		s.metrics.Begin()
		head := w.Header()
		head["X-Content-Type-Options"], head["Content-Security-Policy"] = noSniff, noMore
		if r.TLS != nil {
			head.Set("Strict-Transport-Security", strictTransport)
		}
		answer := &recorder{ResponseWriter: w, site: s, route: none}
		line := s.lines.next(began)
		if line || len(s.proxies) > 0 { // which may have given it a reference, and looks for it
			answer.refer(r)
		}
		var took time.Duration
		defer func() { answer.route.End(r.Method, answer.status, !whole, took) }()
		defer func() {
			p := recover()
			took = time.Since(began)
			if p != nil && p != http.ErrAbortHandler {
				s.panicked(answer, noted(answer, r), p)
			}
			if failed := p != nil || answer.status >= http.StatusInternalServerError; failed || line {
				s.logged(r, answer, failed, took)
			} else {
				s.lines.left.Add(1)
			}
			if p == http.ErrAbortHandler {
				panic(p) // the server cuts the connection, so that half an answer is not taken for a whole one
			}
			whole = true
		}()
		h.ServeHTTP(answer, r)
	})
}

// How much of a path and of a method is logged, in bytes: more than any has that
// leads anywhere. Both are of any length, and anybody can write them.
const (
	pathMost   = 256
	methodMost = 32
)

func pathOf(r *http.Request) string { return r.URL.Path[:min(len(r.URL.Path), pathMost)] }

// logged logs what was answered. It says nothing of who asked, nor of what stands
// behind a ? or in a header.
func (s *site) logged(r *http.Request, answer *recorder, failed bool, took time.Duration) {
	if !s.logger.Enabled(r.Context(), slog.LevelInfo) {
		return
	}
	answer.refer(r)
	told := make([]slog.Attr, 0, 8)
	told = append(told, slog.String("reference", answer.reference), slog.String("method", r.Method[:min(len(r.Method), methodMost)]), slog.String("path", pathOf(r)),
		slog.Int("status", answer.status), slog.Int64("bytes", answer.size), slog.Int64("ms", took.Milliseconds()))
	if answer.trace != "" {
		told = append(told, slog.String("trace", answer.trace))
	}
	if !failed {
		told = s.lines.tell(told)
	}
	s.logger.LogAttrs(r.Context(), slog.LevelInfo, "request", told...)
}

// panicked answers for a handler that could not. Where half an answer is out
// already, none is better: the connection is cut.
func (s *site) panicked(w *recorder, r *http.Request, cause any) {
	p := &problem{status: http.StatusInternalServerError, code: problemServer, err: fmt.Errorf("panic: %v", cause)}
	if w.status != 0 {
		s.accident(r, p)
		panic(http.ErrAbortHandler)
	}
	s.either(p)(w, r)
}

type recorderKey struct{}

// noted returns the request with what notes the answer to it, if that is observed
// and was not told yet.
func noted(w http.ResponseWriter, r *http.Request) *http.Request {
	answer, observed := w.(*recorder)
	if !observed || recorderOf(r.Context()) == answer {
		return r
	}
	answer.refer(r)
	return r.WithContext(context.WithValue(r.Context(), recorderKey{}, answer))
}

// noting has h know what notes its answers.
func noting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, noted(w, r)) })
}

// recorderOf is what notes the answer to a request; of one that is not observed,
// nothing comes of it.
func recorderOf(ctx context.Context) *recorder {
	if w, ok := ctx.Value(recorderKey{}).(*recorder); ok {
		return w
	}
	return new(recorder)
}

// referenceOf is what the answer to a request and its log line share.
func referenceOf(ctx context.Context) string { return recorderOf(ctx).reference }

// A recorder notes what is answered.
type recorder struct {
	http.ResponseWriter
	site   *site
	status int
	size   int64

	reference, trace string         // see [recorder.refer]
	route            *metrics.Route // that it is counted with
}

// refer gives a request its reference, and tells it to who asked, if that can still
// be told. What is answered from what is kept, and has no line in the log, has none.
func (w *recorder) refer(r *http.Request) {
	if w.reference == "" {
		w.reference, w.trace = w.site.referred(r)
		w.Header()["X-Request-Id"] = []string{w.reference}
	}
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.size += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush sends what was written so far.
func (w *recorder) Flush() { http.NewResponseController(w.ResponseWriter).Flush() }
