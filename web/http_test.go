package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/web"
	"tegata/web/openapi/openapitest"
)

// TestHTTP plays the scripts of testdata/http against the handler of a real
// registry, in which the story has been told up to 23 November 2026. Every answer
// is held to the description of the interface, and all that is described is to be
// seen in some script.
func TestHTTP(t *testing.T) {
	described, err := openapitest.New()
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("testdata/http/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var played atomic.Int64
	t.Run("scripts", func(t *testing.T) { playHTTP(t, described, &played) })
	if int(played.Load()) < len(scripts) || t.Failed() {
		return // some were left out by -run
	}
	for _, what := range described.Unseen() {
		t.Errorf("%s: it is described in web/openapi, and no script of testdata/http shows it", what)
	}
}

func playHTTP(t *testing.T, described *openapitest.Checker, played *atomic.Int64) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/http",
		UpdateScripts: os.Getenv("UPDATE") != "",
		Setup: func(env *testscript.Env) error {
			played.Add(1)
			tb := env.T().(testing.TB)
			k := registrytest.New(tb)
			k.Play(tb, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
			k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
			var log bytes.Buffer
			seen := newWatched(tb, k)
			env.Values["watched"] = seen
			c := web.Config{Registry: k.Registry, Observer: seen.observer, URL: "https://labels.example", Log: slog.New(slog.NewTextHandler(&log, nil))}
			h, err := web.NewHandler(c)
			env.Values["config"] = c
			env.Values["handler"], env.Values["kit"], env.Values["log"], env.Values["tb"] = &h, k, &log, tb
			env.Values["described"], env.Values["asked"], env.Values["origin"] = described, new(string), new(*httptest.Server)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"get": get, "post": post, "seal": seal, "clock": clock, "log": printLog, "damage": damage,
			"open": open, "follow": follow, "indexed": indexed, "again": again, "contact": contact, "envelopes": envelopes,
			"form": form, "published": published, "led": led, "full": full, "mirror": mirror,
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
	*ts.Value("asked").(*string) = args[0]
	answer(ts, neg, r, args[1:])
}

// again: asks what was asked last once more, as one who has the answer.
func again(ts *testscript.TestScript, neg bool, _ []string) {
	_, tag, found := strings.Cut(ts.ReadFile("stdout"), "\nEtag: ")
	if !found {
		ts.Fatalf("the last answer has no ETag")
	}
	tag, _, _ = strings.Cut(tag, "\n")
	get(ts, neg, []string{*ts.Value("asked").(*string), "If-None-Match: " + tag})
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
	(*ts.Value("handler").(*http.Handler)).ServeHTTP(w, r)
	if err := ts.Value("described").(*openapitest.Checker).Check(r, w.Result()); err != nil {
		ts.Fatalf("%v", err)
	}
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

// envelopes FILE ENVELOPE…: writes the envelopes to the file, a line for each.
func envelopes(ts *testscript.TestScript, _ bool, args []string) {
	var lines strings.Builder
	for _, name := range args[1:] {
		line, err := json.Marshal(ts.ReadFile(name))
		ts.Check(err)
		fmt.Fprintf(&lines, "%s\n", line)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(lines.String()), 0o666))
}

// contact ADDRESS…: serves anew, with where flaws are reported.
func contact(ts *testscript.TestScript, _ bool, args []string) {
	c := ts.Value("config").(web.Config)
	c.Contacts = args
	h, err := web.NewHandler(c)
	ts.Check(err)
	*ts.Value("handler").(*http.Handler) = h
}

// full: leaves no room on the disk; ! full: some again.
func full(ts *testscript.TestScript, neg bool, _ []string) {
	k, c := ts.Value("kit").(*registrytest.Kit), ts.Value("config").(web.Config)
	if k.Config.Reserve = math.MaxInt64; neg {
		k.Config.Reserve = 1
	}
	k.Reopen(ts.Value("tb").(testing.TB))
	c.Registry = k.Registry
	h, err := web.NewHandler(c)
	ts.Check(err)
	*ts.Value("handler").(*http.Handler) = h
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
	ts.Check(damageFile(ts.Value("kit").(*registrytest.Kit).Path, args[0]))
}

func damageFile(path, text string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte(text))
		if i < 0 {
			return nil
		}
		from += i + len(text)
		if _, err := f.WriteAt([]byte{'#'}, int64(from-1)); err != nil {
			return err
		}
	}
}
