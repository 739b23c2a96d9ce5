package observer

import (
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// A testWeb is a web on loopback: servers with real TLS, and names that lead to
// them.
type testWeb struct {
	tb    testing.TB
	ca    *x509.Certificate
	key   *ecdsa.PrivateKey
	reach Reach

	mu    sync.Mutex
	names map[string][]netip.Addr // what a name leads to, at each look-up; the last one stays
	asked map[string]int
}

func newTestWeb(tb testing.TB) *testWeb {
	tb.Helper()
	w := &testWeb{tb: tb, names: map[string][]netip.Addr{}, asked: map[string]int{}}
	w.key = newKey(tb)
	w.ca = w.certificate(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, Subject: pkix.Name{CommonName: "test"}}, nil, &w.key.PublicKey)
	w.reach.Roots = x509.NewCertPool()
	w.reach.Roots.AddCert(w.ca)
	names := w.serveNames()
	w.reach.Resolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return net.Dial("udp", names) }}
	return w
}

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// certificate makes a certificate, of the test's authority where parent is not
// nil.
func (w *testWeb) certificate(c, parent *x509.Certificate, public *ecdsa.PublicKey) *x509.Certificate {
	w.tb.Helper()
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	if c.NotAfter.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, w.key)
	if err != nil {
		w.tb.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		w.tb.Fatal(err)
	}
	return made
}

// serve serves h at https://NAME:PORT, with a certificate as changed, and returns
// that address.
func (w *testWeb) serve(name string, change func(*x509.Certificate), h http.HandlerFunc) string {
	w.tb.Helper()
	key := newKey(w.tb)
	c := &x509.Certificate{DNSNames: []string{name}}
	if change != nil {
		change(c)
	}
	made := w.certificate(c, w.ca, &key.PublicKey)
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{made.Raw}, PrivateKey: key}}}
	s.StartTLS()
	w.tb.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	at := netip.MustParseAddrPort(s.Listener.Addr().String())
	w.reach.Allow = append(w.reach.Allow, at)
	w.lead(name, at.Addr())
	return "https://" + name + ":" + strings.TrimPrefix(at.String(), at.Addr().String()+":")
}

// lead has a name lead to addresses: one at each look-up, and from then on to the
// last.
func (w *testWeb) lead(name string, to ...netip.Addr) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[name] = to
}

// serveNames answers look-ups (RFC 1035), and returns the address to ask.
func (w *testWeb) serveNames() string {
	w.tb.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		w.tb.Fatal(err)
	}
	w.tb.Cleanup(func() { conn.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buffer[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response = true
			m.Additionals = nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				if to, ok := w.answer(strings.TrimSuffix(q.Name.String(), ".")); ok {
					m.Answers = []dnsmessage.Resource{{
						Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET},
						Body:   &dnsmessage.AResource{A: to.As4()},
					}}
				}
			}
			if out, err := m.Pack(); err == nil {
				conn.WriteTo(out, from)
			}
		}
	}()
	return conn.LocalAddr().String()
}

func (w *testWeb) answer(name string) (netip.Addr, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	to := w.names[name]
	if len(to) == 0 {
		return netip.Addr{}, false
	}
	n := w.asked[name]
	w.asked[name]++
	return to[min(n, len(to)-1)], true
}

// bomb writes a gigabyte of zeros, compressed to a megabyte.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Encoding", "gzip")
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
	zeros := make([]byte, 64<<10)
	for range 1 << 14 {
		if _, err := z.Write(zeros); err != nil {
			return
		}
	}
	z.Close()
}
