//go:build linux

package etcd_test

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"tegata/registry/sequencer/etcd"
)

// A gate stands before a member, and can keep its answers back, or end connections
// and let nobody in. A connection that lost answers is of no use after that, and ends
// with the next one.
type gate struct {
	net.Listener
	shut, closed atomic.Bool
	inside       sync.Map // net.Conn → nothing
}

// end ends all connections, and lets nobody in from now on.
func (g *gate) end() {
	g.closed.Store(true)
	g.inside.Range(func(c, _ any) bool {
		c.(net.Conn).Close()
		return true
	})
}

func newGate(t *testing.T, member string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	g := &gate{Listener: l}
	go func() {
		for {
			down, err := l.Accept()
			if err != nil {
				return
			}
			g.inside.Store(down, nil)
			up, err := net.Dial("tcp", member)
			if err != nil || g.closed.Load() {
				down.Close()
				if err == nil {
					up.Close()
				}
				continue
			}
			go func() {
				io.Copy(up, down)
				up.Close()
			}()
			go g.answer(down, up)
		}
	}()
	return g
}

func (g *gate) answer(down, up net.Conn) {
	defer down.Close()
	defer up.Close()
	b := make([]byte, 1<<16)
	for lost := false; ; {
		n, err := up.Read(b)
		switch {
		case err != nil, lost && !g.shut.Load():
			return
		case g.shut.Load():
			lost = true
			continue
		}
		if _, err := down.Write(b[:n]); err != nil {
			return
		}
	}
}

// TestAnswerLost holds that a batch that was written, though the answer was lost, is
// found to be.
func TestAnswerLost(t *testing.T) {
	to := target(t, shared)
	g := newGate(t, shared.Members[0].Client)
	c := open(t, etcd.Target{Endpoints: []string{"http://" + g.Addr().String()}, Prefix: to.Prefix})
	h := enter(t, c, history{name: "one"}, 1, 2)
	b, next := h.next(t, 2, then)
	other := open(t, to)
	g.shut.Store(true)
	answer := make(chan error, 1)
	go func() { answer <- c.Append(t.Context(), b) }()
	follow(t, other, h.size)(next.size) // it is written
	g.shut.Store(false)
	if err := <-answer; err != nil {
		t.Errorf("it was written, and the node is told %v", err)
	}
	enter(t, c, next, 1, 2)
}
