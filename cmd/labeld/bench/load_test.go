package bench

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// connections are kept open and asked on, one request after the other on each.
const connections = 32

// varied in an address is another number in every request.
const varied = "NUMBER"

// load asks an address on 32 connections for as long as a round says, and returns
// how many answers came in a second. Every one must be a 200. It asks with wrk
// where that is installed, which takes less of the machine.
func (b *bench) load(address string) float64 {
	b.Helper()
	wrk, err := exec.LookPath("wrk")
	var rate float64
	if err == nil {
		rate, err = askWrk(wrk, b.dir, address, *span)
	} else {
		rate, err = ask(address, *span)
	}
	if err != nil {
		b.Fatalf("%s: %v", address, err)
	}
	return rate
}

// askWrk asks with wrk, which counts in whole seconds, and with a script of Lua
// where requests vary.
func askWrk(wrk, dir, address string, span time.Duration) (float64, error) {
	args := []string{"-t1", "-c" + strconv.Itoa(connections), fmt.Sprintf("-d%ds", int(math.Ceil(span.Seconds())))}
	if strings.Contains(address, varied) {
		u, err := url.Parse(address)
		if err != nil {
			return 0, err
		}
		before, after, _ := strings.Cut(u.RequestURI(), varied)
		script := filepath.Join(dir, "varied.lua")
		text := fmt.Sprintf("local n = %d\nfunction request() n = n + 1; return wrk.format(\"GET\", %q .. n .. %q) end\n", varying.Add(1)*10_000_000, before, after)
		if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
			return 0, err
		}
		args = append(args, "-s", script)
	}
	out, err := exec.Command(wrk, append(args, address)...).CombinedOutput()
	m := regexp.MustCompile(`Requests/sec: +([0-9.]+)`).FindSubmatch(out)
	if err != nil || m == nil || regexp.MustCompile(`Non-2xx|Socket errors`).Match(out) {
		return 0, fmt.Errorf("%w\n%s", err, out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

// varying counts the loads whose requests vary, so that no number comes twice.
var varying atomic.Int64

// ask is the same without wrk.
func ask(address string, span time.Duration) (float64, error) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, err
	}
	number := new(atomic.Int64)
	number.Store(varying.Add(1) * 10_000_000)
	until := time.Now().Add(span)
	var all sync.WaitGroup
	var answers atomic.Int64
	faults := make(chan error, connections)
	for range connections {
		all.Go(func() {
			n, err := askOne(u.Host, requests(u, number), until)
			answers.Add(n)
			if err != nil {
				faults <- err
			}
		})
	}
	all.Wait()
	select {
	case err := <-faults:
		return 0, err
	default:
		return float64(answers.Load()) / span.Seconds(), nil
	}
}

// requests returns what makes one request after the other.
func requests(u *url.URL, number *atomic.Int64) (next func() []byte) {
	before, after, vary := strings.Cut(u.RequestURI(), varied)
	request := []byte("GET " + before + " HTTP/1.1\r\nHost: " + u.Host + "\r\n\r\n")
	return func() []byte {
		if vary {
			request = fmt.Appendf(request[:0], "GET %s%d%s HTTP/1.1\r\nHost: %s\r\n\r\n", before, number.Add(1), after, u.Host)
		}
		return request
	}
}

// askOne asks on one connection, with what next returns. It looks at the status and the
// length alone.
func askOne(host string, next func() []byte, until time.Time) (n int64, err error) {
	c, err := net.Dial("tcp", host)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if err := c.SetDeadline(until.Add(10 * time.Second)); err != nil {
		return 0, err
	}
	answers := bufio.NewReader(c)
	for ; time.Now().Before(until); n++ {
		if _, err := c.Write(next()); err != nil {
			return n, err
		}
		length := -1
		for first := true; ; first = false {
			line, err := answers.ReadString('\n')
			if err != nil {
				return n, err
			}
			if first && !strings.HasPrefix(line, "HTTP/1.1 200 ") {
				return n, fmt.Errorf("got %q", line)
			}
			if line == "\r\n" {
				break
			}
			if value, found := strings.CutPrefix(line, "Content-Length: "); found {
				if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
					return n, err
				}
			}
		}
		if length < 0 {
			return n, fmt.Errorf("got an answer of no length")
		}
		if _, err := answers.Discard(length); err != nil {
			return n, err
		}
	}
	return n, nil
}

// Both ways of asking count the answers, vary what is to vary, and take nothing
// but a 200 for one.
func TestAsk(t *testing.T) {
	ways := map[string]func(string) (float64, error){"ours": func(address string) (float64, error) { return ask(address, 50*time.Millisecond) }}
	if wrk, err := exec.LookPath("wrk"); err == nil {
		ways["wrk"] = func(address string) (float64, error) { return askWrk(wrk, t.TempDir(), address, 50*time.Millisecond) }
	}
	for name, way := range ways {
		var asked, gone atomic.Int64
		var seen sync.Map
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			if r.URL.Path == "/gone" && gone.Add(1) > 3 {
				w.WriteHeader(http.StatusGone)
			}
			if _, again := seen.LoadOrStore(r.URL.RawQuery, true); again && r.URL.RawQuery != "" {
				t.Errorf("%s: %s was asked twice", name, r.URL)
			}
			io.WriteString(w, "an answer")
		}))
		for _, query := range []string{"", "?n=" + varied + "&in=GB"} {
			if rate, err := way(server.URL + "/" + query); err != nil || rate == 0 {
				t.Errorf("%s: got %g answers a second, %v", name, rate, err)
			}
		}
		if _, err := way(server.URL + "/gone"); err == nil {
			t.Errorf("%s: got no error where most is gone", name)
		}
		if asked.Load() < 2*connections {
			t.Errorf("%s: asked %d times only", name, asked.Load())
		}
		server.Close()
	}
}
