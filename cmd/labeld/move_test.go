//go:build linux

package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"tegata/cmd/labeld/front/fronttest"
	"tegata/registry/sequencer/etcd/etcdtest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// oneMember starts a cluster of one member.
func oneMember(t *testing.T, flags ...string) *etcdtest.Cluster {
	t.Helper()
	c, err := etcdtest.Start(t.TempDir(), 1, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// enrolment is a statement of the operator that enrols a maker.
func (s *served) enrolment(t *testing.T, id verify.PartyID) []byte {
	t.Helper()
	key, err := envelope.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	token, err := s.operator.SealStatement(verify.Statement{
		Head: verify.Head{Kind: verify.PartyEnrolled, Origin: "labels.example", By: operatorID, Made: now},
		Body: &verify.Enrolled{Party: verify.Party{ID: id, Name: verify.Text{EN: "Maker"}, Role: verify.Maker, Jurisdiction: verify.GB, Keys: []verify.JWK{key.Key().JWK()}, From: now}}})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// ended ends a server, and waits.
func (s *served) ended(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, s.said)
	}
}

// TestMove moves a registry that was kept in one file into a cluster, and back.
func TestMove(t *testing.T) {
	target := oneMember(t).Endpoints()[0] + "/labels"
	a := serveProcess(t)
	operator, d := a.operator, a.folder
	a.enter(t, a.enrolment(t, "m-1"))
	a.ended(t)

	refused := func(want string, args ...string) {
		t.Helper()
		if status, said := labeld(args...); status != exitAccident || !strings.Contains(said, want) {
			t.Errorf("%s: got %d, %s, want %q", args, status, said, want)
		}
	}
	refused("either -etcd", "move", "-data", string(d))
	refused("either -etcd", "move", "-data", string(d), "-etcd", target, "-alone")
	refused("no prefix", "move", "-data", string(d), "-etcd", "127.0.0.1:2379")
	refused("labeld move", "serve", "-data", string(d), "-url", "https://labels.example", "-etcd", target)

	if status, said := labeld("move", "-data", string(d), "-etcd", target); status != exitDone || !strings.Contains(said, "after 2 entries") {
		t.Fatal(said)
	}
	refused("second history", "serve", "-data", string(d), "-url", "https://labels.example")
	a = serveFolder(t, d, "-etcd", target)
	a.operator = operator
	b := serveFolder(t, node(t, d), "-etcd", target, "-peer", a.url)
	b.enter(t, a.enrolment(t, "m-2"))
	a.enter(t, a.enrolment(t, "m-3"))
	b.size(t, 4)
	b.ended(t)
	a.ended(t)

	// Under a prefix where a log goes on no other is put, and that stays what it was.
	x := serveProcess(t)
	x.ended(t)
	refused("choose another prefix", "move", "-data", string(x.folder), "-etcd", target)
	serveFolder(t, x.folder)
	// The cluster was lost with all its data: it is begun again from a node.
	other := oneMember(t).Endpoints()[0] + "/labels"
	if status, said := labeld("move", "-data", string(d), "-etcd", other); status != exitDone {
		t.Fatal(said)
	}
	a = serveFolder(t, d, "-etcd", other)
	a.operator = operator
	b = serveFolder(t, b.folder, "-etcd", other)
	a.enter(t, a.enrolment(t, "m-4"))
	b.size(t, 5)
	b.ended(t)
	a.ended(t)

	if status, said := labeld("move", "-data", string(d), "-alone"); status != exitDone {
		t.Fatal(said)
	}
	a = serveFolder(t, d)
	a.operator = operator
	a.enter(t, a.enrolment(t, "m-5"))
	a.size(t, 6)
}

// TestNodeWithoutHandOvers: a node that finds a head which a former key signed, and has
// nothing that says so, is told what it lacks.
func TestNodeWithoutHandOvers(t *testing.T) {
	target := oneMember(t).Endpoints()[0] + "/labels"
	d, operator := made(t, "-etcd", target)
	d = handedOver(t, d, bundle.LogPurpose, operator)
	other := node(t, d)
	status, said := labeld("serve", "-data", string(other), "-url", "https://labels.example", "-listen", "127.0.0.1:0", "-etcd", target)
	if want := other.HandOvers() + " says so: copy it from another node"; status != exitAccident || !strings.Contains(said, want) {
		t.Errorf("got %d, %s, want %q", status, said, want)
	}
	text, err := os.ReadFile(d.HandOvers())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other.HandOvers(), text, 0o600); err != nil {
		t.Fatal(err)
	}
	serveFolder(t, other, "-etcd", target)
}

// TestClusterTLS holds that who has no certificate of etcd's neither reaches it nor
// leaves anything behind.
func TestClusterTLS(t *testing.T) {
	own, other := fronttest.NewCertifier(t), fronttest.NewCertifier(t)
	own.Certify(t, 1, time.Now().Add(time.Hour))
	other.Certify(t, 2, time.Now().Add(time.Hour))
	target := "https://" + oneMember(t, "--cert-file", own.Cert, "--key-file", own.Key, "--trusted-ca-file", own.Cert, "--client-cert-auth").Endpoints()[0] + "/labels"
	jwk, err := envelope.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	key, err := jwk.PrivateJWK()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "operator.key", string(key))
	for name, c := range map[string]struct {
		settings []string
		want     string
	}{
		"by one that etcd does not know": {[]string{"-etcd-cert", other.Cert, "-etcd-key", other.Key, "-etcd-ca", own.Cert}, "cannot be reached"},
		"of an etcd that is not known":   {[]string{"-etcd-cert", own.Cert, "-etcd-key", own.Key, "-etcd-ca", other.Cert}, "cannot be reached"},
		"without a key":                  {[]string{"-etcd-cert", own.Cert, "-etcd-ca", own.Cert}, "both or neither"},
		"by a file that has none":        {[]string{"-etcd-ca", own.Key}, "no certificate"},
		"as it must be":                  {[]string{"-etcd-cert", own.Cert, "-etcd-key", own.Key, "-etcd-ca", own.Cert}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := t.TempDir()
			status, said := labeld(append([]string{"init", "-data", d, "-origin", "labels.example", "-operator", dir + "/operator.key", "-etcd", target}, c.settings...)...)
			left, err := os.ReadDir(d)
			switch {
			case err != nil:
				t.Fatal(err)
			case c.want == "" && status != exitDone:
				t.Error(said)
			case c.want != "" && (status != exitAccident || !strings.Contains(said, c.want) || len(left) > 0):
				t.Errorf("got %d, %s, and %v is left; want %q", status, said, left, c.want)
			}
		})
	}
}
