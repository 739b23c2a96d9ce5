package observer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// Limits of one visit.
const (
	visitTime     = 30 * time.Second // whole, with all redirects
	dialTime      = 10 * time.Second
	redirectsMost = 5
	documentMost  = 20 << 20 // bytes, of what is left once it is no longer compressed
	headerMost    = 64 << 10
)

// A Reach is which addresses are visited. The zero Reach is the public web:
// whatever a name leads to, at every look-up and after every redirect, only
// addresses of the public internet are connected to, on ports 80 and 443. Private,
// loopback, link-local, multicast, translated (NAT64) and metadata addresses are
// not.
type Reach struct {
	// Allow lists addresses that are visited although they are not public: the
	// hosts of a test. They must be loopback addresses; see [Reach.Check].
	Allow []netip.AddrPort

	Roots    *x509.CertPool // whose certificates count; nil: the system's
	Resolver *net.Resolver  // who knows names; nil: the system's
}

// Check reports whether all that is allowed beyond the public web is on this
// machine.
func (r Reach) Check() bool {
	return !slices.ContainsFunc(r.Allow, func(a netip.AddrPort) bool { return !a.Addr().IsLoopback() })
}

// client returns a client that reaches no further. It has no jar: no cookie is
// kept. It uses no proxy: a proxy would connect to what this one may not.
func (r Reach) client() *http.Client {
	guard := ssrf.New()
	dialer := &net.Dialer{Timeout: dialTime, Resolver: r.Resolver, Control: func(network, address string, c syscall.RawConn) error {
		if to, err := netip.ParseAddrPort(address); err == nil && slices.Contains(r.Allow, to) {
			return nil
		}
		return guard.Safe(network, address, c)
	}}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
				return dialer.DialContext(ctx, "tcp", address)
			},
			TLSClientConfig:        &tls.Config{RootCAs: r.Roots},
			TLSHandshakeTimeout:    dialTime,
			ResponseHeaderTimeout:  visitTime,
			MaxResponseHeaderBytes: headerMost,
			DisableKeepAlives:      true, // the next visit to a host is a day later
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > redirectsMost {
				return errRedirects
			}
			return nil
		},
	}
}
