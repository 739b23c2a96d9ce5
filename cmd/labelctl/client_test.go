package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestNewClient(t *testing.T) {
	for _, c := range []struct{ address, base string }{
		{"https://labels.example", "https://labels.example"},
		{"https://labels.example/", "https://labels.example"},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"http://[::1]:8080", "http://[::1]:8080"},
		{"https://labels.example/logs/fables.example", "https://labels.example/logs/fables.example"},
		{"https://labels.example/logs/fables.example%2Flog/", "https://labels.example/logs/fables.example%2Flog"},
		{"https://labels.example/logs/", ""},
		{"https://labels.example/logs/fables.example/log", ""},
		{"labels.example", ""},
		{"labels.example:443", ""},
		{"ftp://labels.example", ""},
		{"https:///", ""},
		{"https://labels.example/api", ""},
		{"https://labels.example?x=1", ""},
		{"https://labels.example#x", ""},
		{"https://me@labels.example", ""},
		{"", ""},
	} {
		got, err := newClient("to", c.address, "en")
		var wrong misuse
		switch {
		case c.base == "" && !errors.As(err, &wrong):
			t.Errorf("newClient(%q): got %v, want a misuse", c.address, err)
		case c.base != "" && (err != nil || got.base != c.base):
			t.Errorf("newClient(%q): got %v, %v, want %q", c.address, got, err, c.base)
		}
	}
}

// TestLimits holds that what is read has an end.
func TestLimits(t *testing.T) {
	c := &console{in: strings.NewReader("12345")}
	if b, err := c.read("-", 4); err == nil {
		t.Errorf("read: got %q, want an error", b)
	}
	c.in = strings.NewReader("1234")
	if b, err := c.read("-", 4); err != nil || string(b) != "1234" {
		t.Errorf("read: got %q, %v, want all", b, err)
	}
	if b, err := readMost(strings.NewReader("12345"), 4); err == nil {
		t.Errorf("readMost: got %q, want an error", b)
	}
	if b, err := readMost(strings.NewReader("1234"), 4); err != nil || string(b) != "1234" {
		t.Errorf("readMost: got %q, %v, want all", b, err)
	}
}

// TestInterrupted holds that a command ends when it is told to, though the
// registry never answers.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	defer server.Close()
	go func() { <-asked; cancel() }()
	var out, said bytes.Buffer
	status := run(ctx, &console{out: bufio.NewWriter(&out), err: &said}, []string{"verify", "-to", server.URL, "7K3MQ2ZT9XWE"})
	if want := "labelctl: verify: interrupted\n"; status != exitAccident || said.String() != want || out.Len() > 0 {
		t.Errorf("got status %d, %q, %q, want %d, nothing, %q", status, &out, &said, exitAccident, want)
	}
}
