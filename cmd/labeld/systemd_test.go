package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSystemd: the unit is one that systemd takes, leaves the server little to do
// beyond its folder, and starts it with settings that it takes.
func TestSystemd(t *testing.T) {
	const installed, configured = "/usr/local/bin/labeld", "/etc/labeld/labeld.conf"
	text, err := os.ReadFile("systemd/labeld.service")
	if err != nil {
		t.Fatal(err)
	}
	command, err := exec.LookPath("labeld")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	unit := filepath.Join(dir, "labeld.service")
	write(t, dir, "labeld.service", strings.ReplaceAll(string(text), installed, command))
	for _, args := range [][]string{
		{"verify", "--man=no", unit},
		{"security", "--offline=yes", "--threshold=20", "--no-pager", unit}, // of 100, where 0 can do nothing
	} {
		if out, err := exec.Command("systemd-analyze", args...).CombinedOutput(); err != nil {
			t.Errorf("systemd-analyze %v: %v\n%s", args, err, out)
		}
	}

	begun := regexp.MustCompile(`(?m)^Exec[A-Za-z]+=(`+installed+` .*)$`).FindAllStringSubmatch(string(text), -1)
	if len(begun) != 2 || begun[0][1] != begun[1][1]+" -print-settings" {
		t.Fatalf("got %q, want the settings to be checked before they are served with", begun)
	}
	args := strings.Fields(strings.Replace(begun[0][1], configured, "systemd/labeld.conf", 1))[1:]
	out, err := exec.Command(command, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	for _, want := range []string{`data +/var/lib/labeld/registry +systemd/labeld.conf`, `listen +:443 `} {
		if !regexp.MustCompile(`(?m)^` + want).Match(out) {
			t.Errorf("got %s, want %s", out, want)
		}
	}
	for line := range strings.Lines(string(readAll(t, "systemd/labeld.conf"))) {
		if name, isSetting := strings.CutPrefix(line, "#"); isSetting && !strings.HasPrefix(name, " ") {
			write(t, dir, "labeld.conf", name)
			args := []string{"-config", filepath.Join(dir, "labeld.conf"), "-data", dir, "-url", "https://labels.example"}
			if _, err := new(serving).settings().Settle(args, nil, io.Discard); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
}

func readAll(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
