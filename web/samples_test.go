package web

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/web/openapi"
)

// TestSamples runs every command of the description, with curl, against a server:
// what is answered has the status that the description says.
func TestSamples(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	k.Indexed(t)
	h, err := NewHandler(Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	folder := t.TempDir()
	label := k.Say(t, verify.LabelIssued, registrytest.Code(701), nil)
	if err := os.WriteFile(filepath.Join(folder, "label.jws"), append(label, '\n'), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, o := range openapi.New(server.URL).Operations {
		for _, sample := range o.Samples {
			t.Run(o.ID, func(t *testing.T) {
				c := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(sample.Source, "curl ", `curl -sS --noproxy '*' -w '\n%{http_code}' `, 1))
				c.Dir, c.Stderr = folder, io.Discard
				out, err := c.Output()
				if err != nil {
					t.Fatalf("%s: %v", sample.Source, err)
				}
				answer, status := cutLast(string(out), "\n")
				if status != strconv.Itoa(sample.Status) {
					t.Errorf("%s\ngot %s, want %d\n%.2000s", sample.Source, status, sample.Status, answer)
				}
			})
		}
	}
}

func cutLast(text, sep string) (before, after string) {
	i := strings.LastIndex(text, sep)
	return text[:max(i, 0)], text[i+1:]
}
