package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tegata/cmd/labeld/demo"
	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
)

// watched makes the folder of a registry with a maker, an observer whose key it
// returns the path of, and a declaration at the address.
func watched(t *testing.T, url, digest string) (d folder.Folder, key string, code verify.Code) {
	t.Helper()
	d = folder.Folder(filepath.Join(t.TempDir(), "data"))
	if err := d.Make("labels.example", nil); err != nil {
		t.Fatal(err)
	}
	c, err := d.Config()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	code = demo.Code("watched")
	keys := map[verify.PartyID]*envelope.Signer{}
	party := func(id verify.PartyID, role verify.Role) verify.Party {
		s, err := envelope.NewSigner()
		if err != nil {
			t.Fatal(err)
		}
		keys[id] = s
		return verify.Party{ID: id, Name: verify.Text{EN: string(id)}, Role: role, Jurisdiction: verify.GB, Keys: []verify.JWK{s.Key().JWK()}, From: now}
	}
	operator, watcher, maker := party("operator", verify.Operator), party("watcher", verify.Observer), party("maker", verify.Maker)
	said, err := verify.DecodeStatement(registrytest.New(t).Make(t, verify.DeclarationPublished, code, nil))
	if err != nil {
		t.Fatal(err)
	}
	declared := said.Body.(*verify.Published).Declaration
	declared.URL, declared.SHA256, declared.Language, declared.Translations = url, digest, "en", nil
	declared.Issued = verify.DateOf(now, verify.London)
	declared.Support.End, declared.Support.AnchorDate = declared.Issued.AddYears(3), verify.Date{}
	var r *registry.Registry
	for _, said := range []struct {
		by   verify.PartyID
		kind verify.Kind
		code verify.Code
		body verify.Body
	}{
		{"operator", verify.RegistryCreated, "", &verify.Created{Party: operator, Accord: verify.Memorandum}},
		{"operator", verify.PartyEnrolled, "", &verify.Enrolled{Party: watcher}},
		{"operator", verify.PartyEnrolled, "", &verify.Enrolled{Party: maker}},
		{"maker", verify.DeclarationPublished, code, &verify.Published{Declaration: declared}},
	} {
		token, err := keys[said.by].SealStatement(verify.Statement{
			Head: verify.Head{Kind: said.kind, Origin: "labels.example", By: said.by, Made: now, Code: said.code}, Body: said.body})
		if err != nil {
			t.Fatal(err)
		}
		if r == nil {
			r, err = registry.Create(d.Registry(), c, token)
		} else {
			_, err = r.Append(t.Context(), token)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	key = filepath.Join(t.TempDir(), "watcher.key")
	jwk, err := keys["watcher"].PrivateJWK()
	if err == nil {
		err = os.WriteFile(key, jwk, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d, key, code
}

// maker serves a statement of compliance on this machine.
func makerSite(t *testing.T) (site, at string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/soc.html" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<h1>Statement of compliance</h1>")
	}))
	t.Cleanup(s.Close)
	return s.URL, netip.MustParseAddrPort(s.Listener.Addr().String()).String()
}

// TestObserve: one declaration is looked at from the command line, and what is as
// it was declared is entered; an address of a maker's own tells what to declare.
func TestObserve(t *testing.T) {
	site, at := makerSite(t)
	command := func(want int, args ...string) (string, string) {
		var out, said bytes.Buffer
		if got := run(append([]string{"observe"}, args...), &out, &said); got != want {
			t.Fatalf("observe %v: got status %d, want %d\n%s%s", args, got, want, &out, &said)
		}
		return out.String(), said.String()
	}
	out, _ := command(0, "-url", site+"/soc.html", "-observe-allow", at)
	digest, _, _ := strings.Cut(out[strings.Index(out, `"sha256": "`)+len(`"sha256": "`):], `"`)
	if len(digest) != 64 || !strings.Contains(out, `"media": "text/html"`) || !strings.Contains(out, `"text_sha256"`) {
		t.Fatalf("got %s, want what to declare", out)
	}
	d, key, code := watched(t, site+"/soc.html", digest)
	out, _ = command(0, "-data", string(d), "-code", string(code), "-observe-allow", at)
	if !strings.Contains(out, "open, HTTP status 200") || strings.Contains(out, "entered") || !strings.Contains(out, "hint: declaration.place") {
		t.Errorf("got %s, want it open, with hints, and nothing entered without a key", out)
	}
	for _, want := range []bool{true, false} { // the second time there is nothing new to say
		out, _ = command(0, "-data", string(d), "-code", string(code), "-observe-allow", at, "-observer", key)
		if strings.Contains(out, "entered in the log") != want {
			t.Errorf("got %s, want entered: %v", out, want)
		}
	}
	out, _ = command(0, "-url", site+"/gone.html", "-observe-allow", at)
	if !strings.Contains(out, "not open to the public: status, HTTP status 404") {
		t.Errorf("got %s", out)
	}
	out, _ = command(0, "-url", site+"/soc.html")
	if !strings.Contains(out, "prohibited") {
		t.Errorf("got %s, want this machine not to be reached", out)
	}
	for _, bad := range []struct {
		args []string
		say  string
	}{
		{nil, "one of -code and -url"},
		{[]string{"-url", site, "-code", "x"}, "one of -code and -url"},
		{[]string{"-code", string(code)}, "needs -data"},
		{[]string{"-data", string(d), "-code", "7K3M"}, "code"},
		{[]string{"-data", string(d), "-code", string(demo.Code("nothing"))}, "no declaration that is watched"},
		{[]string{"-url", site, "-observe-allow", "192.168.1.1:80"}, "only addresses of this machine"},
		{[]string{"-data", string(d), "-code", string(code), "-observer", filepath.Join(string(d), "log.key")}, "log.key"},
	} {
		if _, said := command(exitAccident, bad.args...); !strings.Contains(said, bad.say) {
			t.Errorf("%v: got %q, want %q in it", bad.args, said, bad.say)
		}
	}
}

// TestServeObserves: a server with an observer's key watches, keeps what it saw,
// and looks again when it is asked over its socket.
func TestServeObserves(t *testing.T) {
	site, at := makerSite(t)
	var out bytes.Buffer
	if run([]string{"observe", "-url", site + "/soc.html", "-observe-allow", at, "-json"}, &out, io.Discard) != 0 {
		t.Fatal(out.String())
	}
	digest, _, _ := strings.Cut(out.String()[strings.Index(out.String(), `"sha256":"`)+len(`"sha256":"`):], `"`)
	d, key, code := watched(t, site+"/soc.html", digest)

	var said bytes.Buffer
	public := []string{"serve", "-data", string(d), "-url", "http://labels.example", "-listen", "0.0.0.0:0", "-observer", key, "-observe-allow", at}
	if got := run(public, io.Discard, &said); got != exitAccident || !strings.Contains(said.String(), "-observe-allow is for tests") {
		t.Errorf("got status %d and %s, want no test host beside a public listener", got, &said)
	}

	for _, every := range []string{"59s", "49h"} {
		said.Reset()
		seldom := []string{"serve", "-data", string(d), "-url", "http://labels.example", "-listen", "127.0.0.1:0", "-observer", key, "-observe-every", every}
		if got := run(seldom, io.Discard, &said); got != exitAccident || !strings.Contains(said.String(), "-observe-every") {
			t.Errorf("every %s: got status %d and %s", every, got, &said)
		}
	}

	address := freeAddress(t)
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", dir+"/", "tegata/cmd/labeld").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	serveUntilEnd(t, dir, fmt.Sprintf("labeld serve -data %s -url http://%s -listen %s -observer %s -observe-every 1m -observe-allow %s -archive 1", d, address, address, key, at), address)
	for end := time.Now().Add(time.Minute); ; {
		r, err := http.Get("http://" + address + "/api/v1/verify/" + string(code))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err == nil && bytes.Contains(body, []byte(`"seen":"open"`)) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("not observed within a minute: %s, %v", body, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	out.Reset()
	if run([]string{"observe", "-data", string(d), "-code", string(code)}, &out, &said) != 0 || !strings.Contains(out.String(), "open, HTTP status 200") {
		t.Errorf("got %s%s, want the server to look", &out, &said)
	}
	kept, err := os.ReadFile(filepath.Join(d.Observer(), "archive", digest))
	if err != nil || string(kept) != "<h1>Statement of compliance</h1>" {
		t.Errorf("got %q in the archive, %v", kept, err)
	}
}
