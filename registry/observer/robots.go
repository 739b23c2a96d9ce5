package observer

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	robotsMost = 500 << 10      // bytes of a file that are heeded (RFC 9309, section 2.5)
	robotsKept = 24 * time.Hour // (RFC 9309, section 2.4)
	robotsKeep = 16 << 20       // bytes of all that is kept, about
)

// robots knows what hosts ask of those who visit them by machine (RFC 9309).
type robots struct {
	mu   sync.Mutex
	kept map[string]robotsFile // by scheme and host
	size int
}

// A robotsFile is what a host asks of this visitor.
type robotsFile struct {
	rules []rule
	until time.Time // when it is asked again
}

// allow reports whether the host of an address lets it be visited. What cannot
// be reached at all is allowed: the visit itself will tell.
func (k *robots) allow(ctx context.Context, g *guest, address string, now time.Time) bool {
	u, err := url.Parse(address)
	if err != nil {
		return true
	}
	site := u.Scheme + "://" + u.Host
	k.mu.Lock()
	f, ok := k.kept[site]
	k.mu.Unlock()
	if !ok || !now.Before(f.until) {
		if f, err = g.robots(ctx, site, now); err != nil {
			return true
		}
		k.keep(site, f)
	}
	path := cmp.Or(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return allowed(f.rules, path)
}

// keep keeps what a host asks. Where it becomes too much, all is asked anew.
func (k *robots) keep(site string, f robotsFile) {
	size := len(site) + 64
	for _, r := range f.rules {
		size += len(r.path) + 32
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.size += size; k.kept == nil || k.size > robotsKeep {
		k.kept, k.size = map[string]robotsFile{}, size
	}
	k.kept[site] = f
}

// robots fetches what a site asks of its visitors. A server in trouble asks to be
// let alone, for an hour; one that has no such file asks for nothing (RFC 9309,
// section 2.3.1).
func (g *guest) robots(ctx context.Context, site string, now time.Time) (f robotsFile, err error) {
	ctx, cancel := context.WithTimeout(ctx, g.time)
	defer cancel()
	answer, err := g.ask(ctx, g.client, site+"/robots.txt", nil)
	if err != nil {
		return f, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, robotsMost))
	if err != nil {
		return f, err
	}
	f.until = now.Add(robotsKept)
	switch status := answer.StatusCode; {
	case status >= http.StatusInternalServerError:
		f.rules, f.until = []rule{{path: "/"}}, now.Add(tryAgain)
	case status == http.StatusOK:
		f.rules = parseRobots(string(text))
	}
	return f, nil
}
