package observer

import (
	"container/heap"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"
)

// hostRest is the least time from the end of one visit to a host to the beginning
// of the next: one visit at a time, and no more than six a minute.
const hostRest = 10 * time.Second

// A schedule says which address is visited next. A host is visited by one visit
// at a time, and rests in between; among those who wait at a host the one that
// has been due longest comes first.
type schedule struct {
	hosts map[string]*host
	ready hosts // those with addresses, without a visit; the one that may be visited first on top
}

// A host is a host with its addresses.
type host struct {
	name  string
	due   map[string]time.Time // by address
	first string               // the address that is due first
	rests time.Time            // until when it is let alone
	place int                  // among those ready; -1: it is being visited, or has no address
}

func newSchedule() *schedule { return &schedule{hosts: map[string]*host{}} }

// hostName is the host that an address is on, without its port, in small letters,
// and without the dot that may end a name.
// An address that cannot be read is on a host of its own.
func hostName(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return address
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// set has an address visited when it is due.
func (s *schedule) set(address string, due time.Time) {
	name := hostName(address)
	h := s.hosts[name]
	if h == nil {
		h = &host{name: name, due: map[string]time.Time{}, place: -1}
		s.hosts[name] = h
	}
	idle := h.place < 0 && len(h.due) == 0
	h.due[address] = due
	h.choose()
	switch {
	case idle:
		heap.Push(&s.ready, h)
	case h.place >= 0:
		heap.Fix(&s.ready, h.place)
	}
}

// drop has an address visited no more.
func (s *schedule) drop(address string) {
	h := s.hosts[hostName(address)]
	if h == nil {
		return
	}
	delete(h.due, address)
	h.choose()
	switch {
	case h.place < 0:
	case len(h.due) == 0:
		heap.Remove(&s.ready, h.place)
		delete(s.hosts, h.name)
	default:
		heap.Fix(&s.ready, h.place)
	}
}

// next returns the address to visit now, and notes that its host is visited; or
// how long there is nothing to do. A wait of zero with no address says that there
// are none.
func (s *schedule) next(now time.Time) (address string, wait time.Duration) {
	if len(s.ready) == 0 {
		return "", 0
	}
	h := s.ready[0]
	if wait := h.at().Sub(now); wait > 0 {
		return "", wait
	}
	heap.Pop(&s.ready)
	return h.first, 0
}

// done notes that a visit has ended, and when the address is due again.
func (s *schedule) done(address string, now, due time.Time) {
	h := s.hosts[hostName(address)]
	if h == nil {
		return
	}
	h.rests = now.Add(hostRest)
	if _, wanted := h.due[address]; wanted {
		h.due[address] = due
	}
	h.choose()
	if len(h.due) == 0 {
		delete(s.hosts, h.name)
		return
	}
	heap.Push(&s.ready, h)
}

// at is when the host may be visited, and has something to be visited.
func (h *host) at() time.Time {
	if due := h.due[h.first]; due.After(h.rests) {
		return due
	}
	return h.rests
}

func (h *host) choose() {
	h.first = ""
	for address, due := range h.due {
		if first, some := h.due[h.first]; !some || due.Before(first) || due.Equal(first) && address < h.first {
			h.first = address
		}
	}
}

// hosts is a heap of hosts, by when they may be visited.
type hosts []*host

func (h hosts) Len() int           { return len(h) }
func (h hosts) Less(i, j int) bool { return h[i].at().Before(h[j].at()) }
func (h hosts) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *hosts) Push(x any) {
	x.(*host).place = len(*h)
	*h = append(*h, x.(*host))
}

func (h *hosts) Pop() any {
	last := (*h)[len(*h)-1]
	last.place = -1
	*h = (*h)[:len(*h)-1]
	return last
}

// within returns a time that is some way into the time that follows now, not the
// same for two addresses: from most*9/10 to most.
func within(now time.Time, most time.Duration) time.Time {
	return now.Add(most - rand.N(most/10+1))
}
