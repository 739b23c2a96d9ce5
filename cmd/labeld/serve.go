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
	var data, listen, url string
	var asked []witness.Witness
	err = flags("serve", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the registry's `folder`")
		f.StringVar(&listen, "listen", "127.0.0.1:8080", "`address` to listen on")
		f.StringVar(&url, "url", "", "the `address` people reach it at, such as https://labels.example; QR codes carry its host")
		f.Func("witness", "a witness to offer the log to: its verifier `key` and its address with a space between, as labeld witness prints them; once for each", func(text string) error {
			w, err := witness.Parse(text)
			asked = append(asked, w)
			return err
		})
	}, "data", "url")
	if err != nil {
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
	stop, err := control(d, r)
	if err != nil {
		return err
	}
	defer stop()
	logger := slog.New(slog.NewJSONHandler(stderr, nil))
	if !strings.HasPrefix(url, "https://") {
		logger.Warn("QR codes lead to https whatever -url says: print none before people can reach it there", "url", url)
	}
	offering, end := context.WithCancel(ctx)
	var offers sync.WaitGroup
	defer offers.Wait()
	defer end()
	offers.Go(func() { (&witness.Offers{Registry: r, Witnesses: asked, Log: logger}).Run(offering) })
	return answer(ctx, r, listen, url, logger, func(address string) {
		fmt.Fprintf(stdout, "serving %s on http://%s\n", r.Origin(), address)
	})
}

// answer serves a registry until ctx ends. It calls ready with the address once
// it is listening.
func answer(ctx context.Context, r *registry.Registry, listen, url string, logger *slog.Logger, ready func(string)) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("%w: choose another address with -listen", err)
	}
	if url == "" {
		url = "http://" + listener.Addr().String()
	}
	server, err := web.NewServer(web.Config{Registry: r, URL: url, Log: logger})
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
