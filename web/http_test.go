package web_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/web"
)

// TestHTTP plays the scripts of testdata/http against the handler of a real
// registry, in which the story has been told up to 23 November 2026.
func TestHTTP(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/http",
		UpdateScripts: os.Getenv("UPDATE") != "",
		Setup: func(env *testscript.Env) error {
			tb := env.T().(testing.TB)
			k := registrytest.New(tb)
			k.Play(tb, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
			k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
			var log bytes.Buffer
			h, err := web.NewHandler(web.Config{
				Registry: k.Registry, URL: "https://labels.example",
				Log: slog.New(slog.NewTextHandler(&log, nil)),
			})
			env.Values["handler"], env.Values["kit"], env.Values["log"], env.Values["tb"] = h, k, &log, tb
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"get": get, "post": post, "seal": seal, "clock": clock, "log": printLog, "damage": damage,
			"open": open, "follow": follow, "indexed": indexed,
		},
	})
}

// get PATH [HEADER: VALUE]… or get METHOD PATH …: asks, and puts the status,
// the headers in order, the trailers, a blank line and the body on standard output.
func get(ts *testscript.TestScript, neg bool, args []string) {
	method := http.MethodGet
	if len(args) > 1 && !strings.HasPrefix(args[0], "/") {
		method, args = args[0], args[1:]
	}
	r := httptest.NewRequest(method, args[0], nil)
	answer(ts, neg, r, args[1:])
}

// post PATH TYPE FILE: sends the file, without its final newline, as a body of
// that type.
func post(ts *testscript.TestScript, neg bool, args []string) {
	body := strings.TrimSuffix(ts.ReadFile(args[2]), "\n")
	r := httptest.NewRequest(http.MethodPost, args[0], strings.NewReader(body))
	r.Header.Set("Content-Type", args[1])
	answer(ts, neg, r, args[3:])
}

func answer(ts *testscript.TestScript, neg bool, r *http.Request, headers []string) {
	if neg {
		ts.Fatalf("a request is never expected to fail: look at its status")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	ts.Value("handler").(http.Handler).ServeHTTP(w, r)
	out := ts.Stdout()
	fmt.Fprintln(out, w.Code)
	var names []string
	for name := range w.Result().Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(out, "%s: %s\n", name, strings.Join(w.Result().Header.Values(name), ", "))
	}
	for name, values := range w.Result().Trailer {
		if len(values) > 0 {
			fmt.Fprintf(out, "Trailer %s: %s\n", name, values[0])
		}
	}
	fmt.Fprintln(out)
	io.Copy(out, w.Result().Body)
}

// seal PARTY STATEMENT FILE: signs the statement with the party's key.
func seal(ts *testscript.TestScript, _ bool, args []string) {
	k := ts.Value("kit").(*registrytest.Kit)
	signer, err := k.Signers[verify.PartyID(args[0])], error(nil)
	if signer == nil {
		signer, err = k.Stranger()
		ts.Check(err)
	}
	token, err := signer.Seal([]byte(ts.ReadFile(args[1])))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(token), 0o666))
}

// clock INSTANT: sets the registry's clock.
func clock(ts *testscript.TestScript, _ bool, args []string) {
	t, err := time.Parse(time.RFC3339, args[0])
	ts.Check(err)
	ts.Value("kit").(*registrytest.Kit).Clock.Set(t)
}

// indexed: waits until all that was entered can be searched for.
func indexed(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Value("kit").(*registrytest.Kit).Indexed(ts.Value("tb").(testing.TB))
}

// log: puts what the server logged on standard output.
func printLog(ts *testscript.TestScript, _ bool, _ []string) {
	io.Copy(ts.Stdout(), ts.Value("log").(*bytes.Buffer))
}

// damage TEXT: changes the last byte of every place where the registry's file has
// the text, under the running server.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.Value("kit").(*registrytest.Kit).Path
	b, err := os.ReadFile(path)
	ts.Check(err)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	ts.Check(err)
	defer f.Close()
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte(args[0]))
		if i < 0 {
			break
		}
		from += i + len(args[0])
		_, err := f.WriteAt([]byte{'#'}, int64(from-1))
		ts.Check(err)
	}
}
