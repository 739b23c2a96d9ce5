//go:build linux

package etcdtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
)

// A Network is a bridge of this machine with hosts on it, each a network
// namespace. It leads nowhere else.
type Network struct {
	bridge string
	subnet string // its first three numbers
	hosts  []*Host
}

// A Host is a network namespace.
type Host struct {
	Address string   // on the bridge
	Through []string // a command that runs the one after it on the host

	name, port string
	net        *Network
}

// networks counts those of this process.
var networks atomic.Int32

// NewNetwork makes a network without hosts. It needs root, or CAP_NET_ADMIN and
// CAP_SYS_ADMIN. Who makes it closes it.
func NewNetwork() (*Network, error) {
	// 198.18.0.0/15 is for tests of networks (RFC 2544).
	id := os.Getpid()*4 + int(networks.Add(1))%4
	n := &Network{bridge: fmt.Sprintf("tg%x", id), subnet: fmt.Sprintf("198.%d.%d", 18+id>>8&1, id&0xff)}
	err := errors.Join(ip("link", "add", n.bridge, "type", "bridge"),
		ip("addr", "add", n.subnet+".254/24", "dev", n.bridge),
		ip("link", "set", n.bridge, "up"))
	if err != nil {
		ip("link", "del", n.bridge) // if it came so far
		return nil, fmt.Errorf("a network of one's own needs root: %w", err)
	}
	return n, nil
}

// Host adds a host.
func (n *Network) Host() (*Host, error) {
	i := len(n.hosts) + 1
	h := &Host{Address: fmt.Sprintf("%s.%d", n.subnet, i), net: n, name: fmt.Sprintf("%s-%d", n.bridge, i), port: fmt.Sprintf("%s-%d", n.bridge, i)}
	h.Through = []string{"ip", "netns", "exec", h.name}
	n.hosts = append(n.hosts, h)
	return h, errors.Join(ip("netns", "add", h.name),
		ip("link", "add", h.port, "type", "veth", "peer", "name", "eth0", "netns", h.name),
		ip("-n", h.name, "addr", "add", h.Address+"/24", "dev", "eth0"),
		ip("-n", h.name, "link", "set", "lo", "up"),
		ip("-n", h.name, "link", "set", "eth0", "up"),
		ip("link", "set", h.port, "master", n.bridge, "up"))
}

// Cut cuts the host off. Nobody is told: what is sent gets lost.
func (h *Host) Cut() error { return ip("link", "set", h.port, "nomaster") }

// Heal undoes Cut.
func (h *Host) Heal() error { return ip("link", "set", h.port, "master", h.net.bridge) }

// Close takes the network down.
func (n *Network) Close() (err error) {
	for _, h := range n.hosts {
		err = errors.Join(err, ip("netns", "del", h.name)) // and its port with it
	}
	return errors.Join(err, ip("link", "del", n.bridge))
}

func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}
