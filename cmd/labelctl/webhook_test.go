package main

import (
	"bytes"
	cmp2 "cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tegata/registry/registrytest"
	"tegata/verify"
)

// A delivery is what a receiver got.
type delivery struct {
	Key     string            `json:"key"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// hookOf is a webhook with a key, or a new one whose public half is returned, to a
// receiver that answers with the statuses in their order, the last one for ever.
func hookOf(t *testing.T, key string, answers ...int) (h *webhook, got *[]delivery, waits *[]time.Duration, public string) {
	t.Helper()
	got, waits = new([]delivery), new([]time.Duration)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("got %s, %v", r.Method, err)
		}
		headers := map[string]string{}
		for name := range r.Header {
			headers[strings.ToLower(name)] = r.Header.Get(name)
		}
		status := answers[min(len(*got), len(answers)-1)]
		*got = append(*got, delivery{Headers: headers, Body: string(body)})
		if status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "hook.key")
	if key != "" {
		if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said bytes.Buffer
	c := &console{in: strings.NewReader(""), err: &said, now: time.Now} // receivers compare it with their own
	h, err := c.newWebhook(server.URL, file)
	if err != nil {
		t.Fatal(err)
	}
	if key == "" { // the public half was printed
		_, public, _ = strings.Cut(said.String(), hookPublic)
		public = hookPublic + strings.TrimSpace(public)
		if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), hookPrivate) {
			t.Errorf("the new key: got %q, %v", text, err)
		}
	}
	h.wait = func(ctx context.Context, d time.Duration) error {
		*waits = append(*waits, d)
		return ctx.Err()
	}
	return h, got, waits, public
}

var aReport = watchReport{"msg_1", time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), []rowReport{{Rows: []int{7}, Ref: "棚 7", Said: []string{saidLost}}}}

// What is sent, other people's receivers take: the signature of either kind, and
// the payload.
func TestWebhookVectors(t *testing.T) {
	const folder = "../../web/node_modules"
	if _, err := os.Stat(filepath.Join(folder, "standardwebhooks", "package.json")); err != nil {
		t.Fatalf("no standardwebhooks in %s, run: make tools", folder)
	}
	secret := hookSecret + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	var all []delivery
	send := func(key string) {
		t.Helper()
		h, got, _, public := hookOf(t, key, http.StatusNoContent)
		if err := h.send(context.Background(), aReport, "labels.example"); err != nil {
			t.Fatal(err)
		}
		d := (*got)[0]
		d.Key = cmp2.Or(key, public)
		all = append(all, d)
	}
	send(secret)
	send("")
	forged := all[1]
	forged.Body = strings.Replace(forged.Body, "recognition_lost", "recognition_gain", 1)
	all = append(all, forged)
	input, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "testdata/webhook.mjs", folder)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	var got []map[string]any
	if err := json.Unmarshal(output, &got); err != nil {
		t.Fatal(err)
	}
	found := func(signed bool) map[string]any {
		return map[string]any{"signed": signed, "valid": true, "id": "msg_1", "source": "//labels.example", "type": "tegata.stock.changed", "rows": 1.0}
	}
	if d := cmp.Diff([]map[string]any{found(true), found(true), found(false)}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A receiver that is down is asked again, later and later; one that is gone is
// not; and nobody is followed elsewhere.
func TestWebhookTries(t *testing.T) {
	for _, c := range []struct {
		answers []int
		tries   int
		want    string
	}{
		{[]int{200}, 1, ""},
		{[]int{503, 500, 429, 202}, 4, ""},
		{[]int{503}, hookTries, "503"},
		{[]int{302}, hookTries, "302"},
		{[]int{500, 410}, 2, errGone.Error()},
	} {
		h, got, waits, _ := hookOf(t, "", c.answers...)
		err := h.send(context.Background(), aReport, "labels.example")
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: got %v, want %q", c.answers, err, c.want)
		}
		if len(*got) != c.tries || len(*waits) != c.tries-1 {
			t.Errorf("%v: got %d tries and %d waits, want %d", c.answers, len(*got), len(*waits), c.tries)
		}
		for i, d := range *waits {
			if least := hookBackoff << i / 2; d < least || d >= 3*least {
				t.Errorf("wait %d: got %v, want %v to %v", i+1, d, least, 3*least)
			}
		}
		for _, d := range *got {
			if d.Headers["webhook-id"] != "msg_1" || d.Body != (*got)[0].Body {
				t.Errorf("%v: got another report at a later try", c.answers)
			}
		}
	}
	h, got, _, _ := hookOf(t, "", 503)
	ctx, stop := context.WithCancel(context.Background())
	h.wait = func(context.Context, time.Duration) error { stop(); return ctx.Err() }
	if err := h.send(ctx, aReport, "labels.example"); !errors.Is(err, context.Canceled) || len(*got) != 1 {
		t.Errorf("told to stop: got %v after %d tries", err, len(*got))
	}
}

func TestWebhookKeys(t *testing.T) {
	encode := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	for _, key := range []string{"", "whsk_", "whsec_", hookSecret + encode(23), hookSecret + encode(65), hookPrivate + encode(33),
		hookPrivate + encode(64), hookPrivate + "*", hookPublic + encode(32), encode(32)} {
		if _, err := hookSigner(key); err == nil {
			t.Errorf("%q: got no error", key)
		}
	}
}

// Once the receiver is gone, what waits and what comes is printed; and again sent
// where another address is named.
func TestWebhookGone(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	label := registrytest.Code(1)
	s := newShop(t, 1, k, []url.Values{{"ref": {"R"}, "code": {string(label)}, "in": {"GB"}}})
	if err := s.visit(); err != nil {
		t.Fatal(err)
	}
	gone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
	defer gone.Close()
	had := s.watch.hook.url
	s.begin(gone.URL)
	var out bytes.Buffer
	s.watch.out.Reset(&out)
	k.Append(t, k.Say(t, verify.LabelIssued, label, nil))
	if err := s.visit(); err != nil || !strings.Contains(out.String(), "R · 0000-0000-00") || len(s.watch.state.Outbox) != 0 {
		t.Errorf("got %v, printed:\n%s", err, out.String())
	}
	s.begin(had)
	k.Append(t, k.Say(t, verify.LabelStatus, label, func(m map[string]any) { m["status"], m["from"] = "revoked", "2026-06-01" }))
	if err := s.visit(); err != nil || len(s.hook.bodies) != 1 {
		t.Errorf("another address: got %v and %d reports", err, len(s.hook.bodies))
	}
	s.told = map[string]map[string]string{"R": s.told["R"]}
	s.check()
}

// A registry that lies is noticed, and what it says not taken; or it harms nothing.
func TestWatchLiars(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	label := registrytest.Code(1)
	k.Append(t, k.Say(t, verify.LabelIssued, label, nil))
	s := newShop(t, 1, k, []url.Values{{"ref": {"R"}, "code": {string(label)}, "in": {"GB"}}})
	if err := s.visit(); err != nil {
		t.Fatal(err)
	}
	honest := s.behind.handler
	before := s.watch.state.Head.Size
	visit := func(what, want string, told int, change func(path string, body []byte) []byte) {
		t.Helper()
		s.behind.mu.Lock()
		s.behind.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Accept-Encoding")
			real := httptest.NewRecorder()
			honest.ServeHTTP(real, r)
			for name, values := range real.Header() {
				if name != "Content-Length" {
					w.Header()[name] = values
				}
			}
			w.WriteHeader(real.Code)
			w.Write(change(r.URL.Path, real.Body.Bytes()))
		})
		s.behind.mu.Unlock()
		s.errs.Reset()
		n := len(s.hook.bodies)
		status, err := s.watch.visit(context.Background())
		if err != nil || status != exitNo || !strings.Contains(s.errs.String(), want) || len(s.hook.bodies)-n != told {
			t.Errorf("%s: got status %d, %v, %d reports, want 1, %d and %q:\n%s", what, status, err, len(s.hook.bodies)-n, told, want, s.errs.String())
		}
	}
	k.Clock.Set(k.Clock.Now().Add(time.Minute))
	k.Append(t, k.Say(t, verify.LabelStatus, label, func(m map[string]any) { m["status"], m["from"] = "revoked", "2026-06-01" }))
	visit("an altered entry", "entry 8: ", 0, func(path string, body []byte) []byte {
		if strings.HasPrefix(path, "/tile/entries/") {
			body[len(body)-1] ^= 1
		}
		return body
	})
	visit("an altered head", "checkpoint: ", 0, func(path string, body []byte) []byte {
		if path == "/checkpoint" {
			return bytes.Replace(body, []byte("\n9\n"), []byte("\n8\n"), 1)
		}
		return body
	})
	if s.watch.state.Head.Size != before {
		t.Errorf("got a head of %d entries taken from liars, want %d", s.watch.state.Head.Size, before)
	}
	visit("a list of changes that leaves out the code", "leaves out what changed row 1", 1, func(path string, body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`"codes":["`+string(label)+`"]`), []byte(`"codes":[]`))
	})
}

// How long a receiver asks to be left alone is how long it is, also across visits;
// but nobody silences a watch for good, nor one that sends elsewhere.
func TestWebhookRetryAfter(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	now := k.Clock.Now()
	tries, answer := 0, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if tries++; answer == "" {
			return
		}
		w.Header().Set("Retry-After", answer)
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()
	for _, c := range []struct {
		answer string
		waits  time.Duration // before the second try; 0: as if nothing was asked
		until  time.Duration
	}{
		{"37", 37 * time.Second, 0}, {now.Add(30 * time.Second).Format(http.TimeFormat), 30 * time.Second, 0},
		{"0", 0, 0}, {"-1", 0, 0}, {"soon", 0, 0}, {now.AddDate(-1, 0, 0).Format(http.TimeFormat), 0, 0},
		{"3600", 0, time.Hour}, {"2147483647", 0, hookLater}, {"9999999999999999999999", 0, 0},
		{now.AddDate(100, 0, 0).Format(http.TimeFormat), 0, hookLater},
	} {
		var waits []time.Duration
		h := &webhook{url: server.URL, sign: func([]byte) string { return "" }, http: server.Client(), now: k.Clock.Now,
			wait: func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }}
		answer = c.answer
		err := h.send(context.Background(), aReport, "labels.example")
		var pause *hookPause
		switch errors.As(err, &pause); {
		case c.until > 0:
			if pause == nil || !pause.Until.Equal(now.Add(c.until)) || len(waits) != 0 {
				t.Errorf("%s: got %v after %v", c.answer, err, waits)
			}
		case err == nil || pause != nil || len(waits) != hookTries-1 || waits[0] < c.waits || waits[0] > max(c.waits, 3*hookBackoff/2):
			t.Errorf("%s: got %v after %v, want %v first", c.answer, err, waits, c.waits)
		}
	}

	label := registrytest.Code(1)
	s := newShop(t, 1, k, []url.Values{{"ref": {"R"}, "code": {string(label)}, "in": {"GB"}}})
	if err := s.visit(); err != nil {
		t.Fatal(err)
	}
	had := s.watch.hook.url
	k.Append(t, k.Say(t, verify.LabelIssued, label, nil))
	visit := func(to string, after time.Duration, wants int) {
		t.Helper()
		s.begin(to)
		k.Clock.Set(k.Clock.Now().Add(after))
		tries = 0
		if err := s.visit(); tries != wants || (err == nil) != (to == had || answer == "") {
			t.Errorf("got %d tries, %v, want %d", tries, err, wants)
		}
	}
	answer = "3600"
	visit(server.URL, 0, 1)
	visit(server.URL, 59*time.Minute, 0)
	visit(server.URL, time.Minute, 1)
	s.watch.state.Pause.Until = k.Clock.Now().AddDate(1, 0, 0) // as where the clock was set back
	if err := s.watch.state.write(s.watch.file); err != nil {
		t.Fatal(err)
	}
	visit(server.URL, 0, 1)
	answer = ""
	visit(had, 0, 0)
	if len(s.hook.bodies) != 1 || s.watch.state.Pause != nil || len(s.watch.state.Outbox) != 0 {
		t.Errorf("another address: got %d reports, and %v", len(s.hook.bodies), s.watch.state.Pause)
	}
}

// What is in stock does not leave the retailer's network unencrypted.
func TestWebhookUnencrypted(t *testing.T) {
	for address, own := range map[string]bool{
		"127.0.0.1:80": true, "[::1]:80": true, "10.1.2.3:8080": true, "172.16.0.1:80": true, "192.168.1.1:80": true, "[fd00::1]:80": true,
		"[fe80::1%eth0]:80": true, "[::ffff:192.168.1.1]:80": true, "192.0.2.1:80": false, "[2001:db8::1]:80": false, "172.32.0.1:80": false,
		"[::ffff:192.0.2.1]:80": false, "0.0.0.0:80": false, "100.64.0.1:80": false, "nonsense": false,
	} {
		if err := ownNetwork("tcp", address, nil); (err == nil) != own {
			t.Errorf("%s: got %v", address, err)
		}
	}
	file := filepath.Join(t.TempDir(), "hook.key")
	c := &console{in: strings.NewReader(""), err: io.Discard, now: time.Now}
	h, err := c.newWebhook("http://192.0.2.1/hook", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.try(context.Background(), "msg_1", nil); err == nil || !strings.Contains(err.Error(), "name an https address") {
		t.Errorf("got %v", err)
	}
}
