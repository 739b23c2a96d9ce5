package witness

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tegata/verify/tlog"
)

// childFolder names the folder of the witness that is killed.
const childFolder = "WITNESS_TEST_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child is a witness that says its address and ends only when it is killed, or
// when who started it has ended.
func child(dir string) error {
	s, err := Open(Config{Cosigner: cosigner(), Logs: []tlog.LogKey{newHistory(origin).signer.Key()}, Folder: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	fmt.Println(httptest.NewServer(s).URL)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// startChild starts the witness, and returns a way to ask it, whose status is 0
// where it did not answer, and a way to wait until it has ended.
func startChild(t *testing.T, dir string) (cmd *exec.Cmd, post func(request) (int, string)) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("it said no address: %v", err)
	}
	return cmd, func(q request) (int, string) {
		resp, err := http.Post(strings.TrimSpace(url)+"/add-checkpoint", "text/plain", bytes.NewReader(q.marshal()))
		if err != nil {
			return 0, ""
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return 0, ""
		}
		return resp.StatusCode, string(body)
	}
}

// TestKilled kills the witness while it cosigns, again and again: it never goes
// back behind what it has answered, and no other history gets a line.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	h, cosigned := newHistory(origin).with("0"), int64(0) // what was offered last, and answered last
	for round := range 5 {
		cmd, post := startChild(t, dir)
		if round > 0 {
			status, text := post(newHistory(origin).with("0").from(0))
			n, err := parseSize(strings.TrimSpace(text))
			// What it was about to answer it may have written down.
			if status != 409 || err != nil || n != cosigned && n != h.size {
				t.Fatalf("round %d: a shorter past got %d %q, want 409 and %d or %d", round, status, text, cosigned, h.size)
			}
			cosigned = n
			fork := newHistory(origin)
			for fork.size < cosigned {
				fork = fork.with("y")
			}
			if status, text := post(fork.from(cosigned)); status != 409 {
				t.Errorf("round %d: another tree of %d got %d %q", round, cosigned, status, text)
			}
			if status, text := post(fork.with("y").from(cosigned)); status != 422 {
				t.Errorf("round %d: a longer tree of another history got %d %q", round, status, text)
			}
		}
		time.AfterFunc(time.Duration(50+rand.IntN(100))*time.Millisecond, func() { cmd.Process.Kill() })
		for {
			if h.size == cosigned {
				h = h.with(fmt.Sprint(h.size))
			}
			status, text := post(h.from(cosigned))
			if status == 0 {
				break
			}
			if status != 200 {
				t.Fatalf("round %d: %d from %d got %d %q", round, h.size, cosigned, status, text)
			}
			cosigned = h.size
		}
		cmd.Wait()
	}
	if cosigned < 10 {
		t.Errorf("only %d entries were cosigned", cosigned)
	}
}
