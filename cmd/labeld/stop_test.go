package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/cmd/labeld/front/fronttest"
	"tegata/registry"
	"tegata/verify"
	"tegata/verify/envelope"
)

// A served registry is one of a labeld process.
type served struct {
	folder   folder.Folder
	operator *envelope.Signer
	cmd      *exec.Cmd
	url      string
	said     *bytes.Buffer // its log, to be read once it has ended
}

// made has init make a registry in a folder, and returns its operator.
func made(t *testing.T, settings ...string) (folder.Folder, *envelope.Signer) {
	t.Helper()
	operator, err := envelope.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := operator.PrivateJWK()
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), "operator.key")
	if err := os.WriteFile(key, jwk, 0o600); err != nil {
		t.Fatal(err)
	}
	d := folder.Folder(filepath.Join(t.TempDir(), "data"))
	var said bytes.Buffer
	if run(append([]string{"init", "-data", string(d), "-origin", "labels.example", "-operator", key}, settings...), io.Discard, &said) != exitDone {
		t.Fatal(said.String())
	}
	return d, operator
}

// serveProcess makes a registry and has the command serve it, on a port of its own.
func serveProcess(t *testing.T, settings ...string) *served {
	t.Helper()
	d, operator := made(t)
	s := serveFolder(t, d, settings...)
	s.operator = operator
	return s
}

// serveFolder has the command serve the registry of a folder, on a port of its own.
func serveFolder(t *testing.T, d folder.Folder, settings ...string) *served {
	t.Helper()
	s := &served{folder: d, said: new(bytes.Buffer)}
	s.cmd = exec.Command("labeld", append([]string{"serve", "-data", string(d), "-url", "https://labels.example", "-listen", "127.0.0.1:0"}, settings...)...)
	s.cmd.Stderr = s.said
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.cmd.Wait()
		t.Fatalf("it does not serve: %v, %s", err, s.said)
	}
	_, s.url, _ = strings.Cut(strings.TrimSpace(line), " on ")
	return s
}

// status is what it answers to a request, or 0 where it takes no more.
func (s *served) status(t *testing.T, path string) int {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	resp, err := client.Get(s.url + path)
	if err != nil {
		if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// becomes waits until it answers so.
func (s *served) becomes(t *testing.T, path string, want int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	got := 0
	for range 4000 {
		if got = s.status(t, path); got == want {
			return
		}
		<-tick.C
	}
	t.Fatalf("%s: got %d, want %d", path, got, want)
}

// TestServeDrains: a server that was told to stop says so to its balancer and
// answers on, and is stopped at once by a second signal.
func TestServeDrains(t *testing.T) {
	s := serveProcess(t, "-drain", "5m")
	s.becomes(t, "/readyz", 200)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.becomes(t, "/readyz", 503)
	for path, want := range map[string]int{"/healthz": 200, "/api/v1/log": 200} {
		if got := s.status(t, path); got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var ended *exec.ExitError
	if err := s.cmd.Wait(); !errors.As(err, &ended) || !ended.Sys().(syscall.WaitStatus).Signaled() {
		t.Errorf("got %v, want it ended by the second signal", err)
	}
}

// TestServeStops: what is being asked when it is told to stop is answered and its
// line logged, and what was acknowledged is in the log.
func TestServeStops(t *testing.T) {
	s := serveProcess(t)
	key, err := envelope.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	token, err := s.operator.SealStatement(verify.Statement{
		Head: verify.Head{Kind: verify.PartyEnrolled, Origin: "labels.example", By: "operator", Made: now},
		Body: &verify.Enrolled{Party: verify.Party{ID: "maker", Name: verify.Text{EN: "Maker"}, Role: verify.Maker, Jurisdiction: verify.GB, Keys: []verify.JWK{key.Key().JWK()}, From: now}}})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/statements HTTP/1.1\r\nHost: labels.example\r\nContent-Type: application/jose\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(token))
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("got %q, %v", line, err)
	}
	conn.Write(token[:len(token)/2]) // a request is running
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.becomes(t, "/healthz", 0)
	conn.Write(token[len(token)/2:])
	answers.ReadString('\n') // the end of what said to continue
	resp, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusCreated {
		t.Errorf("got %d, %s, %v, want what was begun to be entered", resp.StatusCode, body, err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("it ends with %v: %s", err, s.said)
	}
	if !strings.Contains(s.said.String(), `"path":"/api/v1/statements","status":201,`) {
		t.Errorf("the last request is not logged: %s", s.said)
	}
	c, err := s.folder.Config()
	if err != nil {
		t.Fatal(err)
	}
	r, err := registry.Open(s.folder.Registry(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := r.Head().Size; got != 2 {
		t.Errorf("got %d entries, want 2", got)
	}
}

// TestServeNotifies: a service manager is told when it serves, when it has looked
// at its certificate again, and when it stops; it does not end on SIGHUP.
func TestServeNotifies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	c := fronttest.NewCertifier(t)
	c.Certify(t, 1, time.Now().Add(time.Hour))
	s := serveProcess(t, "-tls-cert", c.Cert, "-tls-key", c.Key)
	told := func(want string) {
		t.Helper()
		manager.SetReadDeadline(time.Now().Add(time.Minute))
		b := make([]byte, 100)
		if n, err := manager.Read(b); err != nil || string(b[:n]) != want {
			t.Fatalf("got %q, %v, want %q", b[:n], err, want)
		}
	}
	told("READY=1")
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") {
		t.Errorf("got %s", s.url)
	}
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	told("RELOADING=1")
	told("READY=1")
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	told("STOPPING=1")
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	if log := s.said.String(); strings.Count(log, "TLS certificate read") != 1 {
		t.Errorf("got %s, want it to have read the certificate once more", log)
	}
}
