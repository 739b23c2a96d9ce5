package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
)

// A watch that is killed at any moment tells everything all the same, whatever is
// told twice under the same id.
func TestWatchKilled(t *testing.T) {
	command, err := exec.LookPath("labelctl")
	if err != nil {
		t.Fatal(err)
	}
	k := registrytest.New(t)
	k.Begin(t)
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 1))
	const labels = 2*reportMost - 10
	var rows []url.Values
	for i := range int64(labels) {
		code := registrytest.Code(i)
		k.Append(t, k.Say(t, verify.LabelIssued, code, nil))
		rows = append(rows, url.Values{"ref": {fmt.Sprint("R", i)}, "code": {string(code)}, "in": {"GB"}})
	}
	s := newShop(t, seed, k, rows)
	unlockWatch(s.watch.lock)

	// Every request, to the registry or the receiver, is a chance to be killed:
	// before it is served, or as soon as it was.
	var left atomic.Int64
	var process atomic.Pointer[exec.Cmd]
	deadly := func(h http.Handler) *httptest.Server {
		kill := func() {
			if left.Add(-1) == 0 {
				process.Load().Process.Kill()
			}
		}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kill()
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return // it was cut off
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			h.ServeHTTP(w, r)
			kill()
		}))
		t.Cleanup(server.Close)
		return server
	}
	from, hook := deadly(s.behind), deadly(s.hook)
	at := func(name string) string { return filepath.Join(s.dir, name) }
	run := func(chances int64) (killed bool) {
		t.Helper()
		left.Store(chances)
		cmd := exec.Command(command, "watch", "-from", from.URL, "-trust", at("labels.trust"), "-webhook", hook.URL, "-webhook-key", at("hook.key"), "-lang", "en", at("stock.csv"))
		var said strings.Builder
		cmd.Stderr = &said
		process.Store(cmd)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if status := cmd.ProcessState.ExitCode(); status == exitAccident {
			t.Fatalf("seed %d: %s", seed, said.String())
		}
		return cmd.ProcessState.ExitCode() < 0
	}
	run(0)
	kills := 0
	for round := range 4 {
		for i := range labels {
			if round == 0 || rng.IntN(4) == 0 {
				k.Append(t, k.Say(t, verify.LabelStatus, registrytest.Code(int64(i)), func(m map[string]any) {
					m["status"], m["from"] = []string{"suspended", "valid"}[round%2], "2026-06-01"
				}))
			}
		}
		for range 3 {
			if run(1 + rng.Int64N(10)) {
				kills++
			}
		}
	}
	run(0)
	told := map[string]string{} // the status that each row was told to have, or had at first
	for _, row := range rows {
		told[row.Get("ref")] = "valid"
	}
	for _, e := range s.hook.fresh {
		for _, r := range e.Data.Rows {
			if was := told[r.Ref]; was != r.Before["tegata_status"] {
				t.Errorf("seed %d: %s: told to be %s, and then to have been %s", seed, r.Ref, was, r.Before["tegata_status"])
			}
			told[r.Ref] = r.After["tegata_status"]
		}
	}
	for _, row := range rows {
		if want := s.full(row)["tegata_status"]; told[row.Get("ref")] != want {
			t.Errorf("seed %d: %s: told to be %q, and is %q", seed, row.Get("ref"), told[row.Get("ref")], want)
		}
	}
	t.Logf("killed %d times, %d reports", kills, len(s.hook.bodies))
	if kills == 0 || len(s.hook.bodies) == 0 {
		t.Errorf("seed %d: killed %d times, %d reports", seed, kills, len(s.hook.bodies))
	}
}
