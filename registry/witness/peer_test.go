package witness

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/tlog"
)

// A peer is a witness somewhere, with a key of its own, behind whatever handler.
type peer struct {
	Witness
	cosigner *tlog.Cosigner
	handler  http.Handler

	mu    sync.Mutex
	asked []time.Time
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, time.Now())
	p.mu.Unlock()
	p.handler.ServeHTTP(w, r)
}

// times is how often it was asked since, and forgets that.
func (p *peer) times() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() { p.asked = nil }()
	return len(p.asked)
}

func newPeer(name string) *peer {
	c := must(tlog.NewCosigner(name, key(name)))
	return &peer{cosigner: c, Witness: Witness{Key: c.Key(), URL: "http://" + name}}
}

// honest is a peer that is a real witness of the kit's log.
func honest(t *testing.T, k *registrytest.Kit, name string) *peer {
	t.Helper()
	p := newPeer(name)
	s, err := Open(Config{Cosigner: p.cosigner, Logs: []tlog.LogKey{k.Config.Log.Key()}, Folder: t.TempDir(), Now: k.Config.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p.handler = s
	return p
}

// hang waits until who asked has gone, which a server sees once it has read the
// request.
func hang(r *http.Request) {
	io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// A network joins client and servers within a test, by name.
type network struct {
	listeners map[string]chan net.Conn
	closed    chan struct{}
}

type hub struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (h hub) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}
func (h hub) Close() error   { return nil }
func (h hub) Addr() net.Addr { return &net.TCPAddr{} }

func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address)
	ours, theirs := net.Pipe()
	select {
	case n.listeners[host] <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A trial is a registry that offers its head to peers, within a bubble.
type trial struct {
	kit  *registrytest.Kit
	said *safeBuffer
	end  func() // ends the offers and waits for that
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newTrial makes the registry on 1 June 2026, by the bubble's clock.
func newTrial(t *testing.T) *trial {
	t.Helper()
	k := registrytest.New(t)
	time.Sleep(time.Until(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)))
	k.Begin(t)
	k.Config.Now = time.Now
	return &trial{kit: k, said: new(safeBuffer)}
}

// begin has the registry offer its head to the peers.
func (tr *trial) begin(t *testing.T, peers ...*peer) {
	t.Helper()
	n := &network{map[string]chan net.Conn{}, make(chan struct{})}
	client := newClient()
	client.Transport.(*http.Transport).DialContext = n.dial
	o := &Offers{Log: slog.New(slog.NewTextHandler(tr.said, nil)), client: client}
	var servers []*http.Server
	for _, p := range peers {
		h := hub{make(chan net.Conn), n.closed}
		n.listeners[p.Key.Name()] = h.conns
		s := &http.Server{Handler: p, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
		go s.Serve(h)
		servers = append(servers, s)
		o.Witnesses = append(o.Witnesses, p.Witness)
		tr.kit.Config.Witnesses = append(tr.kit.Config.Witnesses, p.Key)
	}
	tr.kit.Reopen(t)
	o.Registry = tr.kit.Registry
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { o.Run(ctx); close(done) }()
	tr.end = func() {
		before := time.Now()
		cancel()
		<-done
		if d := time.Since(before); d > 0 {
			t.Errorf("it took %v to end", d)
		}
		close(n.closed)
		for _, s := range servers {
			s.Close()
		}
	}
}

// enter enters n labels.
func (tr *trial) enter(t *testing.T, first, n int64) {
	t.Helper()
	tr.kit.Clock.Set(time.Now())
	for i := range n {
		tr.kit.Append(t, tr.kit.Say(t, verify.LabelIssued, registrytest.Code(first+i), nil))
	}
}

// lines returns how old the words of witnesses under the published checkpoint
// are, by name.
func (tr *trial) lines(t *testing.T) map[string]time.Duration {
	t.Helper()
	b, err := tr.kit.Registry.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	_, lines, err := tlog.OpenCheckpoint(b, tr.kit.Registry.LogKey(), tr.kit.Config.Witnesses...)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), "\n— "); n != 2+len(lines) {
		t.Errorf("got %d lines of unknown keys under\n%s", n-2-len(lines), b)
	}
	out := map[string]time.Duration{}
	for _, l := range lines {
		out[l.By.Name()] = time.Since(l.Time).Truncate(time.Second)
	}
	return out
}
