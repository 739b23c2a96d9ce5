// Package control lets a command ask the server that has a registry open, over a socket
// in the registry's folder: what only the folder's owner may ask. An answer may be long,
// and ends with the reason where it could not be given to its end.
package control

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
)

// ErrNoServer says that no server has the registry open.
var ErrNoServer = errors.New("no server")

// socketMost is the length of the longest path of a socket, in bytes (unix(7)).
const socketMost = 107

// Listen answers at a socket what is posted to each path. Only the owner of this process
// can ask. The caller has the registry open, and so is the only one to answer there: a
// socket that is there is one that a crash left. The function returned ends it.
func Listen(socket string, answers map[string]http.HandlerFunc) (end func(), err error) {
	if n := len(socket); n > socketMost {
		return nil, fmt.Errorf("%s: the path of this socket has %d bytes, and %d are the most: give a shorter -data, such as one from the folder that it is started in", socket, n, socketMost)
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	mux := http.NewServeMux()
	for path, answer := range answers {
		mux.HandleFunc("POST "+path, answer)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	go server.Serve(listener)
	return func() { server.Close() }, nil
}

// Ask has the server at a socket do something, and reads its answer, which is JSON. The
// error is [ErrNoServer] where there is none.
func Ask(ctx context.Context, socket, what string, to any) error {
	body, err := Call(ctx, socket, what, nil)
	if err != nil {
		return err
	}
	defer body.Close()
	return json.NewDecoder(body).Decode(to)
}

// Call has the server at a socket do something, a path with or without a query, with what
// is sent, and returns its answer. The error is [ErrNoServer] where there is none.
func Call(ctx context.Context, socket, what string, sent []byte) (io.ReadCloser, error) {
	probe, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return nil, ErrNoServer
	}
	probe.Close()
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
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

// An Answer is a long one on its way. [Answer.End] has to follow what is written.
type Answer struct {
	http.ResponseWriter
	begun bool
}

// Write sends a piece, which whoever asks has a minute to read.
func (w *Answer) Write(b []byte) (int, error) {
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

// End tells how it ended: nil, it is whole.
func (w *Answer) End(err error) {
	switch {
	case err == nil:
	case w.begun:
		w.Header().Set(problemTrailer, err.Error())
	default:
		http.Error(w.ResponseWriter, err.Error(), http.StatusInternalServerError)
	}
}
