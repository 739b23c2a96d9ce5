package front

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestListenerFull: the one that waited longest makes room, whether it never asked or
// has been answered; one that is being answered never does, and the next waits its
// turn.
func TestListenerFull(t *testing.T) {
	g := newGate(t, 3, 0)
	first := g.call(t, "127.0.0.1").ask()
	<-g.running
	g.holds(t, 1, 0)
	silent := g.call(t, "127.0.0.1")
	g.holds(t, 2, 1)
	half := g.call(t, "127.0.0.1")
	io.WriteString(half, "GET / HTTP/1.1\r\nHo")
	g.holds(t, 3, 2)
	g.answers <- struct{}{}
	first.answered()
	g.holds(t, 3, 3)

	second := g.call(t, "127.0.0.1").ask() // in the place of the silent one
	<-g.running
	silent.dismissed()
	third := g.call(t, "127.0.0.1").ask()
	<-g.running
	half.dismissed()
	fourth := g.call(t, "127.0.0.1").ask()
	<-g.running
	first.dismissed()
	g.holds(t, 3, 0)

	fifth := g.call(t, "127.0.0.1").ask() // all are being answered
	g.answers <- struct{}{}
	<-g.running // it runs now: the one that was answered went for it
	for range 3 {
		g.answers <- struct{}{}
	}
	fifth.answered()
	gone := 0
	for _, c := range []caller{second, third, fourth} {
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(resp.Body); err != nil {
			t.Fatal(err)
		}
		gone++
	}
	if g.holds(t, 3, 3); gone != 3 {
		t.Errorf("%d were answered", gone)
	}
}

// TestListenerEach: one address has so many, and its own go first; others and a
// trusted proxy are not touched.
func TestListenerEach(t *testing.T) {
	g := newGate(t, 9, 2, netip.MustParsePrefix("127.0.0.9/32"))
	other := g.call(t, "127.0.0.2")
	g.holds(t, 1, 1)
	one, two := g.call(t, "127.0.0.1"), g.call(t, "127.0.0.1")
	g.holds(t, 3, 3)
	three := g.call(t, "127.0.0.1").ask()
	<-g.running
	one.dismissed()
	four := g.call(t, "127.0.0.1").ask()
	<-g.running
	two.dismissed()
	g.call(t, "127.0.0.1").dismissed() // both are being answered: refused
	g.holds(t, 3, 1)
	for range 3 {
		g.call(t, "127.0.0.9")
	}
	g.holds(t, 6, 4)
	close(g.answers)
	three.answered()
	four.answered()
	other.ask().answered()
	g.mu.Lock()
	if len(g.from) != 2 {
		t.Errorf("got %d addresses that are counted, want 2", len(g.from))
	}
	g.mu.Unlock()
	for _, c := range []caller{other, three, four} {
		c.Close()
	}
	g.holds(t, 3, 3)
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.from) != 0 {
		t.Errorf("%d addresses are remembered that have no connection", len(g.from))
	}
}

// TestListenerOne: where an address has one connection, that one goes for the next.
func TestListenerOne(t *testing.T) {
	g := newGate(t, 9, 1)
	for range 3 {
		last := g.call(t, "127.0.0.1")
		g.holds(t, 1, 1)
		defer func() { last.Close() }()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.from {
		if len(g.from) != 1 || c.held != 1 {
			t.Errorf("got %d addresses, %d held", len(g.from), c.held)
		}
	}
}

// TestListenerGone: those that are gone are not kept for having waited.
func TestListenerGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newListener(nil, 6, 3, nil)
		dial := func(from string) *connection {
			own, other := net.Pipe()
			t.Cleanup(func() { other.Close() })
			return l.admit(of{own, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from))})
		}
		var last *connection
		for range 4 {
			dial("127.0.0.2:1")
			last = dial("127.0.0.3:1")
		}
		dial("127.0.0.4:1")
		l.mu.Lock()
		if len(l.held) != 6 || len(last.own.waiting) == 0 || len(l.all.waiting) == 0 {
			t.Errorf("got %d connections, of which %d and %d were looked through", len(l.held), len(last.own.waiting), len(l.all.waiting))
		}
		l.mu.Unlock()
		time.Sleep(2 * sweepEvery)
		l.mu.Lock()
		if last.own.waiting != nil || l.all.waiting != nil {
			t.Error("after a sweep those that were looked through are kept")
		}
		held := slices.Clone(l.held)
		l.mu.Unlock()
		for _, n := range held {
			n.Close()
		}
		time.Sleep(2 * sweepEvery) // who looks ends after the last connection, or else the test does not
	})
}

// An of is a connection of another address.
type of struct {
	net.Conn
	from net.Addr
}

func (c of) RemoteAddr() net.Addr { return c.from }

// TestListenerClosed: a connection that waits for its turn does not keep the
// server from ending.
func TestListenerClosed(t *testing.T) {
	g := newGate(t, 1, 0)
	g.call(t, "127.0.0.1").ask()
	<-g.running
	last := g.call(t, "127.0.0.1")
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	last.dismissed()
	close(g.answers)
	g.holds(t, 1, 1)
}
