package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"tegata/registry"
	"tegata/registry/witness"
	"tegata/web"
)

// grace is how long requests that are running may take to end when the server
// is stopped.
const grace = 10 * time.Second

// serve opens a registry and answers for it until it is interrupted.
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var data, listen string
	var site web.Config
	rate := rateUnset
	var asked []witness.Witness
	var seen observing
	err = flags("serve", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the registry's `folder`")
		f.StringVar(&listen, "listen", "127.0.0.1:8080", "`address` to listen on")
		f.StringVar(&site.URL, "url", "", "the `address` people reach it at, such as https://labels.example; QR codes carry its host")
		f.Func("rate", fmt.Sprintf("how many `requests` one address may make in a minute; 0: as many as it likes (default %d; 0 where -listen is of this machine alone, since all come from its proxy)", rateDefault), func(text string) (err error) {
			rate, err = parseRate(text)
			return err
		})
		f.Func("contact", "the `address` where a flaw of this server is reported, such as mailto:security@labels.example, for /.well-known/security.txt; once for each", func(text string) error {
			site.Contacts = append(site.Contacts, text)
			return web.CheckContact(text)
		})
		f.Func("witness", "a witness to offer the log to: its verifier `key` and its address with a space between, as labeld witness prints them; once for each", func(text string) error {
			w, err := witness.Parse(text)
			asked = append(asked, w)
			return err
		})
		seen.flags(f)
	}, "data", "url")
	if err != nil {
		return err
	}
	if err := seen.check(listen); err != nil {
		return err
	}
	d := folder(data)
	c, err := d.config()
	if err != nil {
		return err
	}
	if c.Witnesses, err = witnesses(asked, c.Cosigner.Key()); err != nil {
		return err
	}
	r, err := registry.Open(d.registry(), c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	logger := slog.New(slog.NewJSONHandler(stderr, nil))
	if site.Observer, err = seen.observer(r, d, strings.TrimSuffix(site.URL, "/"), logger); err != nil {
		return err
	}
	stop, err := control(d, r, site.Observer)
	if err != nil {
		return err
	}
	defer stop()
	if !strings.HasPrefix(site.URL, "https://") {
		logger.Warn("QR codes lead to https whatever -url says: print none before people can reach it there", "url", site.URL)
	}
	beside, end := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer end()
	running.Go(func() { (&witness.Offers{Registry: r, Witnesses: asked, Log: logger}).Run(beside) })
	if seen.key != "" {
		running.Go(func() {
			if err := site.Observer.Run(beside); err != nil {
				logger.Error("observer", "error", err)
			}
		})
	}
	site.Registry, site.Log, site.Rate = r, logger, rateOf(rate, listen)
	return answer(ctx, site, listen, func(address string) {
		fmt.Fprintf(stdout, "serving %s on http://%s\n", r.Origin(), address)
	})
}

// How many requests one address may make in a minute. Behind one address may be a
// whole shop, whose tills each ask for a page and its parts a few times a minute.
const (
	rateDefault = 1200
	rateMost    = 1_000_000
	rateUnset   = -1
)

func parseRate(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err == nil && (n < 0 || n > rateMost) {
		err = fmt.Errorf("it is 0 to %d", rateMost)
	}
	return n, err
}

// rateOf is the rate that was asked for, or else that which suits where the server
// listens.
func rateOf(asked int, listen string) int {
	if asked != rateUnset {
		return asked
	}
	host, _, _ := net.SplitHostPort(listen)
	if a, err := netip.ParseAddr(host); host == "localhost" || err == nil && a.IsLoopback() {
		return 0
	}
	return rateDefault
}

// answer serves a registry until ctx ends, where no address is given under the one
// it listens on. It calls ready with that once it is listening.
func answer(ctx context.Context, site web.Config, listen string, ready func(string)) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("%w: choose another address with -listen", err)
	}
	if site.URL == "" {
		site.URL = "http://" + listener.Addr().String()
	}
	server, err := web.NewServer(site)
	if err != nil {
		listener.Close()
		return err
	}
	return until(ctx, server, listener, ready)
}

// until lets a server answer until ctx ends, and those who are being answered
// then have a little time. It calls ready with the address.
func until(ctx context.Context, server *http.Server, listener net.Listener, ready func(string)) error {
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	ready(listener.Addr().String())
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(deadline)
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
