package front

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Pipes are a listener of connections in memory.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error { close(p); return nil }

func (p pipes) Addr() net.Addr { return &net.UnixAddr{} }

// A visit is one client at a server with time limits, in simulated time. What it asks
// for is answered with its address, once a word is sent for it where that is /long.
type visit struct {
	net.Conn
	t       *testing.T
	own     *counted // the server's side
	server  *http.Server
	answers *bufio.Reader
	running chan bool
	word    chan bool
	gone    chan time.Time // a request ended without one
}

func (v *visit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		v.t.Error(err)
	}
	if r.URL.Path == "/long" {
		v.running <- true
		select {
		case <-v.word:
		case <-r.Context().Done():
			v.gone <- time.Now()
			return
		}
	}
	io.WriteString(w, r.URL.Path+r.Trailer.Get("Last")) // a field after the body
}

// visited does what a client does, and returns how long that took.
func visited(t *testing.T, do func(v *visit)) (took time.Duration, own *counted) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := make(pipes)
		l := newListener(p, 9, 0, nil)
		plain, other := net.Pipe()
		own = &counted{Conn: plain}
		v := &visit{other, t, own, nil, bufio.NewReader(other), make(chan bool), make(chan bool), make(chan time.Time, 1)}
		v.server = &http.Server{Handler: v, ConnState: l.state, ReadTimeout: time.Hour, IdleTimeout: time.Hour}
		go v.server.Serve(l)
		p <- own
		began := time.Now()
		do(v)
		took = time.Since(began)
		other.Close()
		time.Sleep(2 * restLooks * sweepEvery)
		v.server.Close()
	})
	return took, own
}

// ask sends parts of requests, one after the other once the server can do no more.
func (v *visit) ask(parts ...string) {
	for _, part := range parts {
		go io.WriteString(v, part)
		synctest.Wait()
	}
}

func (v *visit) answered(want string) {
	v.t.Helper()
	resp, err := http.ReadResponse(v.answers, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); string(body) != want || err != nil {
		v.t.Errorf("got %.20q, %v, want %.20q", body, err, want)
	}
	synctest.Wait() // the server is done with it
}

const (
	short = "GET /short HTTP/1.1\r\nHost: x\r\n\r\n"
	long  = "GET /long HTTP/1.1\r\nHost: x\r\n\r\n"
	post  = "POST /short HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
	field = "Last: "
)

// TestRestAnswers: what is asked for is answered at once, also where it comes while
// another request runs, and where the last byte of it comes when the server's buffer
// has room for no other. A connection is not asked to wait for its client to go away
// where that is soon.
func TestRestAnswers(t *testing.T) {
	last := strings.Repeat("x", 4096-len(field+"\r\n\r\n"))
	for name, c := range map[string]struct {
		do   func(v *visit)
		ones int32 // reads of one byte
	}{
		"one by one": {do: func(v *visit) {
			for range 50 {
				v.ask(short)
				v.answered("/short")
			}
		}},
		"together": {do: func(v *visit) {
			v.ask(short + short)
			v.answered("/short")
			v.answered("/short")
		}},
		"while one runs": {do: func(v *visit) {
			v.ask(long)
			<-v.running
			v.ask(short)
			v.word <- true
			v.answered("/long")
			v.answered("/short")
		}},
		"bodies": {do: func(v *visit) {
			for range 3 {
				v.ask(post, "x", "x")
				v.answered("/short")
			}
		}},
		"a full buffer": {ones: 1, do: func(v *visit) {
			v.ask("POST /short HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: Last\r\n\r\n",
				"1\r\na\r\n0\r\n", field+last+"\r\n\r", "\n")
			v.answered("/short" + last)
		}},
	} {
		if took, own := visited(t, c.do); took > 0 || own.ones.Load() != c.ones || own.told.Load() > 0 {
			t.Errorf("%s: it took %v; the connection was asked for one byte %d times, want %d, and was told %d deadlines", name, took, own.ones.Load(), c.ones, own.told.Load())
		}
	}
}

// TestRestGone: a handler is told that its client went away, by the second sweep, and
// at once that the server was closed.
func TestRestGone(t *testing.T) {
	const while = restLooks * sweepEvery
	for name, c := range map[string]struct {
		ask    string
		goes   func(v *visit)
		before time.Duration // that it runs
		most   time.Duration // until it is told
	}{
		"client":                {long, func(v *visit) { v.Close() }, 0, while},
		"client with a body":    {strings.Replace(post, "short", "long", 1) + "ab", func(v *visit) { v.Close() }, 0, while},
		"client after a while":  {long, func(v *visit) { v.Close() }, while, 0},
		"client on the next":    {short + long, func(v *visit) { v.Close() }, 0, while},
		"server":                {long, func(v *visit) { v.server.Close() }, 0, 0},
		"server after a while":  {long, func(v *visit) { v.server.Close() }, while, 0},
		"server, while it asks": {long + short, func(v *visit) { v.server.Close() }, 0, 0},
	} {
		visited(t, func(v *visit) {
			v.ask(c.ask)
			if strings.HasPrefix(c.ask, short) {
				v.answered("/short")
			}
			<-v.running
			time.Sleep(c.before)
			synctest.Wait()
			began := time.Now()
			c.goes(v)
			if took := (<-v.gone).Sub(began); took > c.most {
				t.Errorf("%s: it was told after %v, want %v at most", name, took, c.most)
			}
		})
	}
}

// TestRestLong: a request that runs longer than a rest is answered, and the next one.
func TestRestLong(t *testing.T) {
	_, own := visited(t, func(v *visit) {
		for range 3 {
			v.ask(long)
			<-v.running
			time.Sleep(time.Minute)
			v.word <- true
			v.answered("/long")
			v.ask(short)
			v.answered("/short")
		}
	})
	if ones, told := own.ones.Load(), own.told.Load(); ones != 3 || told != 6 {
		t.Errorf("the connection was asked for one byte %d times, and told %d deadlines, want 3 and 6", ones, told)
	}
}

// TestRestReal: so it is also where the connections are real: one client goes away
// while its request runs; the other one stays for longer than a rest.
func TestRestReal(t *testing.T) {
	g := newGate(t, 9, 0)
	stays := g.call(t, "127.0.0.1").ask()
	<-g.running
	goes := g.call(t, "127.0.0.1").ask()
	<-g.running
	goes.Close()
	<-g.gone
	for range 2 {
		g.answers <- struct{}{}
		stays.answered().ask()
	}
	g.answers <- struct{}{}
	stays.answered()
}
