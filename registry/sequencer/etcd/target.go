package etcd

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// A Target is a place in a cluster: ENDPOINT,ENDPOINT/PREFIX as text.
type Target struct {
	Endpoints []string // host:port of each member, all after https:// or none
	Prefix    string   // what all keys begin with, such as /labels: a slash first, none last
}

// TLS reports whether the members are reached by TLS.
func (t Target) TLS() bool {
	return len(t.Endpoints) > 0 && strings.HasPrefix(t.Endpoints[0], "https://")
}

func (t Target) String() string { return strings.Join(t.Endpoints, ",") + t.Prefix }

// ParseTarget reads a target. Every member is named, so that a node finds another
// where one is down; each has its port, and http:// or https:// before it, the
// same for all (http:// where there is none).
func ParseTarget(text string) (Target, error) {
	members := strings.Split(text, ",")
	if len(members) > 9 {
		return Target{}, fmt.Errorf("%d endpoints: a cluster has at most 9 members", len(members))
	}
	last := members[len(members)-1]
	host := 0
	if scheme := strings.Index(last, "://"); scheme >= 0 {
		host = scheme + len("://")
	}
	slash := strings.IndexByte(last[host:], '/') + host
	if slash < host {
		return Target{}, errors.New("no prefix: ENDPOINT,ENDPOINT/PREFIX, such as 10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379/labels")
	}
	t := Target{Prefix: last[slash:]}
	members[len(members)-1] = last[:slash]
	if !prefixOK(t.Prefix) {
		return Target{}, fmt.Errorf("prefix %q: letters, digits, . - _ and single slashes between them", t.Prefix)
	}
	var errs []error
	for i, m := range members {
		scheme, address := "http", m
		if before, after, ok := strings.Cut(m, "://"); ok {
			scheme, address = before, after
		}
		host, port, err := net.SplitHostPort(address)
		switch {
		case scheme != "http" && scheme != "https":
			errs = append(errs, fmt.Errorf("endpoint %q: http:// or https://", m))
		case err != nil || host == "" || port == "":
			errs = append(errs, fmt.Errorf("endpoint %q: HOST:PORT", m))
		}
		t.Endpoints = append(t.Endpoints, scheme+"://"+address)
		if !strings.HasPrefix(t.Endpoints[i], strings.SplitAfter(t.Endpoints[0], "://")[0]) {
			errs = append(errs, fmt.Errorf("endpoint %q: http:// and https:// are not mixed", m))
		}
	}
	return t, errors.Join(errs...)
}

// prefixOK reports whether text is one or more names, each after a slash.
func prefixOK(text string) bool {
	for _, name := range strings.Split(strings.TrimPrefix(text, "/"), "/") {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(".-_", r)
		}) {
			return false
		}
	}
	return true
}
