//go:build linux

// Package etcdtest starts real members of an etcd cluster for tests, on this
// machine alone: on loopback, or each in a network namespace of its own, so that
// it can be cut off. They are killed, paused and started again one by one.
package etcdtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startWait is how long a cluster may take to answer.
const startWait = 30 * time.Second

// A Cluster is members that were started together.
type Cluster struct {
	Members []*Member
	Network *Network // nil on loopback
}

// A Member is one etcd process, with a folder and ports that outlive it.
type Member struct {
	Client string // host:port for clients
	Host   *Host  // nil on loopback

	name    string
	health  string // URL
	args    []string
	process *exec.Cmd
	output  lockedBuffer
}

// Start starts n members in folders under dir, and waits until they answer. More
// flags of etcd may be given; with --cert-file its clients use TLS. Who starts it
// closes it.
func Start(dir string, n int, flags ...string) (*Cluster, error) {
	c := &Cluster{}
	return c, c.start(dir, n, flags)
}

// StartApart is Start with every member on a host of its own.
func StartApart(dir string, n int, flags ...string) (*Cluster, error) {
	net, err := NewNetwork()
	if err != nil {
		return nil, err
	}
	c := &Cluster{Network: net}
	return c, c.start(dir, n, flags)
}

func (c *Cluster) start(dir string, n int, flags []string) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	scheme := "http://"
	if slices.Contains(flags, "--cert-file") {
		scheme = "https://"
	}
	var peers, initial []string
	for i := range n {
		m := &Member{name: fmt.Sprint("m", i)}
		address, ports := "127.0.0.1", []string{"2379", "2380", "2381"}
		if c.Network == nil {
			ports, err = freePorts(len(ports))
		} else if m.Host, err = c.Network.Host(); err == nil {
			address, m.args = m.Host.Address, m.Host.Through
		}
		if err != nil {
			return err
		}
		m.Client, m.health = net.JoinHostPort(address, ports[0]), "http://"+net.JoinHostPort(address, ports[2])
		c.Members = append(c.Members, m)
		peers = append(peers, "http://"+net.JoinHostPort(address, ports[1]))
		initial = append(initial, m.name+"="+peers[i])
	}
	for i, m := range c.Members {
		m.args = append(slices.Clip(m.args), "etcd", "--name", m.name, "--data-dir", filepath.Join(dir, m.name),
			"--listen-client-urls", scheme+m.Client, "--advertise-client-urls", scheme+m.Client, "--listen-metrics-urls", m.health,
			"--listen-peer-urls", peers[i], "--initial-advertise-peer-urls", peers[i],
			"--initial-cluster", strings.Join(initial, ","), "--initial-cluster-state", "new", "--initial-cluster-token", filepath.Base(dir),
			"--heartbeat-interval", "50", "--election-timeout", "500", "--logger", "zap", "--log-level", "error")
		m.args = append(m.args, flags...)
		if err := m.Start(); err != nil {
			return err
		}
	}
	return c.Ready()
}

// freePorts names n ports of loopback that nobody listens on.
func freePorts(n int) (ports []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
	}
	return ports, nil
}

// Endpoints is the address of every member for clients.
func (c *Cluster) Endpoints() []string {
	var out []string
	for _, m := range c.Members {
		out = append(out, m.Client)
	}
	return out
}

// Ready waits until every member answers, and follows a leader.
func (c *Cluster) Ready() error {
	for _, m := range c.Members {
		if err := m.Ready(); err != nil {
			return err
		}
	}
	return nil
}

// Leader is the member that leads. It is not told of a cluster with TLS.
func (c *Cluster) Leader() (*Member, error) {
	for _, m := range c.Members {
		var status struct {
			Header struct {
				Member string `json:"member_id"`
			} `json:"header"`
			Leader string `json:"leader"`
		}
		if err := ask(http.MethodPost, "http://"+m.Client+"/v3/maintenance/status", &status); err == nil && status.Leader == status.Header.Member {
			return m, nil
		}
	}
	return nil, errors.New("no member leads")
}

// Close kills every member, and takes the network down.
func (c *Cluster) Close() (err error) {
	for _, m := range c.Members {
		m.Kill()
	}
	if c.Network != nil {
		err = c.Network.Close()
	}
	return err
}

// Start starts a member that does not run. Its data are those it had.
func (m *Member) Start() error {
	m.process = exec.Command(m.args[0], m.args[1:]...)
	m.process.Stdout, m.process.Stderr = &m.output, &m.output
	m.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a test that is cut short leaves nobody behind
	if err := m.process.Start(); err != nil {
		m.process = nil
		return fmt.Errorf("%w: make tools installs it", err)
	}
	return nil
}

// Ready waits until the member answers, and follows a leader.
func (m *Member) Ready() error {
	timeout := time.After(startWait)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		var health struct {
			Health string `json:"health"`
		}
		err := ask(http.MethodGet, m.health+"/health", &health)
		if err == nil && health.Health == "true" {
			return nil
		}
		select {
		case <-again.C:
		case <-timeout:
			return fmt.Errorf("etcd member %s is not ready: %v\n%s", m.name, err, m.output.String())
		}
	}
}

// ask asks a member over HTTP.
func ask(method, url string, answer any) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader("{}"))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(answer)
}

// Kill kills the member as a loss of power would, but for what the kernel holds.
func (m *Member) Kill() { m.end(syscall.SIGKILL) }

// Stop ends the member in good order: a leader hands over first.
func (m *Member) Stop() { m.end(syscall.SIGTERM) }

func (m *Member) end(s os.Signal) {
	if m.process == nil {
		return
	}
	m.process.Process.Signal(s)
	m.process.Process.Signal(syscall.SIGCONT)
	m.process.Wait()
	m.process = nil
}

// Pause stops the member where it is: its connections stay open.
func (m *Member) Pause() error { return m.process.Process.Signal(syscall.SIGSTOP) }

// Resume lets it go on.
func (m *Member) Resume() error { return m.process.Process.Signal(syscall.SIGCONT) }

// A lockedBuffer keeps what a process says, of each start.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
