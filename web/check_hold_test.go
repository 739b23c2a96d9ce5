package web_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tegata/registry/registrytest"
	"tegata/web"
)

// A narrow listener gives its connections small buffers, so that
// little is on its way at once.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		c.(*net.TCPConn).SetReadBuffer(16 << 10)
		c.(*net.TCPConn).SetWriteBuffer(16 << 10)
	}
	return c, err
}

// TestAskedLikeBrowser: a list is answered too where all of it is sent before a
// word of the answer is read, as browsers do, and far more than the buffers of a
// connection hold is on its way by then.
func TestAskedLikeBrowser(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(h)
	server.Listener = narrow{server.Listener}
	server.Start()
	t.Cleanup(server.Close)

	list := "code,name\n" + strings.Repeat(registrytest.Code(1).Printed()+",router\n", 12_000)
	want := sha256.New()
	asked := func(w io.Writer) { // in the way of programs, which read at once
		answer, err := http.Post(server.URL+"/api/v1/verify?in=GB", "text/csv", strings.NewReader(list))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if _, err := io.Copy(w, answer.Body); err != nil {
			t.Fatal(err)
		}
	}
	asked(want)

	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.(*net.TCPConn).SetReadBuffer(16 << 10)
	c.(*net.TCPConn).SetWriteBuffer(16 << 10)
	head := fmt.Sprintf("POST /api/v1/verify?in=GB&whole=1 HTTP/1.1\r\nHost: labels.example\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n", len(list))
	if _, err := io.Copy(c, io.MultiReader(strings.NewReader(head), strings.NewReader(list))); err != nil {
		t.Fatalf("sending: %v", err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	got := sha256.New()
	n, err := io.Copy(got, answer.Body)
	if err != nil || n < int64(len(list)) {
		t.Fatalf("got %d bytes and %v", n, err)
	}
	if !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
		t.Error("got another answer than a program that reads at once")
	}
}
