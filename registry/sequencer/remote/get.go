package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Limits of every request.
const (
	dialTime   = 5 * time.Second
	waitTime   = 15 * time.Second // to the first byte of an answer
	askTime    = time.Minute      // for an answer, whole
	idleTime   = 2 * time.Minute
	headerMost = 16 << 10

	checkpointMost = 64 << 10 // bytes; a line of a signature has about 200
)

// newClient returns a client that keeps a connection or two, follows no redirect,
// and waits for nobody for long.
func newClient() *http.Client {
	return &http.Client{
		Timeout: askTime,
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: dialTime}).DialContext,
			TLSHandshakeTimeout:    dialTime,
			ResponseHeaderTimeout:  waitTime,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        idleTime,
			MaxResponseHeaderBytes: headerMost,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// errAbsent says that a registry does not have what it was asked for.
var errAbsent = errors.New("it is not there")

// An asking is what to ask besides a path.
type asking struct {
	most int64  // bytes of the answer
	tag  string // of the answer that is had; empty: none is
	anew bool   // past all caches
}

// A got is an answer.
type got struct {
	body []byte
	tag  string // by which it can be asked whether it is still the same
	same bool   // it is, and has no body
}

// get asks the registry for a path. The error wraps errAbsent where it says that
// nothing is there.
func (r *Remote) get(ctx context.Context, path string, a asking) (got, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, r.config.URL+path, nil)
	if err != nil {
		return got{}, err
	}
	q.Header.Set("User-Agent", "labeld")
	if a.tag != "" {
		q.Header.Set("If-None-Match", a.tag)
	}
	if a.anew {
		q.Header.Set("Cache-Control", "no-cache")
	}
	answer, err := r.client.Do(q)
	if err != nil {
		return got{}, err
	}
	defer answer.Body.Close()
	switch status := answer.StatusCode; {
	case status == http.StatusNotModified && a.tag != "":
		return got{tag: a.tag, same: true}, nil
	case status == http.StatusNotFound || status == http.StatusGone:
		return got{}, fmt.Errorf("%s: %w: %s", path, errAbsent, answer.Status)
	case status >= 300 && status < 400:
		return got{}, fmt.Errorf("%s: it sends to %q: follow that registry by its own address, if you trust it", path, answer.Header.Get("Location"))
	case status != http.StatusOK:
		return got{}, fmt.Errorf("%s: %s", path, answer.Status)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, a.most+1))
	if err == nil && int64(len(body)) > a.most {
		err = fmt.Errorf("the answer is longer than %d bytes", a.most)
	}
	if err != nil {
		return got{}, fmt.Errorf("%s: %w", path, err)
	}
	return got{body: body, tag: answer.Header.Get("ETag")}, nil
}
