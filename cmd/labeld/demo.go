package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"tegata/cmd/labeld/front"
	"tegata/registry"
	"tegata/registry/observer"
	"tegata/verify"
	"tegata/web"
	"tegata/web/qr"
)

// demoOrigin is the log of the demo.
const demoOrigin = "demo.tegata.example"

// demo makes a registry with parties, labels and declarations that do not exist,
// and answers for it until it is interrupted.
func demo(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var data, listen string
	err = flags("demo", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&listen, "listen", "127.0.0.1:8080", "`address` to listen on")
		f.StringVar(&data, "data", "", "the `folder` to make and keep (default: one that is removed at the end)")
	})
	if err != nil {
		return err
	}
	if data == "" {
		if data, err = os.MkdirTemp("", "labeld-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	}
	r, err := newDemo(ctx, folder(data), time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	seen, err := observer.New(observer.Config{Registry: r, Log: logger}) // its addresses do not exist: it never begins
	if err != nil {
		return err
	}
	stop, err := control(folder(data), r, seen)
	if err != nil {
		return err
	}
	defer stop()
	ctx, end := context.WithCancel(ctx)
	defer end()
	var untold error
	at := front.Front{Listen: listen, Connections: front.Unset, Each: front.Unset, Rate: front.Unset}
	err = at.Answer(ctx, web.Config{Registry: r, Observer: seen, Log: logger}, func(address string) {
		if untold = tell(stdout, r, address); untold != nil {
			end()
		}
	})
	return errors.Join(untold, err)
}

// tell prints what to open.
func tell(w io.Writer, r *registry.Registry, address string) error {
	text, err := qr.Text(strings.TrimPrefix(address, "http://"), string(demoRouter))
	if err != nil {
		return err
	}
	symbol, err := qr.New(text)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s\nThis is the QR code of %s. A printed code leads to https, which this demo does not speak;\nhere are its page, and some others:\n\n", symbol.Terminal(), demoRouter.Printed())
	for _, p := range demoTour {
		fmt.Fprintf(w, "  %s/v/%-14s %s\n", address, p.code, p.shows)
	}
	fmt.Fprintf(w, "\nAll of this is made up: parties, products, numbers. %d statements are in the log.\nOpen %s/ to look others up; stop with Ctrl-C.\n", r.Head().Size, address)
	return nil
}

// newDemo makes the demo's registry in the folder. Its clock runs through the
// months before now, and then goes on as now does.
func newDemo(ctx context.Context, d folder, now func() time.Time) (_ *registry.Registry, err error) {
	if err := d.make(demoOrigin, nil); err != nil {
		return nil, err
	}
	c, err := d.config()
	if err != nil {
		return nil, err
	}
	s := newStage(now().UTC().Truncate(time.Second))
	c.Now = s.clock(now)
	s.act()
	r, err := s.play(ctx, d.registry(), c)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return r, nil
}

// demoCode is the code of a demo record: always the same for the same name, so
// that its address can be written down.
func demoCode(name string) verify.Code {
	sum := sha256.Sum256([]byte(name))
	return verify.NewCode([7]byte(sum[:7]))
}
