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
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// TestAudit starts from what a registry serves of its log and changes one thing
// of it. The log has 18 entries: one bundle.
func TestAudit(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	served, err := k.Registry.Tile(tlog.TilePath{Level: tlog.EntriesLevel, Width: 18})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := tlog.ParseBundle(served)
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
		if err == nil {
			b, err = tlog.Cosign(b, k.Config.Cosigner, k.Clock.Now())
		}
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const headPath, bundlePath = "/checkpoint", "/tile/entries/000.p/18"
	trust := k.Trust(t)
	whole := map[string][]byte{headPath: checkpoint, bundlePath: served}
	elsewhere := signed(18, tlog.Hash{1})

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
		{"a bundle cut off", nil, func(m map[string][]byte) { m[bundlePath] = served[:len(served)-1] }, exitNo, "entry 0: tile/entries/000.p/18: malformed"},
		{"no bundle", nil, func(m map[string][]byte) { delete(m, bundlePath) }, exitAccident, "404"},
		{"another root", nil, func(m map[string][]byte) { m[headPath] = elsewhere }, exitNo, "its root is not that of the entries"},
		{"no signature", nil, func(m map[string][]byte) { m[headPath] = []byte(head.Marshal()) }, exitNo, "checkpoint: malformed"},
		{"a head of another size", nil, func(m map[string][]byte) { m[headPath] = signed(17, head.Root); m["/tile/entries/000.p/17"] = served }, exitNo, "18 entries, want 17"},
		{"an older checkpoint of another history", signed(17, head.Root), func(map[string][]byte) {}, exitNo, "the log does not continue it"},
		{"an older checkpoint of more", signed(19, head.Root), func(map[string][]byte) {}, exitNo, "it is of 19 entries, the log now has 18"},
	} {
		files := maps.Clone(whole)
		c.change(files)
		status, said := auditServed(t, files, c.old, trust)
		if status != c.status || !strings.Contains(said, c.want) {
			t.Errorf("%s: got status %d, want %d; got %s, want %q in it", c.name, status, c.status, said, c.want)
		}
	}

	// The entries of one log under the head of another, and another log whole.
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	fables, err := tlog.NewLogSigner("fables.example", private)
	if err != nil {
		t.Fatal(err)
	}
	fable, err := tlog.Sign(tlog.Checkpoint{Origin: "fables.example", Size: 18, Root: head.Root}, fables)
	if err == nil {
		fable, err = tlog.Cosign(fable, k.Config.Cosigner, k.Clock.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	other, pinned := trust, trust
	other.Origin, other.LogKeys = "fables.example", []bundle.Pinned[tlog.LogKey]{{Key: fables.Key()}}
	pinned.Entry0[0]++
	for _, c := range []struct {
		name  string
		head  []byte
		trust bundle.Trust
		want  string
	}{
		{"another log", fable, other, `entry 0: the log is that of "labels.example", its checkpoint that of "fables.example"`},
		{"another entry 0", checkpoint, pinned, "entry 0: it is not entry 0 of the trust file: this is another log"},
		{"another log key", checkpoint, other, "checkpoint: signature does not hold"},
	} {
		status, said := auditServed(t, map[string][]byte{headPath: c.head, bundlePath: whole[bundlePath]}, nil, c.trust)
		if status != exitNo || !strings.Contains(said, c.want) {
			t.Errorf("%s: got status %d, want %d; got %s, want %q in it", c.name, status, exitNo, said, c.want)
		}
	}
}

// auditServed audits a log of which these files are served, and nothing else.
func auditServed(t *testing.T, files map[string][]byte, old []byte, trust bundle.Trust) (status int, said string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b, ok := files[r.URL.Path]; ok {
			w.Write(b)
			return
		}
		http.NotFound(w, r)
	}))
	defer server.Close()
	file := func(name string, data []byte) string {
		name = filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	args := []string{"audit", "-from", server.URL, "-trust", file("trust", trust.Marshal())}
	if old != nil {
		args = append(args, "-since", file("old", old))
	}
	var out bytes.Buffer
	status = run(context.Background(), &console{in: strings.NewReader(""), out: bufio.NewWriter(&out), err: &out}, args)
	return status, out.String()
}
