package front

import (
	"cmp"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tegata/web"
)

// A listener holds so many connections at once, and so many of one address. Where
// there are too many, the one goes that has waited longest without a request: slow
// clients, half-open connections and idle ones keep nobody out. Where every one is
// being answered, the next waits its turn, and of one address is refused.
type listener struct {
	net.Listener
	most    int            // at once
	each    int            // of one address; 0: as many as there are
	proxies []netip.Prefix // whose connections are of many senders, and not counted by address

	begun time.Time
	turns atomic.Int64 // how often a connection began to wait
	full  atomic.Bool  // the next one waits its turn

	mu       sync.Mutex
	room     sync.Cond // a connection went or waits, or the listener was closed
	ended    bool
	held     []*connection // in any order
	sweeping bool          // their deadlines are looked at
	all      crowd
	from     map[netip.Prefix]*crowd
}

// A crowd is some of the connections.
type crowd struct {
	held    int
	waiting []waiter // when they were last looked through, the longest first, until the next sweep; see [listener.dismiss]
}

// A waiter is a connection that waits since a turn, unless it has run meanwhile.
type waiter struct {
	*connection
	at int64
}

// A connection is one that is held until it is closed.
type connection struct {
	net.Conn
	of    *listener
	from  netip.Prefix // not valid: of a proxy
	own   *crowd       // of that address
	nth   int          // of those held
	gone  bool
	since atomic.Int64 // the turn at which it began to wait; 0: a request is running

	reading, writing deadline
	rest             rest
}

func newListener(l net.Listener, most, each int, proxies []netip.Prefix) *listener {
	n := &listener{Listener: l, most: most, each: each, proxies: proxies, begun: time.Now(), from: map[netip.Prefix]*crowd{}}
	n.room.L = &n.mu
	return n
}

// Accept waits for the next connection that may be held.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if held := l.admit(c); held != nil {
			return held, nil
		}
		c.Close()
	}
}

// admit makes room for a connection, and returns nil where there can be none.
func (l *listener) admit(c net.Conn) *connection {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := &connection{Conn: c, of: l, from: l.network(c.RemoteAddr()), own: new(crowd)}
	if n.from.IsValid() {
		if there := l.from[n.from]; there != nil {
			n.own = there
		}
		if n.own.held == l.each && !l.dismiss(n.own) {
			return nil
		}
		l.from[n.from] = n.own
	}
	n.own.held++
	l.full.Store(len(l.held) >= l.most) // before they are looked through: who begins to wait looks the other way round
	for len(l.held) >= l.most && !l.ended && !l.dismiss(&l.all) {
		l.room.Wait()
	}
	l.full.Store(false)
	n.rest.up.L = &n.reading.mu
	n.reading.begin(l.begun, n.tell)
	n.writing.begin(l.begun, c.SetWriteDeadline)
	n.nth, l.held = len(l.held), append(l.held, n)
	if !l.sweeping {
		l.sweeping = true
		go l.sweep()
	}
	n.since.Store(l.turns.Add(1))
	if l.ended {
		l.forget(n)
		return nil
	}
	return n
}

// network is where a connection comes from, where that is counted.
func (l *listener) network(a net.Addr) netip.Prefix {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || l.each == 0 {
		return netip.Prefix{}
	}
	from := tcp.AddrPort().Addr().Unmap()
	if slices.ContainsFunc(l.proxies, func(p netip.Prefix) bool { return p.Contains(from) }) {
		return netip.Prefix{}
	}
	return web.Network(from)
}

// dismiss closes the connection of some that has waited longest. Those are looked
// through once for as many as wait then: who has not run since has waited longer than
// all that came to wait later.
func (l *listener) dismiss(some *crowd) bool {
	for looked := false; ; looked = true {
		for len(some.waiting) > 0 {
			n := some.waiting[0]
			some.waiting = some.waiting[1:]
			if !n.gone && n.since.CompareAndSwap(n.at, 0) {
				l.forget(n.connection)
				n.end()
				return true
			}
		}
		if looked {
			return false
		}
		for _, n := range l.held {
			if since := n.since.Load(); since > 0 && (some == &l.all || some == n.own) {
				some.waiting = append(some.waiting, waiter{n, since})
			}
		}
		slices.SortFunc(some.waiting, func(a, b waiter) int { return cmp.Compare(a.at, b.at) })
	}
}

// forget gives the place of a connection to the next.
func (l *listener) forget(n *connection) {
	if n.gone {
		return
	}
	n.gone = true
	last := len(l.held) - 1
	l.held[n.nth] = l.held[last]
	l.held[n.nth].nth = n.nth
	l.held[last] = nil
	l.held = l.held[:last]
	if n.own.held--; n.own.held == 0 && n.from.IsValid() {
		delete(l.from, n.from)
	}
	l.room.Signal()
}

// state is told by the server what a connection does.
func (l *listener) state(c net.Conn, s http.ConnState) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	n, ok := c.(*connection)
	if !ok {
		return
	}
	switch s {
	case http.StateActive:
		n.since.Store(0)
	case http.StateIdle:
		n.since.Store(l.turns.Add(1))
		if l.full.Load() { // it can make room
			l.mu.Lock()
			l.room.Signal()
			l.mu.Unlock()
		}
	case http.StateHijacked: // who has it reads as it likes
		n.rouse()
	}
}

// counts are how many connections are being answered, how many wait without a
// request, and how many there may be.
func (l *listener) counts() (running, waiting, most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.held {
		if n.since.Load() > 0 {
			waiting++
		}
	}
	return len(l.held) - waiting, waiting, l.most
}

// Close ends the wait for connections. Those that are held stay.
func (l *listener) Close() error {
	l.mu.Lock()
	l.ended = true
	l.room.Broadcast()
	l.mu.Unlock()
	return l.Listener.Close()
}

func (n *connection) Close() error {
	n.of.mu.Lock()
	n.of.forget(n)
	n.of.mu.Unlock()
	return n.end()
}

func (n *connection) end() error {
	n.rouse()
	return n.Conn.Close()
}
