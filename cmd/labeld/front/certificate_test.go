package front

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"tegata/cmd/labeld/front/fronttest"
	"tegata/registry/registrytest"
	"tegata/web"
)

// TestCertificate: it is read again when its files change, and the last one that
// could be used stays where what is there cannot be.
func TestCertificate(t *testing.T) {
	now := time.Now()
	until := now.Add(time.Hour)
	c := fronttest.NewCertifier(t)
	c.Certify(t, 1, until)
	var log bytes.Buffer
	in, err := OpenCertificate(c.Cert, c.Key, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	in.now = func() time.Time { return now }
	serves := func(want int64, says string) {
		t.Helper()
		if got := in.current().Leaf.SerialNumber.Int64(); got != want || !strings.Contains(log.String(), says) || says == "" && log.Len() > 0 {
			t.Errorf("got certificate %d, want %d; the log says %q, want %q", got, want, &log, says)
		}
		log.Reset()
	}
	later := func() { now = now.Add(lookEvery) }
	serves(1, "")
	c.Certify(t, 2, until)
	serves(1, "") // it was looked at a moment ago
	later()
	serves(2, "TLS certificate read")
	later()
	serves(2, "")
	c.Certify(t, 3, until)
	in.Reload()
	serves(3, "TLS certificate read")

	kept, err := os.ReadFile(c.Key)
	if err != nil {
		t.Fatal(err)
	}
	for says, spoil := range map[string]func(){
		"no such file":                func() { os.Remove(c.Key) },
		"others can read this key":    func() { os.Chmod(c.Key, 0o640) },
		"failed to find any PEM data": func() { c.Replace(t, c.Key, []byte("no key")) },
		"private key does not match":  func() { key := kept; c.Certify(t, 9, until); c.Replace(t, c.Key, key) },
		"it ended on":                 func() { c.Certify(t, 9, now.Add(-time.Second)) },
	} {
		spoil()
		later()
		serves(3, says)
		later()
		serves(3, "") // said once
		c.Certify(t, 3, until)
		later()
		serves(3, "TLS certificate read")
	}
	for _, bad := range []string{"nowhere", c.Key} {
		if _, err := OpenCertificate(bad, c.Key, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("a certificate in %s: got %v", bad, err)
		}
	}
}

// TestTLS: a real listener speaks HTTP/2 and HTTP/1.1 over TLS, with the limits that
// it has without, and takes up a new certificate while it serves.
func TestTLS(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	c := fronttest.NewCertifier(t)
	c.Certify(t, 1, time.Now().Add(time.Hour))
	ctx, end := context.WithCancel(t.Context())
	discard := slog.New(slog.DiscardHandler)
	in, err := OpenCertificate(c.Cert, c.Key, discard)
	if err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		f := Front{Listen: "127.0.0.1:0", Certificate: in, Connections: Unset, Each: Unset, Rate: Unset}
		ended <- f.Answer(ctx, web.Config{Registry: k.Registry, Log: discard}, func(address string) { ready <- address })
	}()
	address := ""
	select {
	case address = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	host := strings.TrimPrefix(address, "https://")
	for _, protocol := range []string{"h2", "http/1.1"} {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: c.Roots, NextProtos: []string{protocol}}, ForceAttemptHTTP2: protocol == "h2", DisableKeepAlives: true}}
		for path, want := range map[string]int{"/healthz": 200, "/v/2WQ6TJX0M3KW": 404} {
			resp, err := client.Get(address + path)
			if err != nil {
				t.Fatalf("%s %s: %v", protocol, path, err)
			}
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != want || err != nil || (resp.ProtoMajor == 2) != (protocol == "h2") {
				t.Errorf("%s %s: got %s, %d, %v, want %d", protocol, path, resp.Proto, resp.StatusCode, err, want)
			}
			if hsts := resp.Header.Get("Strict-Transport-Security"); hsts == "" {
				t.Errorf("%s %s: got no Strict-Transport-Security", protocol, path)
			}
		}
		if resp, err := client.Get(address + "/?" + strings.Repeat("x", 40<<10)); err == nil && resp.StatusCode != 431 { // over HTTP/2 the client may be told so before
			t.Errorf("%s: a header of 40 KiB: got %d", protocol, resp.StatusCode)
		}
		questions := strings.NewReader(`[{"code":"2WQ6-TJX0-M3KW"},{"code":"2WQ6-TJX0-M3KW"}]`)
		resp, err := client.Post(address+"/api/v1/verify", "application/json", questions)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 || strings.Count(string(body), `"outcome":"unknown"`) != 2 {
			t.Errorf("%s: a batch is answered with %d %s, %v", protocol, resp.StatusCode, body, err)
		}
		resp.Body.Close()
	}
	if _, err := tls.Dial("tcp", host, &tls.Config{RootCAs: c.Roots, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	if got := streams(t, host, c.Roots); got != 100 {
		t.Errorf("got %d requests at once on a connection, want 100", got)
	}

	serial := func() int64 {
		conn, err := tls.Dial("tcp", host, &tls.Config{RootCAs: c.Roots})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("got certificate %d", got)
	}
	c.Certify(t, 2, time.Now().Add(time.Hour))
	in.Reload()
	if got := serial(); got != 2 {
		t.Errorf("got certificate %d, want the new one", got)
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// streams is how many requests at once a server allows on a connection of HTTP/2.
func streams(t *testing.T, host string, roots *x509.CertPool) (most uint32) {
	t.Helper()
	conn, err := tls.Dial("tcp", host, &tls.Config{RootCAs: roots, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	framer := http2.NewFramer(conn, conn)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	if err := framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	frame, err := framer.ReadFrame()
	if err != nil {
		t.Fatal(err)
	}
	settings, ok := frame.(*http2.SettingsFrame)
	if !ok {
		t.Fatalf("got %v first", frame)
	}
	most, _ = settings.Value(http2.SettingMaxConcurrentStreams)
	return most
}
