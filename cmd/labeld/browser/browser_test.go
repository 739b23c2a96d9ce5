// Package browser has the demo's registry used as people use it, on its pages in
// Chromium, and by other people's programs: nothing of it is but tests.
package browser

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tegata/cmd/labeld/demo"
	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/verify"
	"tegata/web"
)

// demoServer serves the demo's registry.
func demoServer(t *testing.T) (string, *registry.Registry) {
	t.Helper()
	for _, tool := range []string{"chromium", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%v: run: make tools", err)
		}
	}
	r, err := demo.New(t.Context(), folder.Folder(t.TempDir()), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	h, err := web.NewHandler(web.Config{Registry: r, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL, r
}

// demoCodes lists the codes of the demo's records.
func demoCodes(t *testing.T, r *registry.Registry) []verify.Code {
	t.Helper()
	codes, err := r.Codes(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

// browse runs a program that opens pages. It prints a line for each thing that
// is wrong, and done.
func browse(t *testing.T, program string, given []byte, args ...string) {
	t.Helper()
	cmd := exec.Command("node", append([]string{program}, args...)...)
	cmd.Stdin = bytes.NewReader(given)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range lines[:len(lines)-1] {
		t.Error(line)
	}
	if last := lines[len(lines)-1]; last != "done" {
		t.Errorf("it ended with %q", last)
	}
}

// fetch returns what is there.
func fetch(t *testing.T, url string) []byte {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v: %s", url, answer.StatusCode, err, b)
	}
	return b
}

// write puts a file into a folder, and returns its path.
func write(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
