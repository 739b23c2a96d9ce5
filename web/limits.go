package web

import (
	"container/list"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// limitWindow is the time that a quota is for.
const limitWindow = time.Minute

// addressesMost is how many addresses are remembered. One that is forgotten begins
// anew: who asks from many addresses is limited less, never somebody else more.
const addressesMost = 1 << 16

// quotaName names the quota to clients.
const quotaName = "requests"

// Limits let each address make so many requests a minute, at once or one after the
// other.
type limits struct {
	quota int
	now   func() time.Time

	mu        sync.Mutex
	addresses map[netip.Prefix]*list.Element
	order     *list.List // of *addressLimit, the latest first
}

type addressLimit struct {
	from netip.Prefix
	*rate.Limiter
	told atomic.Int64 // when it was logged last that it asked too often, in Unix nanoseconds
}

func newLimits(quota int) *limits {
	return &limits{quota: quota, now: time.Now, addresses: map[netip.Prefix]*list.Element{}, order: list.New()}
}

// of returns the limit of an address.
func (l *limits) of(from netip.Prefix) *addressLimit {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.addresses[from]; e != nil {
		l.order.MoveToFront(e)
		return e.Value.(*addressLimit)
	}
	if l.order.Len() == addressesMost {
		delete(l.addresses, l.order.Remove(l.order.Back()).(*addressLimit).from)
	}
	limiter := &addressLimit{from: from, Limiter: rate.NewLimiter(rate.Limit(float64(l.quota)/limitWindow.Seconds()), l.quota)}
	l.addresses[from] = l.order.PushFront(limiter)
	return limiter
}

// tell reports whether it is to be logged now that an address asks too often: once
// in a window.
func (l *addressLimit) tell(now time.Time) bool {
	last := l.told.Load()
	return now.UnixNano()-last >= int64(limitWindow) && l.told.CompareAndSwap(last, now.UnixNano())
}

// limited answers with h as long as the sender has not used up its quota, and
// tells how much of it is left (draft-ietf-httpapi-ratelimit-headers-11).
func (s *site) limited(h http.Handler) http.Handler {
	if s.limits == nil {
		return h
	}
	policy := fmt.Sprintf("%q;q=%d;w=%d", quotaName, s.limits.quota, int(limitWindow.Seconds()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now, limiter := s.limits.now(), s.limits.of(s.sender(r))
		allowed := limiter.AllowN(now, 1)
		left := max(0, limiter.TokensAt(now))
		until := func(tokens float64) int { // seconds until there are so many
			return int(math.Ceil((tokens - left) / float64(limiter.Limit())))
		}
		w.Header().Set("RateLimit-Policy", policy)
		w.Header().Set("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", quotaName, int(left), until(float64(s.limits.quota))))
		if !allowed {
			r = noted(w, r)
			if limiter.tell(now) {
				s.logger.Warn("asks too often", "reference", referenceOf(r.Context()), "from", limiter.from, "quota", s.limits.quota)
			}
			w.Header().Set("Retry-After", strconv.Itoa(max(1, until(1))))
			s.either(&problem{status: http.StatusTooManyRequests, code: problemQuota})(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}
