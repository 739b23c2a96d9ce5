package front

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// A gate answers over a listener. A request is answered once a word is sent for
// it.
type gate struct {
	*listener
	address string
	running chan struct{}
	answers chan struct{}
	gone    chan struct{} // a request ended without one
}

func newGate(t *testing.T, most, each int, proxies ...netip.Prefix) *gate {
	t.Helper()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{newListener(plain, most, each, proxies), plain.Addr().String(), make(chan struct{}, 9), make(chan struct{}), make(chan struct{}, 9)}
	server := &http.Server{ConnState: g.state, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.running <- struct{}{}
		select {
		case <-g.answers:
			io.WriteString(w, "ok")
		case <-r.Context().Done():
			g.gone <- struct{}{}
		}
	})}
	go server.Serve(g)
	t.Cleanup(func() { server.Close() })
	return g
}

// A caller has one connection.
type caller struct {
	net.Conn
	t *testing.T
}

func (g *gate) call(t *testing.T, from string) caller {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.Dial("tcp", g.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	return caller{c, t}
}

func (c caller) ask() caller {
	c.t.Helper()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		c.t.Fatal(err)
	}
	return c
}

// answered waits for the answer to a request.
func (c caller) answered() caller {
	c.t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "ok" {
		c.t.Fatalf("got %q, %v", body, err)
	}
	return c
}

// dismissed waits until the connection is closed by the server.
func (c caller) dismissed() {
	c.t.Helper()
	if b, err := io.ReadAll(c); len(b) > 0 || err != nil && strings.Contains(err.Error(), "timeout") {
		c.t.Fatalf("got %q, %v, want a connection that is closed", b, err)
	}
}

// holds waits until so many connections are held, and so many of them wait.
func (g *gate) holds(t *testing.T, held, waiting int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	var got string
	for range 10_000 {
		running, idle, _ := g.counts()
		got = fmt.Sprint(running+idle, idle)
		if got == fmt.Sprint(held, waiting) {
			return
		}
		<-tick.C
	}
	t.Fatalf("got %s connections held and waiting, want %d and %d", got, held, waiting)
}
