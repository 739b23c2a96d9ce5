package web_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
	"tegata/web"
)

// A device holds a key and signs with it until it is unplugged.
type device struct {
	ed25519.PrivateKey
	unplugged *atomic.Bool
}

var errUnplugged = errors.New("slot 7: no token is there")

func (d device) Sign(r io.Reader, text []byte, opts crypto.SignerOpts) ([]byte, error) {
	if d.unplugged.Load() {
		return nil, errUnplugged
	}
	return d.PrivateKey.Sign(r, text, opts)
}

// TestUnplugged: while the device that holds the registry's keys is away, what
// needs a new signature answers 503, and all else as before. Why is told to the
// operator only.
func TestUnplugged(t *testing.T) {
	k := registrytest.New(t)
	var unplugged atomic.Bool
	held := func(seed byte) device {
		return device{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)), &unplugged}
	}
	var err error
	if k.Config.Log, err = tlog.NewLogSigner(registrytest.Origin, held(1)); err != nil {
		t.Fatal(err)
	}
	if k.Config.Cosigner, err = tlog.NewCosigner(registrytest.Origin+"/cosigner", held(2)); err != nil {
		t.Fatal(err)
	}
	if k.Config.Answer, err = envelope.SignerFrom(held(3)); err != nil {
		t.Fatal(err)
	}
	k.Play(t, time.Date(2026, 4, 10, 0, 0, 0, 0, time.UTC))
	var log bytes.Buffer
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(r *http.Request) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	enter := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/statements", bytes.NewReader(practice(t, k, 1, "ipa", "ipa")))
		r.Header.Set("Content-Type", "application/jose")
		return ask(r)
	}
	get := func(path string) *httptest.ResponseRecorder {
		return ask(httptest.NewRequest(http.MethodGet, path, nil))
	}
	signed := []string{"/api/v1/verify/7K3MQ2ZT9XWE.jwt", "/api/v1/bundles/7K3MQ2ZT9XWE"}
	unsigned := []string{"/v/7K3M-Q2ZT-9XWE", "/api/v1/verify/7K3MQ2ZT9XWE", "/api/v1/receipts/3", "/checkpoint", "/tile/0/000.p/4", "/log", "/readyz"}
	for _, path := range append(signed, unsigned...) {
		if w := get(path); w.Code != http.StatusOK {
			t.Errorf("%s: got %d: %s", path, w.Code, w.Body)
		}
	}
	head := k.Registry.Head()

	unplugged.Store(true)
	k.Clock.Set(k.Clock.Now().Add(time.Hour)) // nothing is kept from before, and the head is to be dated anew
	for _, path := range unsigned {
		if w := get(path); w.Code != http.StatusOK {
			t.Errorf("unplugged, %s: got %d: %s", path, w.Code, w.Body)
		}
	}
	answers := map[string]*httptest.ResponseRecorder{"enter": enter()}
	for _, path := range signed {
		answers[path] = get(path)
	}
	for what, w := range answers {
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"code":"busy"`) {
			t.Errorf("unplugged, %s: got %d, %v: %s", what, w.Code, w.Header(), w.Body)
		}
		if strings.Contains(w.Body.String(), "slot 7") {
			t.Errorf("unplugged, %s: it tells strangers where the key is: %s", what, w.Body)
		}
	}
	if n := strings.Count(log.String(), errUnplugged.Error()); n != len(answers) {
		t.Errorf("the operator is told of %d accidents, want %d:\n%s", n, len(answers), &log)
	}
	if w := get("/readyz"); !strings.HasPrefix(w.Body.String(), "ready\n") || !strings.Contains(w.Body.String(), "\nwrites no: a key of the registry did not sign") {
		t.Errorf("unplugged, /readyz: got %s", w.Body)
	}
	if got := k.Registry.Head(); got.Size != head.Size {
		t.Errorf("got %d entries, want %d", got.Size, head.Size)
	}

	unplugged.Store(false)
	if w := enter(); w.Code != http.StatusCreated {
		t.Errorf("back again: got %d: %s", w.Code, w.Body)
	}
	for _, path := range signed {
		if w := get(path); w.Code != http.StatusOK {
			t.Errorf("back again, %s: got %d: %s", path, w.Code, w.Body)
		}
	}
}
