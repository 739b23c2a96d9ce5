package front

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/web"
)

// How many are in a crowd beside those that are idle.
const (
	crowdSlow  = 300 // whose header comes to no end
	crowdHeavy = 300 // whose body comes to no end
)

// crowdMain is a process of its own, so that the files it has open are not the
// server's: it fills the server at the address with connections, says so, and holds
// them until its input ends.
func crowdMain() {
	address := os.Args[1]
	var held []net.Conn
	call := func(text string) {
		c, err := net.Dial("tcp", address)
		if err == nil && text != "" {
			_, err = io.WriteString(c, text)
		}
		if err != nil {
			fmt.Println("crowd:", err)
			os.Exit(1)
		}
		held = append(held, c)
	}
	for i := range crowdIdle {
		if i%10 > 0 {
			call("")
			continue
		}
		call("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := http.ReadResponse(bufio.NewReader(held[i]), nil); err != nil {
			fmt.Println("crowd:", err)
			os.Exit(1)
		}
	}
	for range crowdHeavy {
		call("POST /api/v1/statements HTTP/1.1\r\nHost: x\r\nContent-Type: application/jose\r\nContent-Length: 1000\r\n\r\nx")
	}
	for range crowdSlow {
		call("GET /v/2WQ6TJX0M3KW HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	}
	fmt.Println("held")
	io.Copy(io.Discard, os.Stdin)
}

// TestCrowd: a scan is answered beside 10,000 idle connections and hundreds that are
// slow, whether there is room for them all or not; and nothing is left of them.
func TestCrowd(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	for _, most := range []int{crowdIdle + 2*crowdSlow + 2*crowdHeavy, crowdIdle, 2 * crowdHeavy} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			before := runtime.NumGoroutine()
			ctx, end := context.WithCancel(t.Context())
			ready, ended := make(chan string, 1), make(chan error, 1)
			go func() {
				site := web.Config{Registry: k.Registry, Log: slog.New(slog.DiscardHandler)}
				ended <- Front{Listen: "127.0.0.1:0", Connections: most, Each: Unset, Rate: Unset}.Answer(ctx, site, func(address string) { ready <- address })
			}()
			var url string
			select {
			case url = <-ready:
			case err := <-ended:
				t.Fatal(err)
			}
			crowd := exec.Command("crowd", strings.TrimPrefix(url, "http://"))
			in, err := crowd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := crowd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := crowd.Start(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "held\n" {
				t.Fatalf("got %q, %v", line, err)
			}
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
			for range 20 {
				resp, err := client.Get(url + "/v/2WQ6TJX0M3KW")
				if err != nil {
					t.Fatal(err)
				}
				if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
					t.Fatalf("got %d, %.100s, %v", resp.StatusCode, body, err)
				}
				resp.Body.Close()
			}
			in.Close()
			if err := crowd.Wait(); err != nil {
				t.Error(err)
			}
			end()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			leaves(t, before)
		})
	}
}

// leaves waits until no more goroutines run than before.
func leaves(t *testing.T, before int) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		<-tick.C
	}
	b := make([]byte, 4<<10)
	t.Errorf("%d goroutines run, and %d ran before:\n%s", runtime.NumGoroutine(), before, b[:runtime.Stack(b, true)])
}
