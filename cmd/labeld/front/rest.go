package front

import (
	"os"
	"sync"
	"time"
)

// restLooks is how many sweeps a rest lasts for: between one and two times sweepEvery.
// So late may a request be told that its client went away.
const restLooks = 2

// A rest is how a connection lets a server wait for the other side to go away. While
// a request runs, net/http reads one byte, without a deadline, and calls that back
// once it has answered. To wait for what hardly ever comes, and to have its timer
// changed twice, costs a connection a fiftieth of an answer that was kept, and more
// where it has little else to do. So it waits here, and reads only for what runs long.
//
// Nothing else is read that way: a body and the next request have a deadline, TLS
// reads records. What rests keeps nobody waiting: the server reads the next request,
// of which that byte would be the first, when it has called it back.
type rest struct {
	up    sync.Cond // it ends; its lock, of the deadline for reading, is that of all here
	looks int       // until it does
	over  bool      // nobody rests any more
	reads int       // that the connection itself was asked for, and has not ended
	told  bool      // the connection, that the deadline has passed
}

// Read reads what comes until the deadline passes.
func (n *connection) Read(p []byte) (int, error) {
	if !n.enter(len(p) == 1) {
		return 0, os.ErrDeadlineExceeded
	}
	defer n.leave()
	return n.Conn.Read(p)
}

// enter rests, where that is to be, and reports whether the connection is to read then:
// not if the deadline has passed.
func (n *connection) enter(one bool) bool {
	n.reading.mu.Lock()
	defer n.reading.mu.Unlock()
	if one && !n.rest.over && n.reading.at.Load() == never {
		for n.rest.looks = restLooks; n.rest.looks > 0 && n.reading.at.Load() != passed; {
			n.rest.up.Wait()
		}
	}
	if n.reading.at.Load() == passed {
		return false
	}
	n.rest.reads++
	return true
}

func (n *connection) leave() {
	n.reading.mu.Lock()
	defer n.reading.mu.Unlock()
	n.rest.reads--
}

// tell is what the deadline for reading tells, under its lock: who rests first, and the
// connection only what is new to it, and of use to a read.
func (n *connection) tell(t time.Time) error {
	past := !t.IsZero()
	if past {
		n.rest.up.Broadcast()
	}
	if past == n.rest.told || past && n.rest.reads == 0 {
		return nil
	}
	n.rest.told = past
	return n.Conn.SetReadDeadline(t)
}

// look is one of the looks after which a rest ends.
func (n *connection) look() {
	n.reading.mu.Lock()
	defer n.reading.mu.Unlock()
	if n.rest.looks > 0 {
		if n.rest.looks--; n.rest.looks == 0 {
			n.rest.up.Broadcast()
		}
	}
}

// rouse ends a rest, and lets none begin: what is read then is up to the connection.
func (n *connection) rouse() {
	n.reading.mu.Lock()
	defer n.reading.mu.Unlock()
	n.rest.over, n.rest.looks = true, 0
	n.rest.up.Broadcast()
}
