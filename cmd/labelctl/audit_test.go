package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify/tlog"
)

// TestAudit starts from what a registry serves of its log and changes one thing
// of it. The log has 18 entries: one bundle.
func TestAudit(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	bundle, err := k.Registry.Tile(tlog.TilePath{Level: tlog.EntriesLevel, Width: 18})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := tlog.ParseBundle(bundle)
	if err != nil {
		t.Fatal(err)
	}
	checkpoint, err := k.Registry.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	head, _, err := tlog.OpenCheckpoint(checkpoint, k.Registry.LogKey())
	if err != nil {
		t.Fatal(err)
	}
	signed := func(size int64, root tlog.Hash) []byte {
		b, err := tlog.Sign(tlog.Checkpoint{Origin: head.Origin, Size: size, Root: root}, k.Config.Log)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const headPath, bundlePath = "/checkpoint", "/tile/entries/000.p/18"
	whole := map[string][]byte{headPath: checkpoint, bundlePath: bundle}
	other := signed(18, tlog.Hash{1})

	for _, c := range []struct {
		name   string
		old    []byte
		change func(map[string][]byte)
		status int
		want   string // in what is said
	}{
		{"as it is", nil, func(map[string][]byte) {}, exitDone, "whole: "},
		{"an older checkpoint of the same", checkpoint, func(map[string][]byte) {}, exitDone, "continues"},
		{"an entry too few", nil, func(m map[string][]byte) { m[bundlePath] = tlog.MarshalBundle(entries[:17]) }, exitNo, "entry 0: tile/entries/000.p/18: 17 entries, want 18"},
		{"an entry twice", nil, func(m map[string][]byte) {
			m[bundlePath] = tlog.MarshalBundle(append(entries[:17:17], entries[16]))
		}, exitNo, "entry 17: "},
		{"two entries in the other order", nil, func(m map[string][]byte) {
			swapped := append([][]byte{}, entries...)
			swapped[9], swapped[8] = swapped[8], swapped[9]
			m[bundlePath] = tlog.MarshalBundle(swapped)
		}, exitNo, "entry 8: "},
		{"an entry of another instant", nil, func(m map[string][]byte) {
			last := bytes.Replace(entries[17], []byte("000\n"), []byte("001\n"), 1)
			m[bundlePath] = tlog.MarshalBundle(append(entries[:17:17], last))
		}, exitNo, "its root is not that of the entries"},
		{"a bundle cut off", nil, func(m map[string][]byte) { m[bundlePath] = bundle[:len(bundle)-1] }, exitNo, "entry 0: tile/entries/000.p/18: malformed"},
		{"no bundle", nil, func(m map[string][]byte) { delete(m, bundlePath) }, exitAccident, "404"},
		{"another root", nil, func(m map[string][]byte) { m[headPath] = other }, exitNo, "its root is not that of the entries"},
		{"no signature", nil, func(m map[string][]byte) { m[headPath] = []byte(head.Marshal()) }, exitNo, "checkpoint: malformed"},
		{"a head of another size", nil, func(m map[string][]byte) { m[headPath] = signed(17, head.Root); m["/tile/entries/000.p/17"] = bundle }, exitNo, "18 entries, want 17"},
		{"an older checkpoint of another history", signed(17, head.Root), func(map[string][]byte) {}, exitNo, "the log does not continue it"},
		{"an older checkpoint of more", signed(19, head.Root), func(map[string][]byte) {}, exitNo, "it is of 19 entries, the log now has 18"},
	} {
		served := maps.Clone(whole)
		c.change(served)
		status, said := auditServed(t, served, c.old, "-log-key", k.Registry.LogKey().String(), "-cosigner-key", k.Registry.CosignerKey().String())
		if status != c.status || !strings.Contains(said, c.want) {
			t.Errorf("%s: got status %d, want %d; got %s, want %q in it", c.name, status, c.status, said, c.want)
		}
	}

	// The entries of one log under the head of another.
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	fables, err := tlog.NewLogSigner("fables.example", private)
	if err != nil {
		t.Fatal(err)
	}
	fable, err := tlog.Sign(tlog.Checkpoint{Origin: "fables.example", Size: 18, Root: head.Root}, fables)
	if err != nil {
		t.Fatal(err)
	}
	status, said := auditServed(t, map[string][]byte{headPath: fable, bundlePath: bundle}, nil,
		"-log-key", fables.Key().String(), "-cosigner-key", k.Registry.CosignerKey().String())
	if want := `entry 0: the log is that of "labels.example", its checkpoint that of "fables.example"`; status != exitNo || !strings.Contains(said, want) {
		t.Errorf("another log: got status %d, want %d; got %s, want %q in it", status, exitNo, said, want)
	}
}

// auditServed audits a log of which these files are served, and nothing else.
func auditServed(t *testing.T, files map[string][]byte, old []byte, flags ...string) (status int, said string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b, ok := files[r.URL.Path]; ok {
			w.Write(b)
			return
		}
		http.NotFound(w, r)
	}))
	defer server.Close()
	args := append([]string{"audit", "-from", server.URL}, flags...)
	if old != nil {
		name := filepath.Join(t.TempDir(), "old")
		if err := os.WriteFile(name, old, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-old", name)
	}
	var out bytes.Buffer
	status = run(context.Background(), &console{in: strings.NewReader(""), out: bufio.NewWriter(&out), err: &out}, args)
	return status, out.String()
}
