package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tegata/cmd/labeld/folder"
	"tegata/registry"
)

// TestToldToTheEnd: whoever asks over the socket reads why an answer could not be
// given, also where half of it was out already.
func TestToldToTheEnd(t *testing.T) {
	d := folder.Folder(t.TempDir())
	listener, err := net.Listen("unix", d.Socket())
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	mux := http.NewServeMux()
	for what, c := range map[string]struct {
		text string
		err  error
	}{"/whole": {"all of it", nil}, "/half": {"half of it", full}, "/none": {"", full}} {
		mux.HandleFunc(what, func(w http.ResponseWriter, r *http.Request) {
			answer := &telling{ResponseWriter: w}
			if c.text != "" {
				io.WriteString(answer, c.text)
			}
			answer.end(c.err)
		})
	}
	server := &http.Server{Handler: mux}
	go server.Serve(listener)
	defer server.Close()
	ask := func(what string) (string, error) {
		body, err := callServer(t.Context(), d, what, nil)
		if err != nil {
			return "", err
		}
		defer body.Close()
		text, err := io.ReadAll(body)
		return string(text), err
	}
	if text, err := ask("/whole"); text != "all of it" || err != nil {
		t.Errorf("whole: got %q, %v", text, err)
	}
	for _, what := range []string{"/half", "/none"} {
		if text, err := ask(what); err == nil || !strings.Contains(err.Error(), full.Error()) {
			t.Errorf("%s: got %q, %v, want %v", what, text, err, full)
		}
	}
	server.Close()
	if _, err := ask("/whole"); !errors.Is(err, errNoServer) {
		t.Errorf("with no server: got %v, want %v", err, errNoServer)
	}
}

// TestAuditServed: the server says how far its audit is.
func TestAuditServed(t *testing.T) {
	d := played(t)
	c, err := d.Config()
	if err != nil {
		t.Fatal(err)
	}
	r, err := registry.Open(d.Registry(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	stop, err := control(d, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	size, last := r.Head().Size, int64(-1)
	found, err := auditServed(t.Context(), d, against{}, func(done, of int64) {
		if of != size || done < last {
			t.Errorf("got %d of %d after %d", done, of, last)
		}
		last = done
	})
	if err != nil || len(found.Faults) > 0 || found.Size != size || last != size {
		t.Errorf("got %+v, %v, and %d of %d entries told", found, err, last, size)
	}
}

// TestControlLongPath: a folder whose socket no system call takes is refused, and
// what to do instead is said.
func TestControlLongPath(t *testing.T) {
	for n, want := range map[int]string{socketMost: "", socketMost + 1: "give a shorter -data"} {
		at := t.TempDir()
		d := folder.Folder(filepath.Join(at, strings.Repeat("d", n-len(at)-len("//control.sock"))))
		if err := os.Mkdir(string(d), 0o700); err != nil || len(d.Socket()) != n {
			t.Fatal(err, d.Socket())
		}
		stop, err := control(d, nil, nil)
		if err == nil {
			stop()
		}
		if got := fmt.Sprint(err); (err == nil) != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%d bytes: got %v, want %q", n, err, want)
		}
	}
}
