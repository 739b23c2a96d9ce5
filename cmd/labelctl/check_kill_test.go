package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tegata/registry/registrytest"
)

// A killer is a registry that kills who asks it, once so many bytes of answers are
// sent.
type killer struct {
	http.Handler
	mu      sync.Mutex
	left    int
	process *os.Process
	rows    int64 // bytes of lists that came
}

func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		k.mu.Lock()
		k.rows += r.ContentLength
		k.mu.Unlock()
	}
	k.Handler.ServeHTTP(&killing{w, k}, r)
}

type killing struct {
	http.ResponseWriter
	k *killer
}

func (w *killing) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *killing) Write(b []byte) (int, error) {
	w.k.mu.Lock()
	defer w.k.mu.Unlock()
	if w.k.process == nil || len(b) < w.k.left {
		w.k.left -= len(b)
		return w.ResponseWriter.Write(b)
	}
	n, err := w.ResponseWriter.Write(b[:w.k.left])
	http.NewResponseController(w.ResponseWriter).Flush()
	w.k.process.Kill()
	w.k.process = nil
	return n, err
}

// TestKilled: a check that is killed anywhere, again and again, and begun again
// with the same command, comes to the very list that one comes to that is left
// alone. What was answered and on disk is not asked about again.
func TestKilled(t *testing.T) {
	reg := registrytest.New(t)
	reg.Begin(t)
	reg.Shelf(t, 40)
	h, err := handler(reg.Registry)
	if err != nil {
		t.Fatal(err)
	}
	k := &killer{Handler: h}
	server := httptest.NewServer(k)
	defer server.Close()

	dir := t.TempDir()
	const rows, part = 600, 40
	list := "jan,name\r\n"
	for i := range rows {
		list += fmt.Sprintf("%s,\"Router %d\r\n\"\r\n", registrytest.ShelfGTIN(i%50), i)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("stock.csv", list)
	// check runs the command, and returns whether it came to its end.
	check := func(out string, killed int) bool {
		t.Helper()
		cmd := exec.Command("labelctl", "check", "-to", server.URL, "-in", "GB", "-at", "2026-06-01", "-part", fmt.Sprint(part), "-o", out, "stock.csv")
		cmd.Dir = dir
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		k.mu.Lock()
		err := cmd.Start()
		if k.left, k.process = killed, nil; killed > 0 {
			k.process = cmd.Process
		}
		k.mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != exitNo && code != -1 {
			t.Fatalf("got %v\n%s", cmd.ProcessState, &stderr)
		}
		return cmd.ProcessState.ExitCode() == exitNo
	}
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if !check("whole.csv", 0) {
		t.Fatal("killed by nobody")
	}
	answer := len(read("whole.csv"))
	random := rand.New(rand.NewPCG(5, 6))
	kills := 0
	for k.rows = 0; !check("checked.csv", 1+random.IntN(answer/2)); kills++ {
		if kills > 50 {
			t.Fatal("it does not come to an end")
		}
	}
	if kills < 3 {
		t.Errorf("got %d kills, want more", kills)
	}
	if read("checked.csv") != read("whole.csv") {
		t.Errorf("after %d kills: got another list", kills)
	}
	if most := int64(len(list) + kills*part*(len(list)/rows+2)); k.rows > most {
		t.Errorf("after %d kills: %d bytes were asked about, want %d at most", kills, k.rows, most)
	}
	for i := range rows / part {
		if r := read(fmt.Sprintf("checked.csv.report.%d.jwt", i+1)); strings.Count(r, ".") != 2 {
			t.Errorf("report %d: got %q", i+1, r)
		}
	}

	// Killed as the list was put in its place: the state is left without it.
	write("checked.csv.part.json", "{}")
	if !check("checked.csv", 0) || read("checked.csv") != read("whole.csv") {
		t.Error("killed at its end: got another list")
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.part*")); err != nil || len(left) > 0 {
		t.Errorf("got %q and %v left", left, err)
	}
}
