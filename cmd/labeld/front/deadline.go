package front

import (
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// sweepEvery is how late it may be noticed that a deadline has passed.
const sweepEvery = time.Second

// A deadline is until when a connection waits for the other side, in one direction.
// A server sets several for each request, nearly all of which never pass, and each
// changes a timer of the connection: that is a twelfth of an answer that was kept.
// Here they are only noted; all connections are looked at once in a while.
type deadline struct {
	at   atomic.Int64          // see [deadline.ask]
	from time.Time             // which it is counted from, by a clock that nobody sets
	mu   sync.Mutex            // of tell
	tell func(time.Time) error // ends what waits if it is past, and lets it wait if it is zero
}

// What is told apart from nanoseconds.
const (
	never  = math.MaxInt64 // it waits as long as it takes
	passed = math.MinInt64 // and the connection was told so, or will be before who found it goes on; for reading see [rest]
)

// begin has a deadline wait as long as it takes; tell is of the connection.
func (d *deadline) begin(from time.Time, tell func(time.Time) error) {
	d.from, d.tell = from, tell
	d.at.Store(never)
}

// ask sets the deadline; the zero time: there is none. One before all others is how a
// server ends what waits: it counts at once.
func (d *deadline) ask(t time.Time) error {
	at := int64(never)
	if !t.IsZero() {
		at = int64(t.Sub(d.from))
	}
	if at < 0 {
		at = passed
	}
	if had := d.at.Swap(at); at != passed && had != passed {
		return nil
	}
	return d.settle()
}

// look ends what waits if the deadline has passed so many nanoseconds after from.
func (d *deadline) look(now int64) error {
	at := d.at.Load()
	if at > now || at == passed || !d.at.CompareAndSwap(at, passed) {
		return nil
	}
	return d.settle()
}

// settle tells the connection what holds. Of several that do, the last one tells what
// was asked last.
func (d *deadline) settle() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.at.Load() == passed {
		return d.tell(d.from)
	}
	return d.tell(time.Time{})
}

// sweep looks at all connections as long as there are some.
func (l *listener) sweep() {
	ticks := time.NewTicker(sweepEvery)
	defer ticks.Stop()
	var now []*connection
	for range ticks.C {
		l.mu.Lock()
		now = append(now[:0], l.held...)
		l.all.waiting = nil // which keeps those that are gone
		for _, n := range now {
			n.own.waiting = nil
		}
		l.sweeping = len(now) > 0
		l.mu.Unlock()
		if len(now) == 0 {
			return
		}
		at := int64(time.Since(l.begun))
		for _, n := range now {
			for _, d := range []*deadline{&n.reading, &n.writing} {
				d.look(at) // an error is that it was closed meanwhile
			}
			n.look()
		}
		clear(now)
	}
}

func (n *connection) SetReadDeadline(t time.Time) error  { return n.reading.ask(t) }
func (n *connection) SetWriteDeadline(t time.Time) error { return n.writing.ask(t) }

func (n *connection) SetDeadline(t time.Time) error {
	return errors.Join(n.reading.ask(t), n.writing.ask(t))
}
