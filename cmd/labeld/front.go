package main

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

// A front is where a registry is asked, and how many may ask at once.
type front struct {
	listen      string
	certificate *certificate   // of TLS; nil: plain HTTP
	connections int            // at once; unset: what suits
	each        int            // connections of one address; unset: what suits where it listens
	rate        int            // requests that one address may make in a minute; unset: likewise
	proxies     []netip.Prefix // between it and those who ask
	drain       time.Duration  // how long it says that it ends, before it does
}

// grace is how long requests that are running may take to end when the server
// is stopped: as long as one may take to come.
const grace = 30 * time.Second

// unset says of a number that nobody asked for one.
const unset = -1

// How many requests one address may make in a minute. Behind one address may be a
// whole shop, whose tills each ask for a page and its parts a few times a minute.
const (
	rateDefault = 1200
	rateMost    = 1_000_000
)

// ofEach is a bound for each address, where one is of use: it is not where all come
// from a proxy of this machine that is not trusted to say for whom.
func (f front) ofEach(asked, otherwise int) int {
	switch {
	case asked != unset:
		return asked
	case here(f.listen) && len(f.proxies) == 0:
		return 0
	}
	return otherwise
}

// here reports whether an address to listen on is of this machine alone.
func here(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// answer serves a registry until ctx ends, where no address is given under the one
// it listens on. It calls ready with that once it is listening.
func answer(ctx context.Context, site web.Config, f front, ready func(string)) error {
	most, err := connectionsOf(f.connections)
	if err != nil {
		return err
	}
	if f.connections == unset && most < connectionsAuto {
		site.Log.Warn("the limit of open files allows fewer connections than there could be: raise it (ulimit -n, LimitNOFILE)", "connections", most)
	}
	scheme := "http://"
	if f.certificate != nil {
		scheme = "https://"
	}
	plain, err := net.Listen("tcp", f.listen)
	if err != nil {
		return fmt.Errorf("%w: choose another address with -listen", err)
	}
	address := scheme + plain.Addr().String()
	if site.URL == "" {
		site.URL = address
	}
	site.Rate, site.Proxies, site.Ending = f.ofEach(f.rate, rateDefault), f.proxies, ctx.Done()
	server, err := web.NewServer(site)
	if err != nil {
		plain.Close()
		return err
	}
	l := newListener(plain, most, f.ofEach(f.each, addressDefault), f.proxies)
	server.ConnState = l.state
	site.Metrics.Connections(l.counts)
	if f.certificate != nil {
		server.TLSConfig = f.certificate.config()
	}
	return until(ctx, server, l, f.drain, func() { ready(address) })
}

// until lets a server answer until ctx ends, and for drain longer. Those who are
// being answered then have a little time. It calls ready once it answers.
func until(ctx context.Context, server *http.Server, l net.Listener, drain time.Duration, ready func()) error {
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
