// Package front is where a registry meets those who ask: how many connections there
// are at once and of one address, how long one may wait, TLS with a certificate that
// changes meanwhile, and how a server ends.
package front

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"tegata/web"
)

// A Front is where a registry is asked, and how many may ask at once.
type Front struct {
	Listen      string         // HOST:PORT
	Certificate *Certificate   // of TLS; nil: plain HTTP
	Connections int            // at once; Unset: what suits, see ConnectionsAuto
	Each        int            // connections of one address, 0: all; Unset: what suits where it listens
	Rate        int            // requests that one address may make in a minute, 0: any; Unset: likewise
	Proxies     []netip.Prefix // between it and those who ask
	Drain       time.Duration  // how long it says that it ends, before it does
}

// grace is how long requests that are running may take to end when the server
// is stopped: as long as one may take to come.
const grace = 30 * time.Second

// Unset says of a number that nobody asked for one.
const Unset = -1

// How many requests one address may make in a minute. Behind one address may be a
// whole shop, whose tills each ask for a page and its parts a few times a minute.
const (
	RateDefault = 1200      // where a bound suits and nothing is said
	RateMost    = 1_000_000 // that can be asked for
)

// ofEach is a bound for each address, where one is of use: it is not where all come
// from a proxy of this machine that is not trusted to say for whom.
func (f Front) ofEach(asked, otherwise int) int {
	switch {
	case asked != Unset:
		return asked
	case Here(f.Listen) && len(f.Proxies) == 0:
		return 0
	}
	return otherwise
}

// Here reports whether an address to listen on, HOST:PORT, is of this machine alone.
func Here(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// Answer serves a registry until ctx ends, where no address is given under the one
// it listens on. It calls ready with that once it is listening.
func (f Front) Answer(ctx context.Context, site web.Config, ready func(address string)) error {
	most, err := connectionsOf(f.Connections)
	if err != nil {
		return err
	}
	if f.Connections == Unset && most < ConnectionsAuto {
		site.Log.Warn("the limit of open files allows fewer connections than there could be: raise it (ulimit -n, LimitNOFILE)", "connections", most)
	}
	scheme := "http://"
	if f.Certificate != nil {
		scheme = "https://"
	}
	plain, err := net.Listen("tcp", f.Listen)
	if err != nil {
		return fmt.Errorf("%w: choose another address with -listen", err)
	}
	address := scheme + plain.Addr().String()
	if site.URL == "" {
		site.URL = address
	}
	site.Rate, site.Proxies, site.Ending = f.ofEach(f.Rate, RateDefault), f.Proxies, ctx.Done()
	server, err := web.NewServer(site)
	if err != nil {
		plain.Close()
		return err
	}
	l := newListener(plain, most, f.ofEach(f.Each, AddressDefault), f.Proxies)
	server.ConnState = l.state
	site.Metrics.Connections(l.counts)
	if f.Certificate != nil {
		server.TLSConfig = f.Certificate.config()
	}
	return Until(ctx, server, l, f.Drain, func() { ready(address) })
}

// Until lets a server answer until ctx ends, and for drain longer. Those who are
// being answered then have half a minute. It calls ready once it answers.
func Until(ctx context.Context, server *http.Server, l net.Listener, drain time.Duration, ready func()) error {
	ended := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			ended <- server.ServeTLS(l, "", "")
		} else {
			ended <- server.Serve(l)
		}
	}()
	ready()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(drain):
	}
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(deadline)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.Join(fmt.Errorf("requests that ran longer than %v were cut", grace), server.Close())
	}
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
