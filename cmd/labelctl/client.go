package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"tegata/verify"
)

// Limits of every request: a registry that does not answer, or does not stop, is
// given up.
const (
	dialTime    = 10 * time.Second
	answerTime  = 30 * time.Second // to the first byte of an answer
	requestTime = 2 * time.Minute  // for one answer, whole

	answerMost  = 32 << 20 // bytes of an answer; the largest bundle of entries has half as many
	problemMost = 1 << 20
)

// A client asks one registry, and follows it to no other.
type client struct {
	base string // scheme, host and maybe a path, no slash at the end
	lang language
	http *http.Client
}

// oneLog is the path of one of several logs.
var oneLog = regexp.MustCompile(`^/logs/[^/]+$`)

// newClient returns a client of the registry at an address such as
// https://labels.example, or of one of several logs that it answers for, such as
// https://labels.example/logs/fables.example. A proxy is used where the system names one.
func newClient(flagName, address string, lang language) (*client, error) {
	u, err := url.Parse(address)
	path := ""
	if err == nil {
		path = strings.TrimRight(u.EscapedPath(), "/")
	}
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || path != "" && !oneLog.MatchString(path) ||
		u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, misusef("-%s %q is not the address of a registry, such as https://labels.example", flagName, address)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: dialTime}).DialContext
	transport.ResponseHeaderTimeout = answerTime
	return &client{u.Scheme + "://" + u.Host + path, lang, &http.Client{Transport: transport, CheckRedirect: sameHost}}, nil
}

// host returns the registry's host, with its port.
func (c *client) host() string {
	_, host, _ := strings.Cut(c.base, "://")
	host, _, _ = strings.Cut(host, "/")
	return host
}

// sameHost follows a redirect within the registry, and never off encryption.
func sameHost(r *http.Request, via []*http.Request) error {
	switch from := via[0].URL; {
	case r.URL.Host != from.Host || r.URL.Scheme != from.Scheme:
		return fmt.Errorf("the registry sends to %s://%s, which is not asked; ask it by its own address if you trust it", r.URL.Scheme, r.URL.Host)
	case len(via) > 3:
		return errors.New("the registry sends from one address to the next without end")
	}
	return nil
}

// get asks for a path, and returns the answer with its status: 200, or 404 where
// that is an answer of its own and not a problem. Otherwise the error is a
// [*problem], or says that there was no answer.
func (c *client) get(ctx context.Context, path string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return 0, nil, err
	}
	answer, err := c.do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err := readMost(answer.Body, answerMost)
	return answer.StatusCode, body, err
}

// post sends one body, and returns the answer, whose body the caller reads and
// closes.
func (c *client) post(ctx context.Context, path, media string, body []byte) (*http.Response, error) {
	return c.stream(ctx, path, media, bytes.NewReader(body), int64(len(body)))
}

// stream is post of a body of so many bytes, which is read as it is sent. The
// answer may begin before it is sent whole.
func (c *client) stream(ctx context.Context, path, media string, body io.Reader, size int64) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, body)
	if err != nil {
		return nil, err
	}
	r.ContentLength = size
	r.Header.Set("Content-Type", media)
	return c.do(r)
}

func (c *client) do(r *http.Request) (*http.Response, error) {
	r.Header.Set("User-Agent", "labelctl")
	r.Header.Set("Accept-Language", string(c.lang))
	answer, err := c.http.Do(r)
	var network *net.OpError
	if errors.As(err, &network) {
		return nil, fmt.Errorf("%w; is there a registry at %s?", err, c.base)
	}
	if err != nil {
		return nil, err
	}
	media, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if media == "application/problem+json" {
		return nil, closing(answer, problemOf(answer))
	}
	ok := answer.StatusCode >= 200 && answer.StatusCode < 300 || answer.StatusCode == http.StatusNotFound && media == "application/json"
	if !ok {
		return nil, closing(answer, fmt.Errorf("%s %s: %s, without a reason; is there a registry at %s?", r.Method, r.URL, answer.Status, c.base))
	}
	return answer, nil
}

func closing(answer *http.Response, err error) error {
	answer.Body.Close()
	return err
}

func readMost(r io.Reader, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("the answer is longer than %d bytes", most)
	}
	return b, err
}

// A problem is what a registry answers in place of what it was asked for (RFC
// 9457): a decision where its status is below 500, else an accident.
type problem struct {
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail"`
	Code      string         `json:"code"`
	Reason    string         `json:"reason"` // for programmers, in English
	Faults    []problemFault `json:"faults"`
	Reference string         `json:"reference"` // of the registry's own log line

	raw json.RawMessage // as it was sent
}

type problemFault struct {
	Field   string           `json:"field"`
	Rule    verify.FaultRule `json:"rule"`
	Message string           `json:"message"`
}

func problemOf(answer *http.Response) error {
	body, err := readMost(answer.Body, problemMost)
	if err != nil {
		return err
	}
	p, err := parseProblem(answer.StatusCode, body)
	if err != nil {
		return err
	}
	return p
}

func parseProblem(status int, body []byte) (*problem, error) {
	p := &problem{raw: body}
	if err := json.Unmarshal(body, p); err != nil || p.Title == "" {
		return nil, fmt.Errorf("status %d, with a reason that cannot be read", status)
	}
	p.Status = status
	return p, nil
}

func (p *problem) Error() string {
	s := p.Title
	if len(p.Faults) == 0 && p.Detail != "" {
		s += ": " + p.Detail
	}
	if p.Reason != "" {
		s += " (" + p.Reason + ")"
	}
	if p.Reference != "" {
		s += fmt.Sprintf(" (%d, reference %s)", p.Status, p.Reference)
	}
	return s
}

// sayProblem says a problem with every fault, one a line.
func (c *console) sayProblem(of string, p *problem) {
	c.say("%s: %v", of, p)
	for _, f := range p.Faults {
		c.fault(faultLine(f.Field, f.Message))
	}
}
