package web

import (
	"net/http"
	"runtime"
	"strings"
	"time"
)

// replyAge is how long a reply that rests on the log is kept here, so how old the
// instant and head that it names may be. Until then it is sent again as it is,
// unless the log says something it rests on or it changes by itself.
const replyAge = 30 * time.Second

// Limits of what is kept, in bytes and replies.
const (
	repliesBytes = 64 << 20
	repliesMost  = 32 << 10
	replyWeight  = 1 << 10 // of a reply beside its body, in both its forms
)

// An address is what was asked for, as it was spelled, in a language. Two spellings
// of one question are kept apart.
type address struct {
	path, query string
	lang        string // of a page
}

// newReplies returns what keeps the replies that were given lately.
func newReplies() *lately[address, *reply] {
	return &lately[address, *reply]{most: repliesBytes, number: repliesMost}
}

func (a *reply) name() address { return a.address }
func (a *reply) weight() int   { return replyWeight + 2*len(a.body) }

// replied answers from what is kept, and else with h. It comes before the router:
// what was kept under an address was answered there.
func (s *site) replied(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			if q, ok := s.addressOf(r); ok {
				a, there := s.replies.of(q)
				stands := there && s.stands(a)
				if s.metrics.Reply(stands); stands {
					if answer, observed := w.(*recorder); observed {
						answer.route = a.route
					}
					s.give(w, r, a, true)
					return
				}
				s.making.Add(1)
				defer s.making.Add(-1)
			}
		}
		h.ServeHTTP(w, r)
	})
}

// stands reports whether a reply may be given again: nothing was said since that
// it rests on, it does not change before now, and it is not old.
func (s *site) stands(a *reply) bool {
	if a.made.IsZero() {
		return true
	}
	now := s.registry.Now() // which goes on also where the head is a copy that does not
	age := now.Sub(a.made)
	return age >= 0 && age < replyAge && (a.next.IsZero() || now.Before(a.next)) && s.registry.Holds(a.ground)
}

// still is what a page rests on that tells nothing of the log: it is the same for
// ever, but that a mirror's pages tell how old the copy is.
func (s *site) still() rest { return rest{kept: !s.registry.Mirror()} }

// addressOf returns the address of a request, if answers to such are kept.
func (s *site) addressOf(r *http.Request) (q address, ok bool) {
	q = address{path: r.URL.Path, query: r.URL.RawQuery}
	if len(s.logs) > 0 {
		q.path = prefixOf(r) + q.path
	}
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/v/"), strings.HasPrefix(path, "/V/"), path == "/docs", path == "/about", path == "/scan", path == "/check":
		q.lang = string(language(r))
	case strings.HasPrefix(path, "/api/v1/verify/"), strings.HasPrefix(path, "/qr/"), strings.HasPrefix(path, "/static/"), path == "/openapi.json":
	default:
		return q, false
	}
	return q, true
}

// send gives a reply to who asked, and keeps it where it may be kept.
func (s *site) send(w http.ResponseWriter, r *http.Request, a *reply) {
	if a.kept && a.status == http.StatusOK {
		if q, ok := s.addressOf(r); ok {
			a.address, a.route = q, recorderOf(r.Context()).route
			s.replies.keep(a)
		}
	}
	s.together()
	s.give(w, r, a, false)
}

// together lets others who wait for a core come as far as this, if every core has an
// answer to work out: so the answers leave one right after the other, and whoever
// takes them, such as a proxy in front, is woken up once. To wake it takes longer than
// to send. Where a core is idle nobody waits for one. Where what waits is no answer but
// longer work, to wait for that is tried once in a while only.
func (s *site) together() {
	cores := int32(runtime.GOMAXPROCS(0))
	n := s.making.Load()
	if n < cores || n == cores && s.alone.Add(1)%aloneFor != 1 {
		return
	}
	runtime.Gosched()
	if s.making.Load() > cores {
		s.alone.Store(0)
	}
}

// aloneFor is of how many answers one waits for others, while none come: no multiple of
// how many usually come at once, so that it is not always the last of them.
const aloneFor = 17
