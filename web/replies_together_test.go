package web

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"tegata/registry/registrytest"
)

// Answers that are worked out on one core at the same time are sent one right after
// the other, and none counts any longer as one that is being worked out.
func TestAnswersLeaveTogether(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	s, _ := siteOf(t, registrytest.New(t).Registry)
	const tries = 100
	seen := 0
	for range tries {
		if steps(s, 4) == "mmmmssss" {
			seen++
		}
	}
	if seen < tries/2 { // the system may put anybody off for a while
		t.Errorf("four answers left together %d of %d times, want most", seen, tries)
	}
	if n := s.making.Load(); n != 0 {
		t.Errorf("%d are being worked out still", n)
	}
}

// steps asks for so many answers at the same time and returns what was done in turn:
// m, one was made, and s, one was sent.
func steps(s *site, asking int) string {
	var mu sync.Mutex
	var done strings.Builder
	note := func(what byte) {
		mu.Lock()
		defer mu.Unlock()
		done.WriteByte(what)
	}
	h := s.replied(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := newReply(http.StatusOK, mediaJSON, nil)
		note('m')
		s.send(w, r, a)
		note('s')
	}))
	var all sync.WaitGroup
	for range asking {
		all.Go(func() {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/v1/verify/000000000012", nil))
		})
	}
	all.Wait()
	return done.String()
}
