//go:build chaos && linux

package chaos

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tegata/registry/sequencer/etcd/etcdtest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// machines are one labeld alone, or one with an etcd member on each of several
// hosts.
type machines struct {
	nodes  []*node
	etcd   *etcdtest.Cluster // nil: one labeld alone
	issuer *envelope.Signer
	begun  int64 // how large the log is before clients begin
}

const origin = "chaos.example"

var overIP = true

// newMachines makes a registry and starts every node of it, with more flags.
func newMachines(t *testing.T, count int, flags ...string) *machines {
	t.Helper()
	dir := t.TempDir()
	run(t, "go", "build", "-tags", "nomsgpack,chaos", "-o", dir+"/", "tegata/cmd/labeld", "tegata/cmd/labelctl")
	labeld := filepath.Join(dir, "labeld")
	m := &machines{}
	order := []string{}
	if count > 1 {
		var err error
		if m.etcd, err = etcdtest.StartApart(dir, count); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := m.etcd.Close(); err != nil {
				t.Error(err)
			}
		})
		order = []string{"-etcd", strings.Join(m.etcd.Endpoints(), ",") + "/chaos"}
	}
	for i := range count {
		n := &node{number: i, data: filepath.Join(dir, fmt.Sprint("node", i)), clock: filepath.Join(dir, fmt.Sprint("clock", i))}
		if err := os.Mkdir(n.data, 0o700); err != nil {
			t.Fatal(err)
		}
		n.mount(t)
		n.address = "127.0.0.1:0"
		if m.etcd != nil {
			n.host = m.etcd.Members[i].Host
			n.address = net.JoinHostPort(n.host.Address, "8080")
		} else if l, err := net.Listen("tcp", n.address); err == nil {
			n.address = l.Addr().String()
			l.Close()
		}
		var err error
		if n.log, err = os.Create(filepath.Join(dir, fmt.Sprint("log", i))); err != nil {
			t.Fatal(err)
		}
		n.args = append([]string{labeld, "serve", "-data", filepath.Join(n.data, "registry"), "-listen", n.address, "-url", "http://" + n.address, "-rate", "0", "-log-requests", "0", "-disk-reserve", "256"}, append(order, flags...)...)
		m.nodes = append(m.nodes, n)
		t.Cleanup(func() {
			n.kill()
			if t.Failed() {
				text, _ := os.ReadFile(n.log.Name())
				t.Logf("node %d, the last it said:\n%s", n.number, text[max(0, len(text)-4000):])
			}
			n.log.Close()
		})
	}
	m.begin(t, dir, order)
	return m
}

// begin creates the registry on the first machine, gives the others its keys,
// starts all, and has the issuer enrolled.
func (m *machines) begin(t *testing.T, dir string, order []string) {
	t.Helper()
	key := filepath.Join(dir, "operator.key")
	run(t, filepath.Join(dir, "labelctl"), "keygen", "-o", key)
	first := filepath.Join(m.nodes[0].data, "registry")
	create := append([]string{"init", "-data", first, "-origin", origin, "-operator", key}, order...)
	run(t, filepath.Join(dir, "labeld"), create...)
	for _, n := range m.nodes[1:] {
		to := filepath.Join(n.data, "registry")
		run(t, "mkdir", "-m", "700", to)
		for _, file := range []string{"log.key", "cosigner.key", "answer.key", "origin"} {
			run(t, "cp", "-p", filepath.Join(first, file), to)
		}
	}
	for _, n := range m.nodes {
		if err := n.start(); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	operator, err := envelope.ParsePrivate(text)
	if err != nil {
		t.Fatal(err)
	}
	if m.issuer, err = envelope.NewSigner(); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	token, err := operator.SealStatement(verify.Statement{
		Head: verify.Head{Kind: verify.PartyEnrolled, Origin: origin, By: "operator", Made: now},
		Body: &verify.Enrolled{Party: verify.Party{ID: "issuer", Name: verify.Text{EN: "Issuer"}, Role: verify.Issuer,
			Jurisdiction: verify.JP, Keys: []verify.JWK{m.issuer.Key().JWK()}, From: now}},
	})
	if err != nil {
		t.Fatal(err)
	}
	index, err := m.nodes[0].enter(client(), string(token))
	if err != nil || index < 0 {
		t.Fatalf("the issuer is not enrolled: %v", err)
	}
	m.begun = index + 1
}

// label seals the label of a code.
func (m *machines) label(code verify.Code) (string, error) {
	now := time.Now().UTC().Truncate(time.Second)
	today := verify.DateOf(now, verify.Tokyo)
	token, err := m.issuer.SealStatement(verify.Statement{
		Head: verify.Head{Kind: verify.LabelIssued, Origin: origin, By: "issuer", Made: now, Code: code},
		Body: &verify.Issued{Label: verify.Label{
			Number: "C-" + string(code), Level: 1, Criteria: "JST-CR-01-01-2024R1", Issued: today, Expires: today.AddYears(1),
			Basis:  verify.Basis{Route: verify.OwnProcedure},
			Holder: verify.Firm{Name: verify.Text{EN: "Chaos"}, Address: "Sendai", Country: "JP"},
			Product: verify.Product{Name: verify.Text{EN: "Router " + string(code)}, Brand: "Chaos", Type: "Router",
				Models: []verify.Model{{Model: "C-" + string(code)}}, Traits: verify.Traits{IP: &overIP, Market: verify.Consumer, Class: verify.General}},
			Support: verify.Support{Text: verify.Text{EN: "Until " + today.AddYears(4).String()}, End: today.AddYears(4),
				Precision: verify.ToTheDay, Qualifier: verify.AtLeast},
			Contact: verify.Contact{Vulnerability: "https://chaos.example/report"},
			Page:    "https://chaos.example/" + string(code),
		}},
	})
	return string(token), err
}

func (m *machines) pick(rng *rand.Rand) *node { return m.nodes[rng.IntN(len(m.nodes))] }

// wholeLog reads the log of a node, as anybody can.
func (n *node) wholeLog(client *http.Client) (entries [][]byte, head tlog.Checkpoint, err error) {
	get := func(path string) ([]byte, error) {
		resp, err := client.Get("http://" + n.address + "/" + path)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s", path, resp.Status)
		}
		return io.ReadAll(resp.Body)
	}
	signed, err := get("checkpoint")
	if err != nil {
		return nil, head, err
	}
	body, _, _ := strings.Cut(string(signed), "\n\n")
	if head, err = tlog.ParseCheckpoint(body + "\n"); err != nil {
		return nil, head, err
	}
	for at := int64(0); at < head.Size; at += tlog.TileWidth {
		p := tlog.TilePath{Level: tlog.EntriesLevel, Index: at / tlog.TileWidth, Width: int(min(tlog.TileWidth, head.Size-at))}
		b, err := get(p.String())
		if err != nil {
			return nil, head, err
		}
		some, err := tlog.ParseBundle(b)
		if err != nil {
			return nil, head, err
		}
		entries = append(entries, some...)
	}
	return entries, head, nil
}
