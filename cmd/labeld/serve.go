package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
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
	var told serving
	table := told.settings()
	force, err := table.settle(args, os.Environ(), stderr)
	if err != nil {
		return err
	}
	if err := wrongSettings(told.faults()); err != nil {
		return err
	}
	if told.print {
		return table.print(stdout, force)
	}
	site, seen := told.site, &told.seen
	d := folder(told.data)
	c, err := d.config()
	if err != nil {
		return err
	}
	if c.Witnesses, err = witnesses(told.asked, c.Cosigner.Key()); err != nil {
		return err
	}
	c.Reserve = told.reserve << 20
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
	running.Go(func() { (&witness.Offers{Registry: r, Witnesses: told.asked, Log: logger}).Run(beside) })
	if seen.key != "" {
		running.Go(func() {
			if err := site.Observer.Run(beside); err != nil {
				logger.Error("observer", "error", err)
			}
		})
	}
	site.Registry, site.Log, site.Rate = r, logger, rateOf(told.rate, told.listen)
	return answer(ctx, site, told.listen, func(address string) {
		fmt.Fprintf(stdout, "serving %s on http://%s\n", r.Origin(), address)
	})
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
