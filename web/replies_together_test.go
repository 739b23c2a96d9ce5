package web

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tegata/registry/registrytest"
)

// Answers that are worked out, or kept, on one core at the same time are sent one
// right after the other, and none counts any longer as one that is to be given.
func TestAnswersLeaveTogether(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	s, _ := siteOf(t, registrytest.New(t).Registry)
	var made atomic.Int32
	h := s.replied(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		made.Add(1)
		a := newReply(http.StatusOK, mediaJSON, nil)
		a.kept = r.URL.RawQuery == "kept"
		s.send(w, r, a)
	}))
	const tries, at = 100, 4
	for _, query := range []string{"", "kept"} {
		made.Store(0)
		together := 0
		for range tries {
			if steps(h, at, query) == "ggggssss" {
				together++
			}
		}
		if together < tries/2 { // the system may put anybody off for a while
			t.Errorf("%q: four answers left together %d of %d times, want most", query, together, tries)
		}
		if kept := made.Load() < tries*at; kept != (query == "kept") {
			t.Errorf("%q: %d of %d answers were worked out", query, made.Load(), tries*at)
		}
		if n := s.asking.Load(); n != 0 {
			t.Errorf("%q: %d are being answered still", query, n)
		}
	}
}

// On one core that somebody else works on, who is answered alone does not wait for
// that work each time.
func TestAnswerAloneWaitsSeldom(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	s, _ := siteOf(t, registrytest.New(t).Registry)
	h := s.replied(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.send(w, r, newReply(http.StatusOK, mediaJSON, nil))
	}))
	var ended atomic.Bool
	var worked atomic.Int32
	go func() {
		for ; !ended.Load(); worked.Add(1) {
			runtime.Gosched()
		}
	}()
	const waits = 10
	for range waits * aloneFor {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/v1/verify/000000000012", nil))
	}
	ended.Store(true)
	if n := worked.Load(); n < waits/2 || n > 3*waits {
		t.Errorf("others worked %d times while %d answers left, want some %d", n, waits*aloneFor, waits)
	}
}

// steps asks for so many answers at the same time and returns what was done in turn:
// g, one was begun, and s, one was sent.
func steps(h http.Handler, asking int, query string) string {
	var mu sync.Mutex
	var done strings.Builder
	note := func(what byte) {
		mu.Lock()
		defer mu.Unlock()
		done.WriteByte(what)
	}
	var all sync.WaitGroup
	for range asking {
		all.Go(func() {
			r := httptest.NewRequest(http.MethodGet, "/api/v1/verify/000000000012?"+query, nil)
			note('g')
			h.ServeHTTP(httptest.NewRecorder(), r)
			note('s')
		})
	}
	all.Wait()
	return done.String()
}
