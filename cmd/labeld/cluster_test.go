//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer/etcd"
	"tegata/registry/sequencer/etcd/etcdtest"
	"tegata/verify"
)

// labeld runs a command, and returns its exit status and what it said.
func labeld(args ...string) (int, string) {
	var said bytes.Buffer
	status := run(args, &said, &said)
	return status, said.String()
}

// node makes the folder of another node: the keys and the origin, and no log.
func node(t *testing.T, d folder.Folder) folder.Folder {
	t.Helper()
	other := folder.Folder(filepath.Join(t.TempDir(), "node"))
	if err := os.Mkdir(string(other), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(d.Keys(), d.Origin()) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(string(other), filepath.Base(name)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return other
}

// enter enters a statement at a node; it is to be entered, or to be so already.
func (s *served) enter(t *testing.T, token []byte) (fresh bool) {
	t.Helper()
	status, body := s.post(t, token)
	if status != http.StatusCreated && status != http.StatusOK {
		t.Errorf("%s: got %d: %s", s.url, status, body)
	}
	return status == http.StatusCreated
}

// post is what a node answers to a statement; 0 where it does not.
func (s *served) post(t *testing.T, token []byte) (status int, body string) {
	t.Helper()
	resp, err := http.Post(s.url+"/api/v1/statements", "application/jose", bytes.NewReader(token))
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

// get is what a node answers.
func (s *served) get(t *testing.T, path string) string {
	t.Helper()
	resp, err := http.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// size waits until a node has so many entries.
func (s *served) size(t *testing.T, want int64) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for range 3000 {
		if lines := strings.Split(s.get(t, "/checkpoint"), "\n"); len(lines) > 1 && lines[1] == fmt.Sprint(want) {
			return
		}
		<-again.C
	}
	t.Fatalf("%s never had %d entries: %s", s.url, want, s.get(t, "/checkpoint"))
}

// TestCluster is the story of a registry on several machines: it is created in etcd,
// a second node makes its file from nothing, both enter statements, one is killed in
// the middle, etcd forgets what is old, a third node copies that from a peer, and
// all answer every question with the same bytes.
func TestCluster(t *testing.T) {
	members, err := etcdtest.Start(t.TempDir(), 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := members.Close(); err != nil {
			t.Error(err)
		}
	})
	target := strings.Join(members.Endpoints(), ",") + "/labels"
	kit := registrytest.New(t)
	kit.Clock.Set(time.Now())
	dir := t.TempDir()
	jwk, err := kit.Signer(t, operatorID).PrivateJWK()
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "operator.key", string(jwk))
	initialised := func(name string) (folder.Folder, int, string) {
		d := folder.Folder(filepath.Join(dir, name))
		status, said := labeld("init", "-data", string(d), "-origin", "labels.example", "-operator", filepath.Join(dir, "operator.key"), "-etcd", target)
		return d, status, said
	}
	d, status, said := initialised("a")
	if status != exitDone {
		t.Fatal(said)
	}
	if other, status, said := initialised("b"); status == exitDone || !strings.Contains(said, "already") {
		t.Errorf("created twice in one place: %s", said)
	} else if left, _ := os.ReadDir(string(other)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if status, said := labeld("serve", "-data", string(d), "-url", "https://labels.example", "-listen", "127.0.0.1:0"); status == exitDone || !strings.Contains(said, "second history") {
		t.Errorf("a node serves alone: %s", said)
	}

	a := serveFolder(t, d, "-etcd", target)
	b := serveFolder(t, node(t, d), "-etcd", target)
	now := time.Now().UTC().Truncate(time.Second)
	a.enter(t, kit.Seal(t, operatorID, verify.Statement{
		Head: verify.Head{Kind: verify.PartyEnrolled, ID: registrytest.ID(), Origin: "labels.example", By: operatorID, Made: now},
		Body: &verify.Enrolled{Party: verify.Party{ID: "ipa", Name: verify.Text{EN: "Issuer"}, Role: verify.Issuer, Jurisdiction: verify.JP, Keys: []verify.JWK{kit.Signer(t, "ipa").Key().JWK()}, From: now.Add(-time.Minute)}}}))
	b.size(t, 2)
	const each = 20
	labels := make([][]byte, 3*each)
	for i := range labels {
		labels[i] = kit.Say(t, verify.LabelIssued, registrytest.Code(int64(i)), nil)
	}

	// Both enter, some of it the same, and one is killed in the middle.
	var all sync.WaitGroup
	killed := make(chan struct{})
	for i, token := range labels[:each] {
		all.Go(func() {
			if i == each/2 {
				b.cmd.Process.Kill()
				close(killed)
			}
			b.post(t, token)
		})
		all.Go(func() { a.enter(t, token) })
	}
	all.Wait()
	<-killed
	b.cmd.Wait()
	a.size(t, 2+each)
	b = serveFolder(t, b.folder, "-etcd", target)
	b.size(t, 2+each)
	for i, token := range labels[each : 2*each] {
		one, other := a, b
		if i%2 == 0 {
			one, other = b, a
		}
		if fresh := one.enter(t, token); !fresh {
			t.Errorf("label %d was entered before", i)
		}
		if fresh := other.enter(t, token); fresh {
			t.Errorf("label %d was entered twice", i)
		}
	}

	// etcd has forgotten all but the last.
	to, err := etcd.ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := etcd.Open(to, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	if n, err := cluster.Prune(context.Background(), etcd.Keep{Since: time.Now().Add(time.Hour), Bytes: 1 << 30}); err != nil || n < each {
		t.Fatalf("%d batches deleted, %v", n, err)
	}
	late := node(t, d)
	if status, said := labeld("serve", "-data", string(late), "-url", "https://labels.example", "-listen", "127.0.0.1:0", "-etcd", target); status == exitDone || !strings.Contains(said, "-peer") {
		t.Errorf("a node has what nobody gave it: %s", said)
	}
	c := serveFolder(t, late, "-etcd", target, "-peer", a.url)
	for i, token := range labels[2*each:] {
		[]*served{a, b, c}[i%3].enter(t, token)
	}

	for _, s := range []*served{a, b, c} {
		s.size(t, 2+3*each)
		for i := range labels {
			path := "/api/v1/verify/" + string(registrytest.Code(int64(i))) + "?at=" + now.Format("2006-01-02")
			if got, want := verdictOf(t, s.get(t, path)), verdictOf(t, a.get(t, path)); got != want {
				t.Errorf("%s: one node says %s, another %s", path, got, want)
			}
		}
		for _, path := range []string{"/tile/entries/000.p/62", "/tile/0/000.p/62", "/api/v1/handovers"} {
			if s.get(t, path) != a.get(t, path) {
				t.Errorf("%s differs", path)
			}
		}
	}

	// Nobody can decide: writes are told so, reads go on, and nothing is lost.
	members.Members[0].Kill()
	members.Members[1].Kill()
	more := kit.Say(t, verify.LabelIssued, registrytest.Code(1000), nil)
	if status, body := a.post(t, more); status != http.StatusServiceUnavailable || !strings.Contains(body, `"not_decided"`) {
		t.Errorf("got %d: %s", status, body)
	}
	verdictOf(t, a.get(t, "/api/v1/verify/"+string(registrytest.Code(0)))) // reads go on
	for _, m := range members.Members[:2] {
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
	}
	if err := members.Ready(); err != nil {
		t.Fatal(err)
	}
	b.enter(t, more)
	for _, s := range []*served{a, b, c} {
		s.size(t, 3+3*each)
	}
}

// verdictOf is an answer without the moment it was given at.
func verdictOf(t *testing.T, text string) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	log, ok := m["log"].(map[string]any)
	if !ok || m["validity"] == nil {
		t.Fatalf("not an answer: %s", text)
	}
	delete(log, "time")
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
