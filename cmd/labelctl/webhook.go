package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Limits of a delivery. A receiver that is down is asked again for about half a
// minute, and then at the next visit.
const (
	hookTries    = 5
	hookTime     = 20 * time.Second // for one answer
	hookBackoff  = 2 * time.Second  // after the first try; doubled after each
	hookPatience = time.Minute      // where it asks for more (Retry-After), a later visit sends
	hookLater    = 24 * time.Hour   // the most it can ask for
)

// A webhook is where reports go (Standard Webhooks), signed with a key of the
// watch's own.
type webhook struct {
	url  string
	sign func(content []byte) string // one signature, with its version
	http *http.Client
	now  func() time.Time
	wait func(ctx context.Context, d time.Duration) error
}

// A hookPause says that the receiver wants nothing before a time.
type hookPause struct {
	URL   string    `json:"url"`
	Until time.Time `json:"until"`
}

func (p *hookPause) Error() string {
	return fmt.Sprintf("%s asks for nothing before %s", p.URL, p.Until.Format(time.RFC3339))
}

// errGone says that the receiver wants no more (410).
var errGone = errors.New("the receiver is gone")

// Prefixes of keys, as Standard Webhooks has them.
const (
	hookPrivate = "whsk_"
	hookPublic  = "whpk_"
	hookSecret  = "whsec_"
)

// newWebhook reads the key, or makes one where there is none.
func (c *console) newWebhook(address, keyFile string) (*webhook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, misusef("-webhook %q is not the address of a receiver, such as https://shop.example/hooks/labels", address)
	}
	text, err := c.read(keyFile, 1<<10)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = c.newHookKey(keyFile)
	}
	if err != nil {
		return nil, err
	}
	sign, err := hookSigner(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, misusef("-webhook-key %s: %v", keyFile, err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if u.Scheme == "http" {
		transport.Proxy = nil
		transport.DialContext = (&net.Dialer{Timeout: dialTime, Control: ownNetwork}).DialContext
	}
	client := &http.Client{Transport: transport, Timeout: hookTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &webhook{address, sign, client, c.now, wait}, nil
}

// ownNetwork lets through connections that do not leave the retailer's network:
// reports say what is in stock.
func ownNetwork(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if ip := to.Addr().Unmap(); ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() {
		return nil
	}
	return errors.New("that is not in your own network, and reports are not sent out of it unencrypted: name an https address")
}

// newHookKey makes a key and prints its public half for the receiver.
func (c *console) newHookKey(name string) ([]byte, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	text := []byte(hookPrivate + base64.StdEncoding.EncodeToString(private) + "\n")
	if err := writeNew(name, text, 0o600); err != nil {
		return nil, err
	}
	c.say("watch: %s is a new key; the receiver checks signatures with", name)
	c.say("watch: %s", hookPublic+base64.StdEncoding.EncodeToString(public))
	return text, nil
}

// hookSigner returns what signs with a key: an Ed25519 key of 32 or 64 bytes, or a
// secret of 24 to 64.
func hookSigner(text string) (func([]byte) string, error) {
	prefix := hookSecret
	if strings.HasPrefix(text, hookPrivate) {
		prefix = hookPrivate
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, prefix))
	switch {
	case !strings.HasPrefix(text, prefix) || err != nil:
		return nil, errors.New("it is neither whsk_ nor whsec_ with base64 behind it")
	case prefix == hookSecret && len(key) >= 24 && len(key) <= 64:
		return func(content []byte) string {
			mac := hmac.New(sha256.New, key)
			mac.Write(content)
			return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		}, nil
	case prefix == hookPrivate && (len(key) == ed25519.SeedSize || len(key) == ed25519.PrivateKeySize):
		private := ed25519.NewKeyFromSeed(key[:ed25519.SeedSize])
		if len(key) == ed25519.PrivateKeySize && !bytes.Equal(private, key) {
			return nil, errors.New("its halves do not belong together")
		}
		return func(content []byte) string {
			return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(private, content))
		}, nil
	}
	return nil, fmt.Errorf("it has %d bytes", len(key))
}

// A cloudEvent is a report as CloudEvents 1.0.2 has it, in JSON.
type cloudEvent struct {
	Version string      `json:"specversion"`
	ID      string      `json:"id"`
	Source  string      `json:"source"`
	Type    string      `json:"type"`
	Time    time.Time   `json:"time"`
	Media   string      `json:"datacontenttype"`
	Data    hookPayload `json:"data"`
}

type hookPayload struct {
	Rows []rowReport `json:"rows"`
}

// hookEvent is the type of every event. It is never renamed.
const hookEvent = "tegata.stock.changed"

// send delivers a report, trying again where the receiver does not take it. A
// report that came and was not acknowledged comes again with the same id.
func (h *webhook) send(ctx context.Context, r watchReport, origin string) error {
	body, err := json.Marshal(cloudEvent{"1.0", r.ID, "//" + origin, hookEvent, r.Time, "application/json", hookPayload{r.Rows}})
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		asked, err := h.try(ctx, r.ID, body)
		switch {
		case err == nil || errors.Is(err, errGone):
			return err
		case asked > hookPatience:
			return &hookPause{h.url, h.now().UTC().Truncate(time.Second).Add(min(asked, hookLater))}
		case try == hookTries-1:
			return err
		}
		delay := hookBackoff << try
		if err := h.wait(ctx, max(asked, delay/2+mathrand.N(delay))); err != nil {
			return err
		}
	}
}

// try sends a report once. Where it is not taken, asked is how long the receiver
// wants to be left alone, if it says so.
func (h *webhook) try(ctx context.Context, id string, body []byte) (asked time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	stamp := strconv.FormatInt(h.now().Unix(), 10)
	r.Header.Set("User-Agent", "labelctl")
	r.Header.Set("Content-Type", "application/cloudevents+json")
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", stamp)
	r.Header.Set("Webhook-Signature", h.sign(append([]byte(id+"."+stamp+"."), body...)))
	answer, err := h.http.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection serves again
	switch {
	case answer.StatusCode == http.StatusGone:
		return 0, errGone
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		return h.asked(answer), fmt.Errorf("%s answers %s", h.url, answer.Status)
	}
	return 0, nil
}

// asked reads Retry-After (RFC 9110 section 10.2.3); 0: it says nothing.
func (h *webhook) asked(answer *http.Response) time.Duration {
	text := answer.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return at.Sub(h.now())
	}
	return 0
}

// wait waits, or until it is told to stop.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
