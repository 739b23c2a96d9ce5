package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"tegata/registry"
	"tegata/registry/observer"
)

// errFaults says that an audit found faults, which it has listed.
var errFaults = errors.New("audit found faults")

// audit replays the log of a registry. Where a server has it open, the server
// does it, asked over the socket in the folder, which only the folder's owner
// can open.
func audit(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var data string
	err := flags("audit", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the registry's `folder`")
	}, "data")
	if err != nil {
		return err
	}
	d := folder(data)
	var report registry.AuditReport
	err = askServer(ctx, d, "/audit", &report)
	if errors.Is(err, errNoServer) {
		report, err = auditFile(ctx, d, stderr)
	}
	if err != nil {
		return err
	}
	for _, f := range report.Faults {
		fmt.Fprintln(stdout, f)
	}
	if report.More {
		fmt.Fprintln(stdout, "… and more")
	}
	if len(report.Faults) > 0 {
		return errFaults
	}
	fmt.Fprintf(stdout, "%d entries, root %s: every signature, role, hash and index is as it should be\n", report.Size, report.Root)
	return nil
}

func auditFile(ctx context.Context, d folder, stderr io.Writer) (report registry.AuditReport, err error) {
	c, err := d.config()
	if err != nil {
		return report, err
	}
	r, err := registry.Open(d.registry(), c)
	if errors.Is(err, registry.ErrDamaged) {
		return registry.AuditReport{Faults: []registry.AuditFault{{Place: "file", What: err.Error()}}}, nil
	}
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return r.Audit(ctx, progress(stderr))
}

// progress shows how far an audit is, where a person is looking.
func progress(stderr io.Writer) func(done, of int64) {
	f, ok := stderr.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return func(done, of int64) {
		fmt.Fprintf(f, "\r%d of %d entries", done, of)
		if done == of {
			fmt.Fprint(f, "\r\x1b[K")
		}
	}
}

// errNoServer says that no server has the registry open.
var errNoServer = errors.New("no server")

// control answers on the folder's socket what only its owner may ask. The
// function returned ends that.
func control(d folder, r *registry.Registry, seen *observer.Observer) (func(), error) {
	// The registry's file is locked by this process, so a socket that is there is
	// one that a crash left.
	if err := os.Remove(d.socket()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", d.socket())
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(d.socket(), 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /audit", func(w http.ResponseWriter, req *http.Request) {
		report, err := r.Audit(req.Context(), nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(report)
	})
	mux.HandleFunc("POST /observe", observeHandler(seen))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	go server.Serve(listener)
	return func() { server.Close() }, nil
}

// askServer has the server that has the registry open do something, and reads its
// answer.
func askServer(ctx context.Context, d folder, what string, to any) error {
	probe, err := net.DialTimeout("unix", d.socket(), time.Second)
	if err != nil {
		return errNoServer
	}
	probe.Close()
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", d.socket())
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://registry"+what, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the server was asked: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
		return fmt.Errorf("the server was asked: %s", bytes.TrimSpace(text))
	}
	return json.NewDecoder(resp.Body).Decode(to)
}
