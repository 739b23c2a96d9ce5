package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"tegata/cmd/labeld/demo"
	"tegata/cmd/labeld/folder"
	"tegata/cmd/labeld/front"
	"tegata/registry"
	"tegata/registry/observer"
	"tegata/web"
	"tegata/web/qr"
)

// showDemo makes a registry with parties, labels and declarations that do not exist,
// and answers for it until it is interrupted.
func showDemo(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
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
	r, err := demo.New(ctx, folder.Folder(data), time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	seen, err := observer.New(observer.Config{Registry: r, Log: logger}) // its addresses do not exist: it never begins
	if err != nil {
		return err
	}
	stop, err := answerOwner(folder.Folder(data), r, seen)
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
	text, err := qr.Text(strings.TrimPrefix(address, "http://"), string(demo.Router))
	if err != nil {
		return err
	}
	symbol, err := qr.New(text)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s\nThis is the QR code of %s. A printed code leads to https, which this demo does not speak;\nhere are its page, and some others:\n\n", symbol.Terminal(), demo.Router.Printed())
	for _, p := range demo.Tour {
		fmt.Fprintf(w, "  %s/v/%-14s %s\n", address, p.Code, p.Shows)
	}
	fmt.Fprintf(w, "\nAll of this is made up: parties, products, numbers. %d statements are in the log.\nOpen %s/ to look others up; stop with Ctrl-C.\n", r.Head().Size, address)
	return nil
}
