package observer

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/temoto/robotstxt"
)

const (
	robotsMost = 500 << 10      // bytes that are heeded (RFC 9309, section 2.5)
	robotsKept = 24 * time.Hour // (RFC 9309, section 2.4)
	robotsKeep = 4096           // of so many hosts
)

// robots knows what hosts ask of those who visit them by machine (RFC 9309).
type robots struct {
	mu   sync.Mutex
	kept map[string]rules // by scheme and host
}

type rules struct {
	data  *robotstxt.RobotsData
	until time.Time
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
	r, ok := k.kept[site]
	k.mu.Unlock()
	if !ok || !now.Before(r.until) {
		if r.data, err = g.robots(ctx, site); err != nil {
			return true
		}
		r.until = now.Add(robotsKept)
		k.keep(site, r)
	}
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return r.data.TestAgent(path, product)
}

func (k *robots) keep(site string, r rules) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil || len(k.kept) >= robotsKeep {
		k.kept = map[string]rules{}
	}
	k.kept[site] = r
}

// robots fetches what a site asks of its visitors. A server in trouble asks to be
// left alone, one that has no such file for nothing (RFC 9309, section 2.3.1).
func (g *guest) robots(ctx context.Context, site string) (*robotstxt.RobotsData, error) {
	ctx, cancel := context.WithTimeout(ctx, g.time)
	defer cancel()
	answer, err := g.ask(ctx, site+"/robots.txt", nil)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, robotsMost))
	if err != nil {
		return nil, err
	}
	status := answer.StatusCode
	if status >= http.StatusMultipleChoices && status < http.StatusBadRequest {
		status = http.StatusNotFound
	}
	return robotstxt.FromStatusAndBytes(status, text)
}
