//go:build chaos && linux

package chaos

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tegata/verify"
)

// busyTarget is how much of the machine is to be at work.
const busyTarget = 0.8

// Connections that do nothing, that send a header slowly, and that send a body
// slowly, all the while.
const (
	idleConnections = 10_000
	slowHeaders     = 200
	slowBodies      = 200
)

// TestSoak holds a mixed load at four fifths of the machine, beside clients that
// are slow or do nothing at all: no request fails, and neither goroutines nor
// memory grow once it is warm.
func TestSoak(t *testing.T) {
	m := newMachines(t, 1, "-metrics", soakMetrics, "-connections", "12000")
	s := &soak{m: m, node: m.nodes[0], rest: int64(20 * time.Millisecond)}
	s.stock(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var all sync.WaitGroup
	s.slow(ctx, t, &all)
	for _, job := range []struct {
		name    string
		clients int
		do      func(*http.Client, *mathrand.Rand) error
	}{
		{"scan", 8, s.scan}, {"verify", 8, s.verify}, {"batch", 2, s.batch}, {"write", 2, s.write}, {"tile", 2, s.tile},
	} {
		k := &kind{name: job.name}
		s.kinds = append(s.kinds, k)
		for i := range job.clients {
			all.Go(func() { s.run(ctx, k, uint64(i), job.do) })
		}
	}
	warm := max(*length/3, 5*time.Second)
	s.hold(t, warm)
	before := s.measure(t)
	s.hold(t, max(*length-warm, 5*time.Second))
	after := s.measure(t)
	cancel()
	all.Wait()
	for _, k := range s.kinds {
		slices.Sort(k.took)
		fmt.Printf("%-8s %7d answered, %d failed; half within %v, 99 of 100 within %v\n", k.name, len(k.took), k.failed,
			k.took[len(k.took)/2].Round(10*time.Microsecond), k.took[len(k.took)*99/100].Round(10*time.Microsecond))
		if k.failed > 0 {
			t.Errorf("%s: %d requests failed, such as: %v", k.name, k.failed, k.err)
		}
	}
	fmt.Printf("busy %.0f%%; goroutines %d when warm, %d at the end; anonymous memory %d MiB when warm, %d MiB at the end; log of %d entries\n",
		100*s.busy, before.goroutines, after.goroutines, before.memory>>20, after.memory>>20, s.entered.Load())
	if after.goroutines > before.goroutines+before.goroutines/50+20 {
		t.Errorf("goroutines grow: %d, then %d", before.goroutines, after.goroutines)
	}
	if after.memory > before.memory+before.memory/4+16<<20 {
		t.Errorf("memory grows: %d bytes, then %d", before.memory, after.memory)
	}
}

// soakMetrics is where the server tells its metrics.
const soakMetrics = "127.0.0.1:9464"

type soak struct {
	m       *machines
	node    *node
	codes   []string
	rest    int64 // nanoseconds a client rests after a request; turned until the machine is as busy as it should be
	busy    float64
	entered atomic.Int64
	kinds   []*kind
	ended   chan struct{} // one for each idle connection that the server ended
}

// A kind of request, and how long each took.
type kind struct {
	name   string
	mu     sync.Mutex
	took   []time.Duration
	failed int
	err    error
}

// stock enters the labels that are asked about.
func (s *soak) stock(t *testing.T) {
	t.Helper()
	c := client()
	for range 2000 {
		code := verify.NewCode([7]byte(fmt.Appendf(nil, "%07d", len(s.codes))))
		token, err := s.m.label(code)
		if err != nil {
			t.Fatal(err)
		}
		if index, err := s.node.enter(c, token); err != nil || index < 0 {
			t.Fatalf("a label is not entered: %v", err)
		}
		s.codes = append(s.codes, string(code))
	}
}

func (s *soak) run(ctx context.Context, k *kind, me uint64, do func(*http.Client, *mathrand.Rand) error) {
	rng, c := mathrand.New(mathrand.NewPCG(*seed, me)), client()
	for ctx.Err() == nil {
		began := time.Now()
		err := do(c, rng)
		took := time.Since(began)
		k.mu.Lock()
		if err != nil {
			k.failed, k.err = k.failed+1, err
		} else {
			k.took = append(k.took, took)
		}
		k.mu.Unlock()
		time.Sleep(time.Duration(atomic.LoadInt64(&s.rest)))
	}
}

// get reads an answer to its end.
func (s *soak) get(c *http.Client, path string) error {
	resp, err := c.Get("http://" + s.node.address + path)
	return whole(resp, err)
}

func whole(resp *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s", resp.Status)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func (s *soak) any(rng *mathrand.Rand) string { return s.codes[rng.IntN(len(s.codes))] }

func (s *soak) scan(c *http.Client, rng *mathrand.Rand) error { return s.get(c, "/V/"+s.any(rng)) }

func (s *soak) verify(c *http.Client, rng *mathrand.Rand) error {
	return s.get(c, "/api/v1/verify/"+s.any(rng))
}

func (s *soak) batch(c *http.Client, rng *mathrand.Rand) error {
	var list bytes.Buffer
	fmt.Fprintln(&list, "code")
	for range 200 {
		fmt.Fprintln(&list, s.any(rng))
	}
	return whole(c.Post("http://"+s.node.address+"/api/v1/verify", "text/csv", &list))
}

func (s *soak) write(c *http.Client, rng *mathrand.Rand) error {
	token, err := s.m.label(randomCode(rng))
	if err != nil {
		return err
	}
	index, err := s.node.enter(c, token)
	if err == nil && index < 0 {
		err = fmt.Errorf("it is not known whether a label was entered")
	}
	s.entered.Store(max(s.entered.Load(), index+1))
	return err
}

func (s *soak) tile(c *http.Client, rng *mathrand.Rand) error {
	return s.get(c, fmt.Sprintf("/tile/entries/%03d", rng.IntN(len(s.codes)/256)))
}

// slow opens connections that are of no use to anybody, and opens each again that
// the server ends.
func (s *soak) slow(ctx context.Context, t *testing.T, all *sync.WaitGroup) {
	t.Helper()
	idle := func() error { // asks once, and then waits for nothing until the server ends it
		c, err := net.Dial("tcp", s.node.address)
		if err != nil {
			return err
		}
		stop := context.AfterFunc(ctx, func() { c.Close() })
		all.Go(func() {
			io.Copy(io.Discard, c)
			stop()
			c.Close()
			s.ended <- struct{}{}
		})
		_, err = fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		return err
	}
	s.ended = make(chan struct{}, idleConnections)
	for i := range idleConnections {
		if err := idle(); err != nil {
			t.Fatalf("idle connection %d: %v", i, err)
		}
	}
	all.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.ended:
				if err := idle(); err != nil && ctx.Err() == nil {
					s.ended <- struct{}{}
				}
			}
		}
	})
	drip := func(head string) {
		for ctx.Err() == nil {
			c, err := net.Dial("tcp", s.node.address)
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { c.Close() })
			fmt.Fprint(c, head)
			for err == nil {
				time.Sleep(time.Second)
				_, err = fmt.Fprint(c, "x")
			}
			stop()
			c.Close()
		}
	}
	for range slowHeaders {
		all.Go(func() { drip("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ") })
	}
	for range slowBodies {
		all.Go(func() {
			drip("POST /api/v1/statements HTTP/1.1\r\nHost: x\r\nContent-Type: application/jose\r\nContent-Length: 9000\r\n\r\n")
		})
	}
}

// hold keeps the machine as busy as it should be for so long.
func (s *soak) hold(t *testing.T, long time.Duration) {
	t.Helper()
	began, idle, total := time.Now(), uint64(0), uint64(0)
	firstIdle, firstTotal := processor(t)
	idle, total = firstIdle, firstTotal
	for time.Since(began) < long {
		time.Sleep(500 * time.Millisecond)
		i, n := processor(t)
		busy := 1 - float64(i-idle)/float64(max(1, n-total))
		idle, total = i, n
		turn := 1 + 0.5*(busy-busyTarget)
		atomic.StoreInt64(&s.rest, max(int64(100*time.Microsecond), int64(float64(atomic.LoadInt64(&s.rest))*turn)))
	}
	s.busy = 1 - float64(idle-firstIdle)/float64(max(1, total-firstTotal))
}

// processor is how long all cores were idle and how long they were there, in ticks.
func processor(t *testing.T) (idle, total uint64) {
	t.Helper()
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	for i, f := range strings.Fields(line)[1:] {
		n, _ := strconv.ParseUint(f, 10, 64)
		if i == 3 || i == 4 {
			idle += n
		}
		total += n
	}
	return idle, total
}

// A measurement of the server.
type measurement struct{ goroutines, memory int }

func (s *soak) measure(t *testing.T) (m measurement) {
	t.Helper()
	resp, err := client().Get("http://" + soakMetrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "go_goroutines "); ok {
			json.Unmarshal([]byte(text), &m.goroutines)
		}
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", s.node.process.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Anonymous:"); ok {
			kib, _ := strconv.Atoi(strings.Fields(rest)[0])
			m.memory = kib << 10
		}
	}
	if m.goroutines == 0 || m.memory == 0 {
		t.Fatalf("measured %+v", m)
	}
	return m
}
