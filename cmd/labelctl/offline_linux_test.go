package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// TestOffline runs the command itself where there is no network: in a namespace
// without any interface that is up, not even to this machine.
func TestOffline(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	dir := t.TempDir()
	write := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const code = "7K3MQ2ZT9XWE"
	trust, data := k.Trust(t), k.Bundle(t, code)
	write("labels.trust", trust.Marshal())
	write("wx.bundle", data)
	facts, err := bundle.Open(data, code, trust)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := k.Config.Answer.SealAs(envelope.Verdict, bundle.NewAnswer(verify.Judge(facts, verify.Question{})).Payload())
	if err != nil {
		t.Fatal(err)
	}
	write("answer.jwt", []byte(answer))
	pages, err := handler(k.Registry)
	if err != nil {
		t.Fatal(err)
	}
	for path, name := range map[string]string{"/qr/" + code + "-signed.png": "label.png", "/status/0?time=1790762400": "list.jwt"} {
		answer := httptest.NewRecorder()
		pages.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if answer.Code != http.StatusOK {
			t.Fatalf("%s: got status %d", path, answer.Code)
		}
		write(name, answer.Body.Bytes())
	}

	tool := filepath.Join(dir, "labelctl")
	if out, err := exec.Command("go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, c := range []struct {
		args   string
		status int
		want   string // of what is said
	}{
		{"verify -bundle wx.bundle -trust labels.trust -in JP " + code, exitDone, "This label is valid in Japan."},
		{"verify -trust labels.trust answer.jwt", exitDone, "It is signed by labels.example with a key of the trust file."},
		{"verify -trust labels.trust -status list.jwt -at 2026-09-30T10:00:00Z label.png", exitDone, "Issued by: ipa, as the registry labels.example says"},
		// What this test is worth: here nobody can be reached.
		{"verify -to http://127.0.0.1:1 " + code, exitAccident, "network is unreachable"},
	} {
		cmd := exec.Command(tool, strings.Fields(c.args)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "LANG=en", "LC_ALL=en")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
		if os.Getuid() != 0 {
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		}
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatalf("no network namespace can be made here: %v; run as root, or let users make them (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns)", err)
		}
		cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != c.status || !strings.Contains(said.String(), c.want) {
			t.Errorf("%s: got status %d, want %d; got %s, want %q in it", c.args, got, c.status, &said, c.want)
		}
	}
}
