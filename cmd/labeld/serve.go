package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"tegata/cmd/labeld/audit"
	"tegata/cmd/labeld/backup"
	"tegata/cmd/labeld/control"
	"tegata/cmd/labeld/folder"
	"tegata/cmd/labeld/front"
	"tegata/cmd/labeld/settings"
	"tegata/registry"
	"tegata/registry/observer"
	"tegata/registry/witness"
	"tegata/web/metrics"
)

// headroom is how much garbage comes together, in bytes, beside as much as there is
// in use, before the collector looks for it: little is in use, and the collector
// would run ten times a second while statements are entered. It is set aside, counts
// as in use, and is never touched, so that it takes no memory itself. A limit of
// memory would do it too, until more is in use than the limit.
const headroom = 112 << 20

// serve opens a registry and answers for it until it is interrupted.
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var told serving
	table := told.settings()
	force, err := table.Settle(args, os.Environ(), stderr)
	if err != nil {
		return err
	}
	if err := settings.Wrong(told.faults()); err != nil {
		return err
	}
	if told.print {
		return table.Print(stdout, force)
	}
	defer runtime.KeepAlive(make([]byte, headroom))
	if told.metrics != "" {
		told.site.Metrics = metrics.New()
	}
	site, seen := told.site, &told.seen
	logger, endLog := newLog(stderr, told.level)
	defer endLog()
	if told.cert != "" {
		if told.front.Certificate, err = front.OpenCertificate(told.cert, told.key, logger); err != nil {
			return err
		}
	}
	d := folder.Folder(told.data)
	defer told.cluster.end()
	all, err := told.registries(ctx, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll(all)) }()
	r := all[0]
	if site.Observer, err = seen.observer(r, d, strings.TrimSuffix(site.URL, "/"), logger); err != nil {
		return err
	}
	site.Registry, site.Mirrors, site.Log = r, all[1:], logger
	inside, endMetrics, err := told.tellMetrics(site, all)
	if err != nil {
		return err
	}
	defer endMetrics()
	stop, err := answerOwner(d, r, site.Observer)
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
	if !r.Mirror() {
		running.Go(func() { (&witness.Offers{Registry: r, Witnesses: told.asked, Log: logger}).Run(beside) })
	}
	if seen.key != "" {
		running.Go(func() {
			if err := site.Observer.Run(beside); err != nil {
				logger.Error("observer", "error", err)
			}
		})
	}
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	return told.front.Answer(ctx, site, func(address string) {
		fmt.Fprintf(stdout, "serving %s on %s\n", origins(all), address)
		notify(logger, "READY=1")
		running.Go(func() {
			reload(beside, again, told.front.Certificate, logger)
			notify(logger, "STOPPING=1")
		})
		if inside != "" {
			fmt.Fprintf(stdout, "metrics on http://%s/metrics\n", inside)
		}
	})
}

// reload looks at the certificate, where there is one, whenever again says so, until
// ctx ends.
func reload(ctx context.Context, again <-chan os.Signal, c *front.Certificate, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
		}
		notify(log, "RELOADING=1")
		if c != nil {
			c.Reload()
		}
		notify(log, "READY=1")
	}
}

// answerOwner answers on the folder's socket what only its owner may ask. The function
// returned ends that.
func answerOwner(d folder.Folder, r *registry.Registry, seen *observer.Observer) (end func(), err error) {
	return control.Listen(d.Socket(), map[string]http.HandlerFunc{
		audit.Path: audit.Handler(r), backup.Path: backup.Handler(d, r), "/observe": observeHandler(seen),
	})
}
