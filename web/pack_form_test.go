package web_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tegata/verify/envelope"
	"tegata/verify/pack"
	"tegata/web"
)

// TestPackSums: a list of files that the registry signs must be one, and as long as
// it signs.
func TestPackSums(t *testing.T) {
	k, h := told(t)
	for _, c := range []struct {
		name   string
		change func(sums []byte, m *pack.Manifest) []byte
		want   string
	}{
		{"nothing", func(sums []byte, _ *pack.Manifest) []byte { return sums }, ""},
		{"another digest of a file before its own", func(sums []byte, _ *pack.Manifest) []byte {
			return append([]byte(strings.Repeat("0", 64)+"  README.en.txt\n"), sums...)
		}, "malformed SHA256SUMS: README.en.txt is there twice"},
		{"more files than there are", func(sums []byte, m *pack.Manifest) []byte { m.Files++; return sums }, "the registry signed"},
	} {
		files := unzipped(t, packed(t, h, "/api/v1/packs/7K3MQ2ZT9XWE.zip"))
		sums, manifest := &files[len(files)-2], &files[len(files)-1]
		e, err := envelope.OpenAs(envelope.Pack, manifest.data)
		if err != nil {
			t.Fatal(err)
		}
		var m pack.Manifest
		if err := json.Unmarshal(e.Payload, &m); err != nil {
			t.Fatal(err)
		}
		sums.data = c.change(sums.data, &m)
		m.Sums = fmt.Sprintf("%x", sha256.Sum256(sums.data))
		payload, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		token, err := k.Config.Answer.SealAs(envelope.Pack, payload)
		if err != nil {
			t.Fatal(err)
		}
		manifest.data = []byte(token)
		_, err = unpacked(rezipped(t, files), k.Trust(t))
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q in it", c.name, err, c.want)
		}
	}
}

// TestPackArchives: archives that harm whoever unpacks them are refused before
// anything in them is read.
func TestPackArchives(t *testing.T) {
	k, h := told(t)
	trust := k.Trust(t)
	files := unzipped(t, packed(t, h, "/api/v1/packs/7K3MQ2ZT9XWE.zip"))
	for _, c := range []struct {
		header zip.FileHeader
		data   string
		want   string
	}{
		{zip.FileHeader{Name: "../up.txt"}, "x", "no name in a pack"},
		{zip.FileHeader{Name: "/etc/passwd"}, "x", "no name in a pack"},
		{zip.FileHeader{Name: `..\up.txt`}, "x", "no name in a pack"},
		{zip.FileHeader{Name: "C:up.txt"}, "x", "no name in a pack"},
		{zip.FileHeader{Name: "a/../../up.txt"}, "x", "no name in a pack"},
		{zip.FileHeader{Name: "a//b"}, "x", "no name in a pack"},
		{zip.FileHeader{Name: ".hidden"}, "x", "no name in a pack"},
		{zip.FileHeader{Name: "folder/"}, "", "no name in a pack"},
		{zip.FileHeader{Name: "a\x00b"}, "x", "no name in a pack"},
		{zip.FileHeader{Name: strings.Repeat("a", 65)}, "x", "no name in a pack"},
		{zip.FileHeader{Name: "readme.EN.txt"}, "x", "there twice"},
		{zip.FileHeader{Name: "bomb", Method: zip.Deflate}, strings.Repeat("\x00", 1<<20), "compressed"},
		{zip.FileHeader{Name: "large"}, strings.Repeat("\x00", pack.FileMost+1), "too large"},
	} {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for _, f := range files {
			w, err := z.CreateRaw(&f.FileHeader)
			if err != nil {
				t.Fatal(err)
			}
			w.Write(f.data)
		}
		w, err := z.CreateRaw(&zip.FileHeader{Name: c.header.Name, Method: c.header.Method, CompressedSize64: uint64(len(c.data)), UncompressedSize64: uint64(len(c.data))})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, c.data)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := unpacked(out.Bytes(), trust); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: got %v, want %q in it", c.header.Name, err, c.want)
		}
	}
}

// TestPackNotTaken: a client that stops reading a pack is given up after the time
// of one piece, and nothing goes on running for it.
func TestPackNotTaken(t *testing.T) {
	k, _ := told(t)
	synctest.Test(t, func(t *testing.T) {
		server, err := web.NewServer(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		l := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		var running atomic.Int64
		inner := server.Handler
		server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			running.Add(1)
			defer running.Add(-1)
			inner.ServeHTTP(w, r)
		})
		go server.Serve(l)
		ours, theirs := net.Pipe()
		l.conns <- theirs
		began := time.Now()
		fmt.Fprintf(ours, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", threeCodes)
		if _, err := io.ReadFull(ours, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		for running.Load() > 0 && time.Since(began) < time.Hour {
			time.Sleep(time.Second)
			synctest.Wait()
		}
		if took := time.Since(began); took < 30*time.Second || took > 2*time.Minute {
			t.Errorf("got %v until it was given up", took)
		}
		server.Close()
		ours.Close()
		time.Sleep(time.Second) // what is left of the connection ends, or the bubble says that it does not
	})
}
