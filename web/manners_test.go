package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/web/openapi"
)

// TestManners asks every address of the description in all the ways that HTTP has:
// of a server, since a handler alone does not know what goes over the wire.
func TestManners(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	k.Indexed(t)
	h, err := NewHandler(Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	address := regexp.MustCompile(`'(http:[^']+)'$`)
	asked := 0
	for _, o := range openapi.New(server.URL).Operations {
		for _, sample := range o.Samples {
			m := address.FindStringSubmatch(sample.Source)
			if o.Method != http.MethodGet || sample.Status != http.StatusOK || m == nil || strings.Contains(sample.Source, "-G") {
				continue
			}
			asked++
			t.Run(o.ID, func(t *testing.T) { manners(t, m[1]) })
		}
	}
	if asked < 25 {
		t.Errorf("asked %d addresses only", asked)
	}
	for _, path := range []string{"/nowhere", "/v/0000", "/api/v1/verify/0000", "/api/v1/verify/0000.jwt", "/api/v1/statements/x", "/01/1", "/tile/x"} {
		r, _ := ask(t, http.MethodGet, server.URL+path)
		if vary := r.Header.Values("Vary"); r.StatusCode < 400 || !slices.Equal(vary, oneLine(vary)) {
			t.Errorf("%s: got %d, and Vary %q", path, r.StatusCode, vary)
		}
	}
}

// manners asks an address that answers with 200.
func manners(t *testing.T, address string) {
	plain, body := ask(t, http.MethodGet, address)
	head := plain.Header
	if plain.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d", address, plain.StatusCode)
	}
	streamed := head.Get("Content-Type") == "application/zip" // whose length is not known when it begins
	if plain.ContentLength != int64(len(body)) && !streamed {
		t.Errorf("it has %d bytes, and says %d", len(body), plain.ContentLength)
	}
	if got := head.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("X-Content-Type-Options: got %q", got)
	}
	if head.Get("Cache-Control") == "" || head.Get("Set-Cookie") != "" {
		t.Errorf("Cache-Control is %q, Set-Cookie %q", head.Get("Cache-Control"), head.Get("Set-Cookie"))
	}
	if tagged := head.Get("ETag") != ""; tagged == (head.Get("Cache-Control") == cacheNever) {
		t.Errorf("Cache-Control is %q, ETag %q", head.Get("Cache-Control"), head.Get("ETag"))
	}

	short, nothing := ask(t, http.MethodHead, address)
	if head.Get("Content-Type") == "application/pdf" { // it has its font in one of several ways
		short.Header.Set("Content-Length", head.Get("Content-Length"))
		body = nil
	}
	if short.StatusCode != plain.StatusCode || len(nothing) > 0 || !sameHead(short.Header, head) {
		t.Errorf("HEAD: got %d\n%v\nwant\n%v", short.StatusCode, short.Header, head)
	}

	packed, small := ask(t, http.MethodGet, address, "Accept-Encoding", "gzip")
	if vary := head.Values("Vary"); !slices.Equal(vary, oneLine(vary)) || !strings.Contains(vary[0], "Accept-Encoding") && !streamed {
		t.Errorf("Vary: got %q", vary)
	}
	if packed.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(small))
		if err != nil {
			t.Fatal(err)
		}
		if unpacked, err := io.ReadAll(z); err != nil || !bytes.Equal(unpacked, body) {
			t.Errorf("in gzip it is another, %v", err)
		}
		if tag := packed.Header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
			t.Errorf("it is sent in two ways under the strong tag %s", tag)
		}
	} else if body != nil && !bytes.Equal(small, body) {
		t.Error("asked again it is another")
	}

	conditions(t, address, head)

	for range 2 { // the second may be kept
		page, _ := ask(t, http.MethodGet, address, "Origin", "https://shop.example")
		if page.Header.Get("Access-Control-Allow-Origin") != "*" || page.Header.Get("Access-Control-Expose-Headers") != "*" || !strings.Contains(strings.Join(head.Values("Vary"), ","), "Origin") {
			t.Errorf("to the page of another: got %v, and else %v", page.Header, head)
		}
	}

	options, _ := ask(t, http.MethodOptions, address, "Origin", "https://shop.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "if-none-match")
	if options.StatusCode != http.StatusNoContent || !strings.Contains(options.Header.Get("Allow"), "GET, HEAD, OPTIONS") ||
		options.Header.Get("Access-Control-Allow-Methods") != options.Header.Get("Allow") || options.Header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(options.Header.Get("Access-Control-Allow-Headers"), "If-None-Match") {
		t.Errorf("OPTIONS: got %d, %v", options.StatusCode, options.Header)
	}
}

// conditions asks again as one who has the answer.
func conditions(t *testing.T, address string, head http.Header) {
	tag := head.Get("ETag")
	if tag == "" {
		return
	}
	for _, has := range []string{tag, strings.TrimPrefix(tag, "W/"), `"other", ` + tag, "*"} {
		r, body := ask(t, http.MethodGet, address, "If-None-Match", has)
		if r.StatusCode != http.StatusNotModified || len(body) > 0 {
			t.Errorf("If-None-Match: %s: got %d", has, r.StatusCode)
		}
		for _, name := range []string{"ETag", "Cache-Control", "Vary", "Last-Modified"} {
			if !slices.Equal(r.Header.Values(name), head.Values(name)) {
				t.Errorf("304: %s is %q, and was %q", name, r.Header.Values(name), head.Values(name))
			}
		}
	}
	if r, _ := ask(t, http.MethodGet, address, "If-None-Match", `"other"`, "If-Modified-Since", head.Get("Last-Modified")); r.StatusCode != http.StatusOK {
		t.Errorf("the date goes before the tag: got %d", r.StatusCode)
	}
	date, err := http.ParseTime(head.Get("Last-Modified"))
	if err != nil {
		return // it is not dated
	}
	for before, want := range map[time.Duration]int{0: http.StatusNotModified, -time.Hour: http.StatusNotModified, time.Second: http.StatusOK} {
		r, _ := ask(t, http.MethodGet, address, "If-Modified-Since", date.Add(-before).Format(http.TimeFormat))
		if r.StatusCode != want {
			t.Errorf("If-Modified-Since %v before: got %d, want %d", before, r.StatusCode, want)
		}
	}
}

func ask(t *testing.T, method, address string, header ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	c := http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// sameHead compares headers but for what is of one request.
func sameHead(a, b http.Header) bool {
	of := func(h http.Header) http.Header {
		h = h.Clone()
		h.Del("Date")
		h.Del("X-Request-Id")
		return h
	}
	return maps.EqualFunc(of(a), of(b), slices.Equal[[]string])
}
