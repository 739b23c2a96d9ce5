package front

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A counted connection counts what it is asked for.
type counted struct {
	net.Conn
	ones, told atomic.Int32 // reads of one byte, and deadlines of reading
}

func (c *counted) Read(p []byte) (int, error) {
	if len(p) == 1 {
		c.ones.Add(1)
	}
	return c.Conn.Read(p)
}

func (c *counted) SetReadDeadline(t time.Time) error {
	c.told.Add(1)
	return c.Conn.SetReadDeadline(t)
}

// TestRest: one byte without a deadline is waited for by the connection only after
// the second sweep; the first is 0.7 s after it is asked for.
func TestRest(t *testing.T) {
	const second, first = 1700 * time.Millisecond, 700 * time.Millisecond
	type side struct {
		*connection
		other net.Conn
	}
	comes := func(s side) { go s.other.Write(make([]byte, 1)) }
	back := func(s side) { s.SetReadDeadline(atOnce) }
	for name, c := range map[string]struct {
		before, while func(side)
		size          int // 0: 1
		took          time.Duration
		err           error
		told          int32
	}{
		"what comes":                   {while: comes, took: second},
		"what came":                    {before: comes, took: second},
		"the other side goes":          {while: func(s side) { s.other.Close() }, took: second, err: io.EOF},
		"called back":                  {while: back, err: os.ErrDeadlineExceeded},
		"called back before":           {before: back, err: os.ErrDeadlineExceeded},
		"called back after":            {while: func(s side) { time.Sleep(3 * time.Second); back(s) }, took: 3 * time.Second, err: os.ErrDeadlineExceeded, told: 1},
		"called back, and that too":    {before: func(s side) { back(s); s.SetReadDeadline(time.Time{}) }, while: comes, took: second},
		"a deadline meanwhile":         {while: func(s side) { s.SetReadDeadline(time.Now().Add(time.Second / 2)) }, took: first, err: os.ErrDeadlineExceeded},
		"a late one meanwhile":         {while: func(s side) { s.SetReadDeadline(time.Now().Add(time.Hour)); comes(s) }, took: second},
		"a deadline before":            {before: func(s side) { s.SetReadDeadline(time.Now().Add(time.Hour)) }, while: comes},
		"more than a byte":             {while: comes, size: 2},
		"closed":                       {while: func(s side) { s.Close() }, err: io.ErrClosedPipe},
		"closed before":                {before: func(s side) { s.Close() }, err: io.ErrClosedPipe},
		"dismissed":                    {while: func(s side) { s.of.mu.Lock(); s.of.dismiss(&s.of.all); s.of.mu.Unlock() }, err: io.ErrClosedPipe},
		"a handler has the connection": {before: func(s side) { s.of.state(s.connection, http.StateHijacked) }, while: comes},
	} {
		synctest.Test(t, func(t *testing.T) {
			own, other := net.Pipe()
			plain := &counted{Conn: own}
			s := side{newListener(nil, 9, 0, nil).admit(plain), other}
			time.Sleep(sweepEvery - first)
			if c.before != nil {
				c.before(s)
			}
			began := time.Now()
			var err error
			took := time.Duration(-1)
			go func() {
				_, err = s.Read(make([]byte, max(1, c.size)))
				took = time.Since(began)
			}()
			synctest.Wait()
			if c.while != nil {
				c.while(s)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if took != c.took || !errors.Is(err, c.err) || plain.told.Load() != c.told {
				t.Errorf("%s: it ended after %v, %v, and the connection was told %d times, want %v, %v, %d", name, took, err, plain.told.Load(), c.took, c.err, c.told)
			}
			s.Close()
			other.Close()
			time.Sleep(2 * sweepEvery) // who looks ends after the last connection, or else the test does not
		})
	}
}

// TestRestAtOnce: whatever comes at once, the last that is asked for counts: who
// waits ends, and the next read is not called back.
func TestRestAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own, other := net.Pipe()
		n := newListener(nil, 9, 0, nil).admit(own)
		for range 300 {
			began := time.Now()
			ended := make(chan error)
			go func() {
				_, err := n.Read(make([]byte, 1))
				ended <- err
			}()
			for range 3 {
				go n.SetReadDeadline(atOnce)
				go n.look()
				go n.SetReadDeadline(time.Time{})
			}
			synctest.Wait()
			n.SetReadDeadline(atOnce)
			if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) > 0 {
				t.Fatalf("it ended after %v, %v", time.Since(began), err)
			}
			n.SetReadDeadline(time.Time{})
			go other.Write(make([]byte, 2))
			if got, err := n.Read(make([]byte, 2)); got != 2 || err != nil || time.Since(began) > 0 {
				t.Fatalf("then got %d bytes after %v, %v", got, time.Since(began), err)
			}
		}
		n.Close()
		other.Close()
		time.Sleep(2 * sweepEvery)
	})
}
