//go:build chaos && linux

package chaos

import (
	"errors"
	"math/rand/v2"
	"syscall"
	"time"
)

// A fault is something that goes wrong for a while, and the way back.
type fault struct {
	name     string
	cluster  bool // only of several machines
	majority bool // most members are gone: nothing can be entered meanwhile
	begin    func(*machines, *rand.Rand) (end func() error, err error)
}

var faults = []fault{
	{name: "kill -9", begin: func(m *machines, rng *rand.Rand) (func() error, error) {
		n := m.pick(rng)
		n.kill()
		return n.start, nil
	}},
	{name: "pause", begin: func(m *machines, rng *rand.Rand) (func() error, error) {
		n := m.pick(rng)
		return func() error { return n.signal(syscall.SIGCONT) }, n.signal(syscall.SIGSTOP)
	}},
	{name: "full disk", begin: func(m *machines, rng *rand.Rand) (func() error, error) {
		n := m.pick(rng)
		return n.empty, n.fill()
	}},
	{name: "full disk and kill -9", begin: func(m *machines, rng *rand.Rand) (func() error, error) {
		n := m.pick(rng)
		err := n.fill()
		time.Sleep(200 * time.Millisecond) // what is under way runs into it
		n.kill()
		return func() error { return errors.Join(n.empty(), n.start()) }, err
	}},
	{name: "clock jump", begin: func(m *machines, rng *rand.Rand) (func() error, error) {
		n := m.pick(rng)
		ahead := time.Duration(rng.Int64N(int64(2*time.Hour))) - time.Hour
		return func() error { return n.jump(0) }, n.jump(ahead)
	}},
	{name: "member stopped", cluster: true, begin: func(m *machines, rng *rand.Rand) (func() error, error) {
		member := m.etcd.Members[rng.IntN(len(m.etcd.Members))]
		member.Kill()
		return func() error { return errors.Join(member.Start(), member.Ready()) }, nil
	}},
	{name: "leader stopped", cluster: true, begin: func(m *machines, _ *rand.Rand) (func() error, error) {
		leader, err := m.etcd.Leader()
		if err != nil {
			return nil, err
		}
		leader.Kill()
		return func() error { return errors.Join(leader.Start(), leader.Ready()) }, nil
	}},
	{name: "leader paused", cluster: true, begin: func(m *machines, _ *rand.Rand) (func() error, error) {
		leader, err := m.etcd.Leader()
		if err != nil {
			return nil, err
		}
		return leader.Resume, leader.Pause()
	}},
	{name: "machine cut off", cluster: true, begin: func(m *machines, rng *rand.Rand) (func() error, error) {
		host := m.pick(rng).host
		return host.Heal, host.Cut()
	}},
	{name: "leader cut off", cluster: true, begin: func(m *machines, _ *rand.Rand) (func() error, error) {
		leader, err := m.etcd.Leader()
		if err != nil {
			return nil, err
		}
		return leader.Host.Heal, leader.Host.Cut()
	}},
	{name: "majority stopped", cluster: true, majority: true, begin: func(m *machines, rng *rand.Rand) (func() error, error) {
		at := rng.IntN(len(m.etcd.Members))
		one, other := m.etcd.Members[at], m.etcd.Members[(at+1)%len(m.etcd.Members)]
		one.Kill()
		other.Kill()
		return func() error {
			return errors.Join(one.Start(), other.Start(), one.Ready(), other.Ready())
		}, nil
	}},
}
