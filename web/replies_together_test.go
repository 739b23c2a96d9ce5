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

// Answers that are worked out on one core at the same time are sent one right after
// the other, and none counts any longer as one that is being worked out. What is kept
// waits for nobody: to send it takes as long as to be woken up.
func TestAnswersLeaveTogether(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	s, _ := siteOf(t, registrytest.New(t).Registry)
	h := s.replied(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := newReply(http.StatusOK, mediaJSON, nil)
		a.kept = r.URL.RawQuery == "kept"
		s.send(w, r, a)
	}))
	steps(h, 1, "")
	steps(h, 1, "kept")
	const tries = 100
	for query, want := range map[string]string{"": "ggggssss", "kept": "gsgsgsgs"} {
		seen := 0
		for range tries {
			if steps(h, 4, query) == want {
				seen++
			}
		}
		if seen < tries/2 { // the system may put anybody off for a while
			t.Errorf("%q: four answers left as %s %d of %d times, want most", query, want, seen, tries)
		}
	}
	if n := s.making.Load(); n != 0 {
		t.Errorf("%d are being worked out still", n)
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
