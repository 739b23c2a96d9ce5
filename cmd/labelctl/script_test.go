package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/keys/keystest"
	"tegata/verify/tlog"
	"tegata/web"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"labelctl": main})
}

// TestScript plays the scripts of testdata/script with the command itself. URL
// is a real registry in which the story has been told up to 23 November 2026;
// LIAR is the same behind somebody who changes what it says; keys holds the
// private keys of the parties. What else there is, is said at histories.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("UPDATE") != "",
		RequireExplicitExec: true,
		Setup:               setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "perm": perm, "payload": payload, "fetch": fetch, "entries": entries, "end": end,
			"spoil": spoil, "omit": omit, "lie": lie, "miscount": miscount, "append": appendByte, "repage": repage, "report": askMany, "rekey": rekey, "readqr": readQR, "visit": visit, "token": token,
		},
	})
}

func setup(env *testscript.Env) error {
	tb := env.T().(testing.TB)
	k := registrytest.New(tb)
	if err := ownKeys(env, k); err != nil {
		return err
	}
	k.Play(tb, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	h, err := handler(k.Registry)
	if err != nil {
		return err
	}
	behind := &swap{handler: h}
	honest, liar := httptest.NewServer(behind), httptest.NewServer(lying{h})
	env.Defer(honest.Close)
	env.Defer(liar.Close)
	env.Values["kit"], env.Values["swap"] = k, behind
	env.Setenv("URL", honest.URL)
	breaks := httptest.NewServer(&breaking{Handler: h})
	env.Defer(breaks.Close)
	env.Setenv("BREAKING", breaks.URL)
	env.Setenv("LIAR", liar.URL)
	env.Setenv("LOGKEY", k.Registry.LogKey().String())
	env.Setenv("COSIGNERKEY", k.Registry.CosignerKey().String())
	if err := histories(env, tb, k); err != nil {
		return err
	}
	return writeKeys(k, env.WorkDir)
}

// serve answers for a registry, and returns its address.
func serve(env *testscript.Env, r *registry.Registry, between func(http.Handler) http.Handler) (string, error) {
	h, err := handler(r)
	if err != nil {
		return "", err
	}
	server := httptest.NewServer(between(h))
	env.Defer(server.Close)
	return server.URL, nil
}

func handler(r *registry.Registry) (http.Handler, error) {
	return web.NewHandler(web.Config{Registry: r, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
}

// A swap is the handler behind an address, which a script may change between
// requests.
type swap struct {
	mu      sync.Mutex
	handler http.Handler
}

func (s *swap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	h := s.handler
	s.mu.Unlock()
	h.ServeHTTP(w, r)
}

// registry puts a registry behind the address.
func (s *swap) registry(ts *testscript.TestScript, r *registry.Registry) {
	h, err := handler(r)
	ts.Check(err)
	ts.Defer(func() { r.Close() })
	s.mu.Lock()
	s.handler = h
	s.mu.Unlock()
}

// histories writes labels.trust, and other.trust of another registry of the same
// name, which is OTHER. Of the registry's file it makes copies with the same keys:
// PAST stays as it is now, and FORK has another next entry.
func histories(env *testscript.Env, tb testing.TB, k *registrytest.Kit) error {
	honest := func(h http.Handler) http.Handler { return h }
	open := func(name string) (*registry.Registry, error) {
		data, err := os.ReadFile(k.Path)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(env.WorkDir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return nil, err
		}
		r, err := registry.Open(path, k.Config)
		if err == nil {
			env.Defer(func() { r.Close() })
		}
		return r, err
	}
	past, err := open("past.db")
	if err != nil {
		return err
	}
	fork, err := open("fork.db")
	if err != nil {
		return err
	}
	if _, err := fork.Append(context.Background(), k.Say(tb, verify.LabelPractice, "7K3MQ2ZT9XWE", nil)); err != nil {
		return err
	}
	other := registrytest.New(tb)
	other.Begin(tb)
	for name, r := range map[string]*registry.Registry{"PAST": past, "FORK": fork, "OTHER": other.Registry} {
		url, err := serve(env, r, honest)
		if err != nil {
			return err
		}
		env.Setenv(name, url)
	}
	url, err := serve(env, k.Registry, func(h http.Handler) http.Handler { return omitting{h, k} })
	if err != nil {
		return err
	}
	env.Setenv("OMITTING", url)
	env.Setenv("WITNESS", other.Config.Cosigner.Key().String())
	for name, t := range map[string]bundle.Trust{"labels.trust": k.Trust(tb), "other.trust": other.Trust(tb)} {
		if err := os.WriteFile(filepath.Join(env.WorkDir, name), t.Marshal(), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// omitting is a registry that leaves the last entry about a code out of its
// bundle, and signs that there is none.
type omitting struct {
	http.Handler
	kit *registrytest.Kit
}

func (o omitting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/api/v1/bundles/7K3MQ2ZT9XWE" {
		o.Handler.ServeHTTP(w, r)
		return
	}
	r.Header.Del("Accept-Encoding") // what is changed is the text
	real := httptest.NewRecorder()
	o.Handler.ServeHTTP(real, r)
	var b bundle.Bundle
	var m bundle.Manifest
	err := json.Unmarshal(real.Body.Bytes(), &b)
	if err == nil {
		var e envelope.Envelope
		if e, err = envelope.OpenAs(envelope.Manifest, []byte(b.Manifest)); err == nil {
			err = json.Unmarshal(e.Payload, &m)
		}
	}
	if err == nil {
		last := m.Entries[len(m.Entries)-1]
		m.Entries = m.Entries[:len(m.Entries)-1]
		b.Entries = slices.DeleteFunc(b.Entries, func(i bundle.Included) bool { return i.Index == last })
		var payload []byte
		if payload, err = json.Marshal(m); err == nil {
			b.Manifest, err = o.kit.Config.Answer.SealAs(envelope.Manifest, payload)
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Write(b.Marshal())
}

// token LABEL: makes a token. $TOKEN and $MODULE are the URI of a key in it, but
// for which key: "pkcs11:token=LABEL" and "?module-path=…&pin-source=…".
func token(ts *testscript.TestScript, _ bool, args []string) {
	folder := ts.MkAbs("hsm")
	u, err := keystest.Token(folder, args[0])
	ts.Check(err)
	conf, err := keystest.Store(folder)
	ts.Check(err)
	ts.Setenv(keystest.Setting, conf)
	begin, end, _ := strings.Cut(u.String(), "?")
	ts.Setenv("TOKEN", begin)
	ts.Setenv("MODULE", "?"+end)
}

// writeKeys writes the private keys of the parties, and one nobody enrolled.
func writeKeys(k *registrytest.Kit, dir string) error {
	if err := os.Mkdir(filepath.Join(dir, "keys"), 0o777); err != nil {
		return err
	}
	stranger, err := envelope.NewSigner()
	if err != nil {
		return err
	}
	write := func(name string, s *envelope.Signer) error {
		jwk, err := s.PrivateJWK()
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "keys", name+".jwk"), jwk, 0o600)
	}
	for id, s := range k.Signers {
		if err := write(string(id), s); err != nil {
			return err
		}
	}
	return write("stranger", stranger)
}

// breaking is a registry whose second answer to many questions ends in the middle;
// at /asked it tells how many bytes it was sent in each.
type breaking struct {
	http.Handler
	mu    sync.Mutex
	asked []int64
}

func (b *breaking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.URL.Path == "/asked" {
		fmt.Fprintln(w, b.asked)
		return
	}
	if r.Method != http.MethodPost {
		b.Handler.ServeHTTP(w, r)
		return
	}
	b.asked = append(b.asked, r.ContentLength)
	if len(b.asked) != 2 {
		b.Handler.ServeHTTP(w, r)
		return
	}
	real := httptest.NewRecorder()
	b.Handler.ServeHTTP(real, r)
	w.Header().Set("Content-Type", real.Header().Get("Content-Type"))
	w.Write(real.Body.Bytes()[:real.Body.Len()/2])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// lying is somebody between the registry and its readers.
type lying struct{ http.Handler }

func (l lying) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/api/v1/verify/000000000012": // to somebody else
		http.Redirect(w, r, "http://elsewhere.invalid"+r.URL.Path, http.StatusFound)
		return
	case "/api/v1/verify/4HD8RVN1C5PE": // without a reason
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	r.Header.Del("Accept-Encoding") // what is changed is the text
	real := httptest.NewRecorder()
	l.Handler.ServeHTTP(real, r)
	body := real.Body.Bytes()
	switch {
	case strings.HasPrefix(r.URL.Path, "/tile/entries/"): // the signature of entry 5 is another
		entries, err := tlog.ParseBundle(body) // parts of body
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		signature := entries[5][bytes.LastIndexByte(entries[5], '.')+1:]
		copy(signature, "forged")
	case r.URL.Path == "/api/v1/verify": // one barcode number of a list is another
		body = bytes.Replace(body, []byte(",05012345678900,"), []byte(",04012345678901,"), 1)
	case r.URL.Path == "/api/v1/statements": // entered a second later
		body = bytes.Replace(body, []byte("10:00:00Z"), []byte("10:00:01Z"), 1)
	case r.URL.Path == "/api/v1/verify/7K3MQ2ZT9XWE": // in red
		body = bytes.ReplaceAll(body, []byte("Aoba Home"), []byte(`\u001b[31mOther`))
	case r.URL.Path == "/api/v1/verify/2WQ6TJX0M3KW": // about another code
		body = bytes.Replace(body, []byte("2WQ6TJX0M3KW"), []byte("7K3MQ2ZT9XWE"), 1)
	}
	for name, values := range real.Header() {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(real.Code)
	w.Write(body)
}

// status N COMMAND…: runs it, and wants that exit status.
func status(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || err != nil {
		ts.Fatalf("usage: status N command...")
	}
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status: got %d, want %d", got, want)
	}
}

// visit N FLAGS… LIST: watches a list at the registry's time, once, and wants that
// exit status.
func visit(ts *testscript.TestScript, _ bool, args []string) {
	c := &console{in: strings.NewReader(""), out: bufio.NewWriter(ts.Stdout()), err: ts.Stderr(), now: ts.Value("kit").(*registrytest.Kit).Clock.Now}
	if got := fmt.Sprint(run(context.Background(), c, append([]string{"watch", "-lang", "en"}, args[1:]...))); got != args[0] {
		ts.Fatalf("exit status: got %s, want %s", got, args[0])
	}
}

// perm FILE MODE: wants the file's permissions.
func perm(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("%s: got mode %s, want %s", args[0], got, args[1])
	}
}

// payload FILE: puts what an envelope says on standard output.
func payload(ts *testscript.TestScript, _ bool, args []string) {
	e, err := envelope.Open([]byte(strings.TrimSuffix(ts.ReadFile(args[0]), "\n")))
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s", e.Payload)
}

// fetch PATH FILE: keeps what the registry has there; another is named in full.
func fetch(ts *testscript.TestScript, _ bool, args []string) {
	address := args[0]
	if strings.HasPrefix(address, "/") {
		address = ts.Getenv("URL") + address
	}
	answer, err := http.Get(address)
	ts.Check(err)
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o666))
}

// entries N: wants the log to have that many.
func entries(ts *testscript.TestScript, _ bool, args []string) {
	if got := fmt.Sprint(ts.Value("kit").(*registrytest.Kit).Registry.Head().Size); got != args[0] {
		ts.Fatalf("entries in the log: got %s, want %s", got, args[0])
	}
}

// end: closes the registry under the running server.
func end(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(ts.Value("kit").(*registrytest.Kit).Registry.Close())
}
