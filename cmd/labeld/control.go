package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/registry/observer"
)

// errNoServer says that no server has the registry open.
var errNoServer = errors.New("no server")

// socketMost is the length of the longest path of a socket, in bytes (unix(7)).
const socketMost = 107

// control answers on the folder's socket what only its owner may ask. The
// function returned ends that.
func control(d folder.Folder, r *registry.Registry, seen *observer.Observer) (func(), error) {
	if n := len(d.Socket()); n > socketMost {
		return nil, fmt.Errorf("%s: the path of this socket has %d bytes, and %d are the most: give a shorter -data, such as one from the folder that it is started in", d.Socket(), n, socketMost)
	}
	// The registry's file is locked by this process, so a socket that is there is
	// one that a crash left.
	if err := os.Remove(d.Socket()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", d.Socket())
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(d.Socket(), 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /audit", auditHandler(r))
	mux.HandleFunc("POST /backup", backupHandler(d, r))
	mux.HandleFunc("POST /observe", observeHandler(seen))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	go server.Serve(listener)
	return func() { server.Close() }, nil
}

// askServer has the server that has the registry open do something, and reads its
// answer.
func askServer(ctx context.Context, d folder.Folder, what string, to any) error {
	body, err := callServer(ctx, d, what, nil)
	if err != nil {
		return err
	}
	defer body.Close()
	return json.NewDecoder(body).Decode(to)
}

// callServer has the server that has the registry open do something with what is
// sent, and returns its answer. The error is [errNoServer] where there is none.
func callServer(ctx context.Context, d folder.Folder, what string, sent []byte) (io.ReadCloser, error) {
	probe, err := net.DialTimeout("unix", d.Socket(), time.Second)
	if err != nil {
		return nil, errNoServer
	}
	probe.Close()
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", d.Socket())
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://registry"+what, bytes.NewReader(sent))
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("the server was asked: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
		return nil, fmt.Errorf("the server was asked: %s", bytes.TrimSpace(text))
	}
	return &told{resp}, nil
}

// problemTrailer follows an answer that could not be given to its end, and says
// why.
const problemTrailer = "Problem"

// told is the body of an answer, which ends with the error that the server ended
// it with, if it did.
type told struct{ resp *http.Response }

func (t *told) Read(b []byte) (int, error) {
	n, err := t.resp.Body.Read(b)
	if why := t.resp.Trailer.Get(problemTrailer); err == io.EOF && why != "" {
		err = fmt.Errorf("the server was asked: %s", why)
	}
	return n, err
}

func (t *told) Close() error { return t.resp.Body.Close() }

// askedTime is how long whoever asks may take to read a piece of a long answer:
// while the registry is copied, its file cannot use pages again.
const askedTime = time.Minute

// A telling is a long answer on its way, which ends with the reason where it
// could not be given to its end.
type telling struct {
	http.ResponseWriter
	begun bool
}

func (w *telling) Write(b []byte) (int, error) {
	if !w.begun {
		w.Header().Set("Trailer", problemTrailer) // announced, or a short answer could have none
		w.begun = true
	}
	c := http.NewResponseController(w.ResponseWriter)
	if err := c.SetWriteDeadline(time.Now().Add(askedTime)); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(b)
}

// end tells how it ended.
func (w *telling) end(err error) {
	switch {
	case err == nil:
	case w.begun:
		w.Header().Set(problemTrailer, err.Error())
	default:
		http.Error(w.ResponseWriter, err.Error(), http.StatusInternalServerError)
	}
}
