package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestReadme runs the commands of the README, as they are written there, in an
// empty folder: a registry is created and serves, an issuer is enrolled, a
// label is issued, verified and printed.
func TestReadme(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "bin")+"/", "tegata/cmd/...").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	address := freeAddress(t)
	code := ""
	ran := map[string]bool{}
	for _, line := range readmeCommands(t) {
		line = strings.ReplaceAll(line, "127.0.0.1:8080", address)
		line = strings.ReplaceAll(line, "CODE", code)
		if strings.Contains(line, "enrol.json") && !ran["enrol"] {
			ran["enrol"] = true
			writeEnrolment(t, dir)
		}
		if strings.Contains(line, "label.json") {
			writeLabel(t, dir)
		}
		if strings.Contains(line, "stock.csv") {
			write(t, dir, "stock.csv", "code\n"+code+"\n")
		}
		if strings.Contains(line, "labeld serve") {
			serveUntilEnd(t, dir, line, address)
			ran["serve"] = true
			continue
		}
		out := runLine(t, dir, line)
		if found := regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}`).FindString(out); found != "" && code == "" {
			code = strings.ReplaceAll(found, "-", "")
		}
		if strings.Contains(line, "labelctl keygen -o issuer.key") {
			if err := os.WriteFile(filepath.Join(dir, "issuer.pub"), []byte(firstJSON(out)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		ran[strings.Join(strings.Fields(line)[:2], " ")] = true
	}
	for _, want := range []string{"serve", "bin/labelctl keygen", "bin/labeld init", "bin/labelctl seal", "bin/labelctl submit", "bin/labelctl verify", "bin/labelctl check", "bin/labelctl qr"} {
		if !ran[want] {
			t.Errorf("the README no longer shows %s", want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "label.svg")); err != nil {
		t.Error(err)
	}
}

// TestReadmeNames: the settings of labeld serve are told as the code has them, and
// every command is named.
func TestReadmeNames(t *testing.T) {
	const path = "../../README.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := settingsTable()
	head, _, _ := strings.Cut(want, "\n")
	before, rest, found := strings.Cut(string(text), head)
	table, after, _ := strings.Cut(rest, "\n\n")
	if os.Getenv("UPDATE") != "" && found {
		text = []byte(before + want + "\n\n" + after)
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if head+table != want {
		t.Errorf("the settings of labeld serve are told otherwise than in the code: UPDATE=1 go test ./cmd/labeld -run TestReadmeNames writes them anew; got\n%s\nwant\n%s", head+table, want)
	}

	labelctl, err := exec.Command("go", "run", "../labelctl", "-h").Output()
	if err != nil {
		t.Fatal(err)
	}
	for tool, commands := range map[string][][]string{
		"labelctl": regexp.MustCompile(`(?m)^  ([a-z]+)   ?`).FindAllStringSubmatch(string(labelctl), -1),
		"labeld":   regexp.MustCompile(`(?m)^  labeld ([a-z]+) `).FindAllStringSubmatch(usage, -1),
	} {
		if len(commands) < 7 {
			t.Errorf("%s tells of %d commands only", tool, len(commands))
		}
		for _, c := range commands {
			if !strings.Contains(string(text), tool+" "+c[1]) {
				t.Errorf("%s %s is not named", tool, c[1])
			}
		}
	}
}

// settingsTable is the README's table of all that labeld serve can be told.
func settingsTable() string {
	var b strings.Builder
	b.WriteString("| setting of `labeld serve` | default | what it is | what it risks |\n|---|---|---|---|")
	for _, s := range new(serving).settings() {
		begins := "none"
		switch {
		case s.Needed:
			begins = "needed"
		case s.Begins != "":
			begins = "`" + s.Begins + "`"
		}
		fmt.Fprintf(&b, "\n| `-%s` | %s | %s | %s |", strings.TrimSpace(s.Name+" "+s.Takes), begins, s.What, s.Risk)
	}
	return b.String()
}

// readmeCommands lists the commands of the README that begin with bin/ or curl,
// without the notes behind them.
func readmeCommands(t *testing.T) (lines []string) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "    bin/") || strings.HasPrefix(line, "    curl ") {
			command, _, _ := strings.Cut(line, " #")
			lines = append(lines, strings.TrimSpace(command))
		}
	}
	return lines
}

func runLine(t *testing.T, dir, line string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

// serveUntilEnd runs a server until the test ends, and waits until it answers.
func serveUntilEnd(t *testing.T, dir, line, address string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	fields := strings.Fields(line)
	cmd := exec.CommandContext(ctx, filepath.Join(dir, fields[0]), fields[1:]...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		cmd.Wait()
	})
	ready := time.NewTicker(20 * time.Millisecond)
	defer ready.Stop()
	for range 500 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		<-ready.C
	}
	t.Fatalf("%s: it does not answer", line)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// writeEnrolment writes what the README's reader writes by hand: that the issuer
// may speak.
func writeEnrolment(t *testing.T, dir string) {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(dir, "issuer.pub"))
	if err != nil {
		t.Fatal(err)
	}
	from := time.Now().UTC().Add(-time.Minute).Format(time.RFC3339)
	write(t, dir, "enrol.json", fmt.Sprintf(`{"kind":"party.enrolled","origin":"labels.example","by":"operator",
"party":{"id":"ipa","name":{"en":"Issuer"},"role":"issuer","jurisdiction":"JP","keys":[%s],"from":"%s"}}`, key, from))
}

// writeLabel takes the label of the story, without what seal fills in.
func writeLabel(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile("../../verify/testdata/story/label.issued.json")
	if err != nil {
		t.Fatal(err)
	}
	absent := regexp.MustCompile(`(?m)^  "(id|made|code)": .*\n`)
	today := time.Now().UTC().AddDate(0, 0, -1)
	label := absent.ReplaceAllString(string(text), "")
	label = strings.ReplaceAll(label, `"2026-04-01"`, today.Format(`"2006-01-02"`))
	label = strings.ReplaceAll(label, `"2028-03-31"`, today.AddDate(2, 0, -1).Format(`"2006-01-02"`))
	write(t, dir, "label.json", label)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// firstJSON returns the line that is a JSON object.
func firstJSON(out string) string {
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "{") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
