package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"tegata/web/metrics"
)

// securityHeaders stand on every answer: nothing from elsewhere, no script, no
// frame, no address told to the next site.
var securityHeaders = map[string]string{
	"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":  "nosniff",
	"Referrer-Policy":         "no-referrer",
	"Permissions-Policy":      "camera=(), geolocation=(), microphone=()",
}

// strictTransport has whoever came by TLS come by TLS for a year (RFC 6797): a
// printed code leads to https, and nothing else is to be had in its place.
const strictTransport = "max-age=31536000"

// observed gives every request a reference, counts and logs it once it is answered,
// and answers with the error page where h panicked before it wrote anything.
func (s *site) observed(h http.Handler) http.Handler {
	none := s.metrics.Route(metrics.None)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, whole := time.Now(), false
		s.metrics.Begin()
		for k, v := range securityHeaders {
			w.Header().Set(k, v)
		}
		if r.TLS != nil {
			w.Header().Set("Strict-Transport-Security", strictTransport)
		}
		answer := &recorder{ResponseWriter: w, reference: rand.Text()[:12], route: none}
		w.Header().Set("X-Request-Id", answer.reference)
		r = r.WithContext(context.WithValue(r.Context(), recorderKey{}, answer))
		defer func() { answer.route.End(r.Method, answer.status, !whole, time.Since(began)) }()
		defer func() {
			p := recover()
			if p != nil && p != http.ErrAbortHandler {
				s.panicked(answer, r, p)
			}
			s.logger.Info("request", "reference", answer.reference, "method", r.Method, "path", r.URL.Path,
				"status", answer.status, "bytes", answer.size, "ms", time.Since(began).Milliseconds())
			if p == http.ErrAbortHandler {
				panic(p) // the server cuts the connection, so that half an answer is not taken for a whole one
			}
			whole = true
		}()
		h.ServeHTTP(answer, r)
	})
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
	status int
	size   int64

	reference string
	route     *metrics.Route // that it is counted with
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
