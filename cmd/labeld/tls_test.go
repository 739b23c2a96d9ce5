package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"tegata/registry/registrytest"
	"tegata/web"
)

// A maker of certificates for 127.0.0.1, in two files.
type certifier struct {
	cert, key string
	roots     *x509.CertPool
}

func newCertifier(t *testing.T) *certifier {
	t.Helper()
	dir := t.TempDir()
	return &certifier{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), x509.NewCertPool()}
}

// certify writes a certificate of that number, and its key, in the place of those
// that are there.
func (c *certifier) certify(t *testing.T, number int64, until time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: "labels.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: until.AddDate(0, -1, 0), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	c.roots.AddCert(parsed)
	c.replace(t, c.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	c.replace(t, c.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}

// replace puts a file in the place of another, as whoever renews certificates does.
func (c *certifier) replace(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// TestCertificate: it is read again when its files change, and the last one that
// could be used stays where what is there cannot be.
func TestCertificate(t *testing.T) {
	now := time.Now()
	until := now.Add(time.Hour)
	c := newCertifier(t)
	c.certify(t, 1, until)
	var log bytes.Buffer
	in, err := openCertificate(c.cert, c.key, slog.New(slog.NewTextHandler(&log, nil)))
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
	c.certify(t, 2, until)
	serves(1, "") // it was looked at a moment ago
	later()
	serves(2, "TLS certificate read")
	later()
	serves(2, "")
	c.certify(t, 3, until)
	in.reload()
	serves(3, "TLS certificate read")

	kept, err := os.ReadFile(c.key)
	if err != nil {
		t.Fatal(err)
	}
	for says, spoil := range map[string]func(){
		"no such file":                func() { os.Remove(c.key) },
		"others can read this key":    func() { os.Chmod(c.key, 0o640) },
		"failed to find any PEM data": func() { c.replace(t, c.key, []byte("no key")) },
		"private key does not match":  func() { key := kept; c.certify(t, 9, until); c.replace(t, c.key, key) },
		"it ended on":                 func() { c.certify(t, 9, now.Add(-time.Second)) },
	} {
		spoil()
		later()
		serves(3, says)
		later()
		serves(3, "") // said once
		c.certify(t, 3, until)
		later()
		serves(3, "TLS certificate read")
	}
	for _, bad := range []string{"nowhere", c.key} {
		if _, err := openCertificate(bad, c.key, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("a certificate in %s: got %v", bad, err)
		}
	}
}

// TestTLS: a real listener speaks HTTP/2 and HTTP/1.1 over TLS, with the limits that
// it has without, and takes up a new certificate while it serves.
func TestTLS(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	c := newCertifier(t)
	c.certify(t, 1, time.Now().Add(time.Hour))
	ctx, end := context.WithCancel(t.Context())
	discard := slog.New(slog.DiscardHandler)
	in, err := openCertificate(c.cert, c.key, discard)
	if err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		f := front{listen: "127.0.0.1:0", certificate: in, connections: unset, each: unset, rate: unset}
		ended <- answer(ctx, web.Config{Registry: k.Registry, Log: discard}, f, func(address string) { ready <- address })
	}()
	address := ""
	select {
	case address = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	host := strings.TrimPrefix(address, "https://")
	for _, protocol := range []string{"h2", "http/1.1"} {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: c.roots, NextProtos: []string{protocol}}, ForceAttemptHTTP2: protocol == "h2", DisableKeepAlives: true}}
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
	if _, err := tls.Dial("tcp", host, &tls.Config{RootCAs: c.roots, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	if got := streams(t, host, c.roots); got != 100 {
		t.Errorf("got %d requests at once on a connection, want 100", got)
	}

	serial := func() int64 {
		conn, err := tls.Dial("tcp", host, &tls.Config{RootCAs: c.roots})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("got certificate %d", got)
	}
	c.certify(t, 2, time.Now().Add(time.Hour))
	in.reload()
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
