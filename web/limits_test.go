package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/web/openapi"
	"tegata/web/openapi/openapitest"
)

// limited is the handler of a registry that lets each address ask four times a
// minute, by a clock that stands.
func limited(t *testing.T) (h http.Handler, clock *time.Time) {
	t.Helper()
	return limitedLogged(t, slog.New(slog.DiscardHandler))
}

func limitedLogged(t *testing.T, log *slog.Logger) (h http.Handler, clock *time.Time) {
	t.Helper()
	k := registrytest.New(t)
	k.Begin(t)
	s, err := newSite(Config{Registry: k.Registry, URL: "https://labels.example", Rate: 4, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	s.limits.now = func() time.Time { return now }
	g, err := s.routes()
	if err != nil {
		t.Fatal(err)
	}
	return s.observed(s.limited(g)), &now
}

func from(h http.Handler, address, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = address
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestLimits(t *testing.T) {
	h, clock := limited(t)
	described, err := openapitest.New()
	if err != nil {
		t.Fatal(err)
	}
	const shop = "192.0.2.1:40000"
	for left := 3; left >= 0; left-- {
		w := from(h, shop, "/api/v1/log")
		if want := fmt.Sprintf(`"requests";r=%d;t=%d`, left, 15*(4-left)); w.Code != http.StatusOK || w.Header().Get("RateLimit") != want {
			t.Fatalf("got %d, RateLimit %q, want %q", w.Code, w.Header().Get("RateLimit"), want)
		}
		if policy := w.Header().Get("RateLimit-Policy"); policy != `"requests";q=4;w=60` {
			t.Fatalf("RateLimit-Policy: got %q", policy)
		}
	}
	over := from(h, "192.0.2.1:40001", "/api/v1/log", "X-Forwarded-For", "198.51.100.7", "Forwarded", "for=198.51.100.7")
	if over.Code != http.StatusTooManyRequests || over.Header().Get("Retry-After") != "15" || over.Header().Get("RateLimit") != `"requests";r=0;t=60` {
		t.Fatalf("got %d, %v", over.Code, over.Header())
	}
	if err := described.Check(httptest.NewRequest(http.MethodGet, "/api/v1/log", nil), over.Result()); err != nil {
		t.Error(err)
	}
	var p problemBody
	if err := json.Unmarshal(over.Body.Bytes(), &p); err != nil || p.Code != problemQuota || !strings.HasSuffix(p.Type, "#quota-exceeded") || len(p.Policies) != 1 {
		t.Errorf("got %+v, %v", p, err)
	}
	if page := from(h, shop, "/about", "Accept", "text/html, */*;q=0.8", "Accept-Language", "ja"); page.Code != http.StatusTooManyRequests || !strings.Contains(page.Body.String(), "リクエストが多すぎます") {
		t.Errorf("a person is told with %d, %s", page.Code, page.Header().Get("Content-Type"))
	}
	if w := from(h, "192.0.2.2:40000", "/api/v1/log"); w.Code != http.StatusOK {
		t.Errorf("the neighbour: got %d", w.Code)
	}
	*clock = clock.Add(15 * time.Second)
	if w := from(h, shop, "/api/v1/log"); w.Code != http.StatusOK {
		t.Errorf("after a quarter of a minute: got %d", w.Code)
	}
	if w := from(h, shop, "/api/v1/log"); w.Code != http.StatusTooManyRequests {
		t.Errorf("and once more: got %d", w.Code)
	}
}

// TestLimitedAsDescribed: whatever address is asked of too often, programs are told
// so as it is described, and the pages of others may read it.
func TestLimitedAsDescribed(t *testing.T) {
	h, _ := limited(t)
	described, err := openapitest.New()
	if err != nil {
		t.Fatal(err)
	}
	const shop = "192.0.2.1:40000"
	for range 4 {
		from(h, shop, "/healthz")
	}
	address := regexp.MustCompile(`'https://labels.example([^']*)'$`)
	asked := 0
	for _, o := range openapi.New("https://labels.example").Operations {
		for _, sample := range o.Samples {
			m := address.FindStringSubmatch(sample.Source)
			if o.Method != http.MethodGet || m == nil {
				continue
			}
			asked++
			w := from(h, shop, m[1], "Origin", "https://shop.example")
			if w.Code != http.StatusTooManyRequests || w.Header().Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: got %d, %v", m[1], w.Code, w.Header())
			}
			if err := described.Check(httptest.NewRequest(http.MethodGet, m[1], nil), w.Result()); err != nil {
				t.Error(err)
			}
		}
	}
	if asked < 40 {
		t.Errorf("asked of %d addresses only", asked)
	}
}

// TestLimitsLogged: who asks too often is logged, once a minute, and nobody else.
func TestLimitsLogged(t *testing.T) {
	var log bytes.Buffer
	h, clock := limitedLogged(t, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})))
	ask := func(address string, times, want int) {
		t.Helper()
		log.Reset()
		for range times {
			from(h, address, "/healthz")
		}
		network := "from=" + Network(netip.MustParseAddrPort(address).Addr()).String()
		if got := strings.Count(log.String(), "asks too often"); got != want || strings.Count(log.String(), network) != want {
			t.Errorf("%s: got %d lines, want %d: %s", address, got, want, &log)
		}
	}
	ask("192.0.2.1:1", 4, 0)
	ask("192.0.2.1:2", 9, 1)
	ask("[2001:db8:1:2::3]:1", 9, 1)
	*clock = clock.Add(59 * time.Second)
	ask("192.0.2.1:3", 9, 0)
	*clock = clock.Add(time.Second)
	ask("192.0.2.1:4", 9, 1)
}

// TestUnlimited: where there is no limit nothing is said of one.
func TestUnlimited(t *testing.T) {
	h := served(t)
	for range 50 {
		if w := visit(h, "/api/v1/log"); w.Code != http.StatusOK || w.Header().Get("RateLimit") != "" {
			t.Fatalf("got %d, %v", w.Code, w.Header())
		}
	}
}

// TestAddressesBounded: however many ask, so many are remembered, the latest.
func TestAddressesBounded(t *testing.T) {
	l := newLimits(4)
	address := func(i int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
	}
	first := l.of(address(0))
	for i := range addressesMost + 10 {
		l.of(address(i))
		l.of(address(0))
	}
	if len(l.addresses) != addressesMost || l.order.Len() != addressesMost {
		t.Errorf("got %d and %d, want %d", len(l.addresses), l.order.Len(), addressesMost)
	}
	if l.of(address(0)) != first {
		t.Error("one that asks all the time was forgotten")
	}
	if _, there := l.addresses[address(5)]; there {
		t.Error("the oldest is remembered")
	}
}
