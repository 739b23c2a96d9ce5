package web

import (
	"net/http"
	"strings"
	"sync"
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

// replies keeps what was answered lately. A reply that was not asked for since
// half of what is kept was is forgotten.
type replies struct {
	mu          sync.RWMutex
	young, old  map[address]*reply
	bytes, most int // of the young, and at most of both
}

func newReplies() *replies { return &replies{most: repliesBytes} }

func (k *replies) of(q address) *reply {
	k.mu.RLock()
	a, old := k.young[q], k.old[q]
	k.mu.RUnlock()
	if a == nil && old != nil {
		k.keep(q, old)
		return old
	}
	return a
}

func (k *replies) keep(q address, a *reply) {
	weight := replyWeight + 2*len(a.body)
	if weight > k.most/16 {
		return // one of them is not to push out many
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if had := k.young[q]; had != nil {
		k.bytes -= replyWeight + 2*len(had.body)
	} else if k.young == nil || k.bytes+weight > k.most/2 || len(k.young) >= repliesMost/2 {
		k.young, k.old, k.bytes = map[address]*reply{}, k.young, 0
	}
	k.young[q] = a
	k.bytes += weight
}

// replied answers from what is kept, and else with h. It comes before the router:
// what was kept under an address was answered there.
func (s *site) replied(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			if q, ok := addressOf(r); ok {
				a := s.replies.of(q)
				stands := a != nil && s.stands(a)
				if s.metrics.Reply(stands); stands {
					recorderOf(r.Context()).route = a.route
					s.give(w, r, a, true)
					return
				}
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

// addressOf returns the address of a request, if answers to such are kept.
func addressOf(r *http.Request) (q address, ok bool) {
	q = address{path: prefixOf(r) + r.URL.Path, query: r.URL.RawQuery}
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/v/"), strings.HasPrefix(path, "/V/"):
		q.lang = string(language(r))
	case strings.HasPrefix(path, "/api/v1/verify/"), strings.HasPrefix(path, "/qr/"), strings.HasPrefix(path, "/static/"):
	default:
		return q, false
	}
	return q, true
}

// send gives a reply to who asked, and keeps it where it may be kept.
func (s *site) send(w http.ResponseWriter, r *http.Request, a *reply) {
	if a.kept && a.status == http.StatusOK {
		if q, ok := addressOf(r); ok {
			a.route = recorderOf(r.Context()).route
			s.replies.keep(q, a)
		}
	}
	s.give(w, r, a, false)
}
