package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer/remote"
	"tegata/web/i18n"
)

// written writes the kit of a registry into a folder.
func written(t *testing.T, c Config) string {
	t.Helper()
	at := t.TempDir()
	err := WriteKit(t.Context(), c, func(name string, data []byte) error {
		file := filepath.Join(at, filepath.FromSlash(name))
		if _, err := os.Stat(file); err == nil {
			return fmt.Errorf("%s is written twice", name)
		}
		return errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, data, 0o600))
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// arrived is what a server answers to a GET that follows redirections, as a
// browser does.
func arrived(t *testing.T, h http.Handler, address string) (status int, body []byte) {
	t.Helper()
	for range 3 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
		if w.Code != http.StatusMovedPermanently {
			return w.Code, w.Body.Bytes()
		}
		to, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if to, err = to.Parse(w.Header().Get("Location")); err != nil {
			t.Fatal(err)
		}
		address = to.String()
	}
	t.Fatalf("%s: it is redirected again and again", address)
	return 0, nil
}

// TestKit serves a kit with a server of files: every link of every page leads to
// something, every code has its pages, and every file is what the site answers at
// that address.
func TestKit(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Time{})
	k.Shelf(t, listed+20) // so that the list has two parts
	c := Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)}
	at := written(t, c)
	live, err := NewHandler(c)
	if err != nil {
		t.Fatal(err)
	}
	files := http.FileServer(http.Dir(at))
	links, pages, same := map[string]string{}, 0, 0
	err = filepath.WalkDir(at, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		address := "/" + filepath.ToSlash(strings.TrimPrefix(name, at+string(filepath.Separator)))
		if !strings.HasSuffix(address, ".html") {
			same++
			if status, want := arrived(t, live, address); status != http.StatusOK || !bytes.Equal(data, want) {
				t.Errorf("%s is not what the site answers, with status %d", address, status)
			}
			return nil
		}
		pages++
		checkKitPage(t, address, data)
		for _, m := range regexp.MustCompile(`\s(?:href|src|action|srcset|formaction)="([^"]*)"`).FindAllSubmatch(data, -1) {
			links[html.UnescapeString(string(m[1]))] = address
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	codes, err := k.Registry.Codes(t.Context(), "", 10*listed)
	if err != nil || len(codes) <= listed {
		t.Fatalf("got %d codes, %v", len(codes), err)
	}
	if want := len(i18n.Languages)*(2*len(codes)+len(kitPages)+2) + 1; pages != want {
		t.Errorf("got %d pages, want %d", pages, want)
	}
	if least := 5*len(codes) + len(kitFiles); same < least {
		t.Errorf("got %d files, want %d at least", same, least)
	}
	for link, from := range links {
		u, err := url.Parse(link)
		if err != nil {
			t.Errorf("%s: %v", from, err)
			continue
		}
		if u.IsAbs() || strings.HasPrefix(link, "#") {
			continue
		}
		if u.RawQuery != "" && !strings.HasPrefix(u.Path, "/static/") {
			t.Errorf("%s: the link %s asks what a server of files does not hear", from, link)
		}
		part := u.Fragment
		u.Fragment = ""
		if status, body := arrived(t, files, u.String()); status != http.StatusOK || len(body) == 0 {
			t.Errorf("%s: the link %s leads to status %d", from, link, status)
		} else if part != "" && !bytes.Contains(body, []byte(` id="`+part+`"`)) {
			t.Errorf("%s: the link %s leads to no part of that page", from, link)
		}
	}
	for _, code := range codes {
		for _, address := range []string{"/v/%s", "/ja/v/%s", "/records/%s", "/ja/records/%s", "/codes/", "/ja/codes/2/"} {
			if strings.Contains(address, "%") {
				address = fmt.Sprintf(address, code)
			}
			if links[address+"/"] == "" && links[address] == "" {
				t.Errorf("no link leads to %s", address)
			}
		}
	}
}

// checkKitPage: a page of a kit says that it is a copy and of when, and asks
// nothing that nobody answers.
func checkKitPage(t *testing.T, address string, page []byte) {
	t.Helper()
	lang := i18n.English
	if strings.HasPrefix(address, "/ja/") {
		lang = i18n.Japanese
	}
	if !bytes.Contains(page, fmt.Appendf(nil, `<html lang="%s">`, lang)) || !bytes.Contains(page, []byte(`<p class="copied" role="note">`)) {
		t.Errorf("%s: it is in another language, or does not say that it is a copy", address)
	}
	if found := regexp.MustCompile(`<(form|script|input|button|select)\b|lang=(en|ja)"`).Find(page); found != nil {
		t.Errorf("%s: got %q in a page that no program answers for", address, found)
	}
}

// TestKitAsTheSite: but for the note, what is asked and where links lead, a page of
// a kit is the site's own.
func TestKitAsTheSite(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Time{})
	c := Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)}
	at := written(t, c)
	live, err := NewHandler(c)
	if err != nil {
		t.Fatal(err)
	}
	// text is what a page says, but for what a copy leaves out.
	text := func(page []byte) string {
		for _, out := range []string{`(?s)<p class="copied".*?</p>`, `(?s)<nav class="places".*?</nav>`, `(?s)<section class="ask".*?</section>`, `(?s)<li><a href="[^"]*atom[^"]*".*?</li>`, `<[^>]*>`, `\s+`} {
			page = regexp.MustCompile(out).ReplaceAll(page, []byte(" "))
		}
		return strings.Join(strings.Fields(string(page)), " ")
	}
	for _, lang := range i18n.Languages {
		for _, address := range []string{"/v/" + string(ownLabel), "/v/" + string(declaration), "/records/" + string(simpleLabel), "/law", "/log", "/about"} {
			kept, err := os.ReadFile(filepath.Join(at, filepath.FromSlash(kitPage(lang, address)), "index.html"))
			if err != nil {
				t.Fatal(err)
			}
			status, own := arrived(t, live, address+"?lang="+string(lang))
			if status != http.StatusOK || text(kept) != text(own) || len(text(own)) < 500 {
				t.Errorf("%s in %s: status %d\n got %s\nwant %s", address, lang, status, text(kept), text(own))
			}
		}
	}
}

// TestKitIsALog: who follows the log of a kit, which a server of files serves, gets
// all of it.
func TestKitIsALog(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Time{})
	k.Shelf(t, 300) // so that a tile is full
	server := httptest.NewServer(http.FileServer(http.Dir(written(t, Config{Registry: k.Registry, URL: "https://labels.example"}))))
	defer server.Close()
	trust := k.Trust(t)
	c := registry.Config{
		Answer: k.Config.Answer, Now: k.Clock.Now, Original: registry.NewOriginal(server.URL, trust),
		Sequencer: remote.New(remote.Config{URL: server.URL, Trust: trust, Now: k.Clock.Now}),
	}
	r, err := registry.Join(t.Context(), filepath.Join(t.TempDir(), "registry.db"), c)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, want := r.Head(), k.Registry.Head(); got.Size != want.Size || got.Root != want.Root {
		t.Errorf("got %+v, want %+v", got, want)
	}
	report, err := r.Audit(t.Context(), nil)
	if err != nil || len(report.Faults) > 0 {
		t.Errorf("got %v, %v", report.Faults, err)
	}
}

// TestKitFails: what cannot be written ends it, and so does the end of the
// context.
func TestKitFails(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Time{})
	c := Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)}
	full := errors.New("the disk is full")
	for n := 0; n < 60; n += 7 {
		var mu sync.Mutex
		left := n
		err := WriteKit(t.Context(), c, func(string, []byte) error {
			mu.Lock()
			defer mu.Unlock()
			if left--; left < 0 {
				return full
			}
			return nil
		}, nil)
		if !errors.Is(err, full) {
			t.Errorf("after %d files: got %v, want %v", n, err, full)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := WriteKit(ctx, c, func(string, []byte) error { return nil }, func(done, of int64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if err := WriteKit(t.Context(), Config{Registry: k.Registry, URL: "labels.example"}, nil, nil); err == nil {
		t.Error("an address that is none was taken")
	}
}

// TestKitLink: a link leads to the page in the language of its address, or to the
// file, or nowhere.
func TestKitLink(t *testing.T) {
	for link, want := range map[string]string{
		"/":                             "/ja/",
		"/?lang=en":                     "/",
		"/law?lang=ja#rule":             "/ja/law/#rule",
		"/v/7K3MQ2ZT9XWE":               "/ja/v/7K3MQ2ZT9XWE/",
		"/v/7K3MQ2ZT9XWE?lang=en":       "/v/7K3MQ2ZT9XWE/",
		"/v/7K3MQ2ZT9XWE?in=GB":         "",
		"/v/7K3MQ2ZT9XWE/x":             "",
		"/v/":                           "",
		"/scan":                         "",
		"/whatif/7K3MQ2ZT9XWE":          "",
		"/codes":                        "/ja/codes/",
		"/codes/2?lang=en":              "/codes/2/",
		"/qr/7K3MQ2ZT9XWE.svg":          "/qr/7K3MQ2ZT9XWE.svg",
		"/qr/7K3MQ2ZT9XWE-signed.svg":   "",
		"/qr/7K3MQ2ZT9XWE.png":          "",
		"/api/v1/verify/7K3MQ2ZT9XWE":   "/api/v1/verify/7K3MQ2ZT9XWE",
		"/api/v1/verify/7K3M?in=JP":     "",
		"/api/v1/packs/7K3MQ2ZT9XWE":    "",
		"/static/style.css?v=1":         "/static/style.css?v=1",
		"/checkpoint":                   "/checkpoint",
		"https://www.ipa.go.jp/x?y=1":   "https://www.ipa.go.jp/x?y=1",
		"#main":                         "#main",
		"/v/7K3MQ2ZT9XWE?lang=en&in=GB": "",
	} {
		want := `<a class="x"` + map[bool]string{true: ` href="` + want + `"`}[want != ""] + `>`
		got := relink(i18n.Japanese, []byte(`<a class="x" href="`+html.EscapeString(link)+`">`))
		if string(got) != want {
			t.Errorf("%s: got %s, want %s", link, got, want)
		}
	}
}
