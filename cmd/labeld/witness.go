package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/cmd/labeld/front"
	"tegata/registry/witness"
	"tegata/verify/keys"
	"tegata/verify/tlog"
)

// A witnessFolder holds a witness: its key, its name, and what it cosigned last
// of each log.
type witnessFolder string

func (d witnessFolder) key() string  { return filepath.Join(string(d), "witness.key") }
func (d witnessFolder) name() string { return filepath.Join(string(d), "name") }

// Limits of every connection to a witness. A request is a few KiB.
const (
	witnessHeader = 5 * time.Second
	witnessTime   = 15 * time.Second // for a request to come, and again for it to be answered
	witnessIdle   = 3 * time.Minute  // logs come back every minute
	witnessHead   = 16 << 10         // bytes
)

// watch is a witness of other people's logs until it is interrupted.
func watch(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var data, listen, name string
	var logs []tlog.LogKey
	err = flags("witness", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the witness's own `folder`, made where nothing is; never bring it back from a copy: a witness that forgets can be lied to")
		f.StringVar(&listen, "listen", "127.0.0.1:8090", "`address` to listen on")
		f.StringVar(&name, "name", "", "the witness's `name` for ever, such as witness.example")
		f.Func("log", "verifier `key` of a log to watch, as labeld init prints it; once for each log, and once for a former key of the same log", func(vkey string) error {
			k, err := tlog.ParseLogKey(vkey)
			logs = append(logs, k)
			return err
		})
	}, "data", "name")
	if err != nil {
		return err
	}
	if len(logs) == 0 {
		return errors.New("witness needs -log: the verifier key of a log, as labeld init prints it")
	}
	logger := slog.New(slog.NewJSONHandler(stderr, nil))
	cosigner, err := witnessFolder(data).cosigner(name)
	if err != nil {
		return err
	}
	s, err := witness.Open(witness.Config{Cosigner: cosigner, Logs: logs, Folder: data, Log: logger})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("%w: choose another address with -listen", err)
	}
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: witnessHeader,
		ReadTimeout:       witnessTime,
		WriteTimeout:      2 * witnessTime,
		IdleTimeout:       witnessIdle,
		MaxHeaderBytes:    witnessHead,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	return front.Until(ctx, server, listener, 0, func() {
		fmt.Fprintf(stdout, "witness %s\n  key      %s\n", name, cosigner.Key())
		for _, k := range logs {
			fmt.Fprintf(stdout, "  watches  %s\n", k)
		}
		fmt.Fprintf(stdout, "listening on http://%s\n\nWho keeps a log that it watches runs: labeld serve … -witness '%s https://YOUR-HOST'\nWho checks the log puts the key among the witnesses of their trust file.\n",
			listener.Addr(), cosigner.Key())
	})
}

// cosigner reads the witness's key, made at its first start. A key has one name:
// the signature does not cover it.
func (d witnessFolder) cosigner(name string) (*tlog.Cosigner, error) {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return nil, err
	}
	named, err := os.ReadFile(d.name())
	begun := !errors.Is(err, fs.ErrNotExist)
	if begun && err != nil {
		return nil, err
	}
	if begun && string(named) != name+"\n" {
		return nil, fmt.Errorf("-name %q: this witness is called %q, and its key has that name only", name, strings.TrimSpace(string(named)))
	}
	if _, err := os.Stat(d.key()); errors.Is(err, fs.ErrNotExist) && !begun {
		if err := keys.New(d.key()); err != nil {
			return nil, err
		}
	}
	private, err := folder.ReadKey(d.key())
	if err != nil {
		return nil, err
	}
	c, err := tlog.NewCosigner(name, private)
	if err != nil {
		return nil, fmt.Errorf("-name: %w", err)
	}
	if !begun {
		err = os.WriteFile(d.name(), []byte(name+"\n"), 0o600)
	}
	return c, err
}

// witnesses returns the keys of the witnesses that serve is told to ask.
func witnesses(asked []witness.Witness, own tlog.CosignerKey) (keys []tlog.CosignerKey, err error) {
	for _, w := range asked {
		switch {
		case slices.Contains(keys, w.Key):
			return nil, fmt.Errorf("-witness %s is given twice", w.Key)
		case w.Key == own:
			return nil, fmt.Errorf("-witness %s: the registry is no witness of itself", w.Key)
		}
		keys = append(keys, w.Key)
	}
	return keys, nil
}
