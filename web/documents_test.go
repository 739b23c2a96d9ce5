package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/registry/observer"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/web"
)

// A watched is a maker's site on this machine, and an observer who may visit it.
type watched struct {
	kit      *registrytest.Kit
	observer *observer.Observer
	url      string
	document atomic.Pointer[string]
}

func newWatched(tb testing.TB, k *registrytest.Kit) *watched {
	tb.Helper()
	w := &watched{kit: k}
	site := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if d := w.document.Load(); r.URL.Path == "/soc.html" && d != nil {
			out.Header().Set("Content-Type", "text/html")
			out.Write([]byte(*d))
		}
	}))
	tb.Cleanup(site.Close)
	w.url = site.URL + "/soc.html"
	archive, err := observer.NewArchive(filepath.Join(tb.TempDir(), "archive"), 1<<20)
	if err == nil {
		w.observer, err = observer.New(observer.Config{Registry: k.Registry, Signer: k.Signer(tb, "watcher"), Archive: archive, Now: k.Clock.Now,
			Reach: observer.Reach{Allow: []netip.AddrPort{netip.MustParseAddrPort(site.Listener.Addr().String())}}})
	}
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// publish has a declaration published at the site, which shows the document, and
// the observer look at it. It returns the digest of the document.
func (w *watched) publish(tb testing.TB, code verify.Code, document string) string {
	tb.Helper()
	w.document.Store(&document)
	w.kit.Append(tb, w.kit.Say(tb, verify.DeclarationPublished, code, func(m map[string]any) {
		d := m["declaration"].(map[string]any)
		d["url"] = w.url
		delete(d, "translations")
	}))
	if _, err := w.observer.Look(tb.Context(), code); err != nil {
		tb.Fatal(err)
	}
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

// published CODE FILE: has a declaration of that code published, whose document is
// the file, and looked at; its digest is then $digest.
func published(ts *testscript.TestScript, _ bool, args []string) {
	w := ts.Value("watched").(*watched)
	ts.Setenv("digest", w.publish(ts.Value("tb").(testing.TB), verify.Code(args[0]), ts.ReadFile(args[1])))
}

// TestDocuments: a document that was visited is compared with what its maker
// signed, on the page in both languages; its own script is not on it.
func TestDocuments(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	w := newWatched(t, k)
	h, err := web.NewHandler(web.Config{Registry: k.Registry, Observer: w.observer, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	code := registrytest.Code(7)
	w.publish(t, code, "<h1>Statement of compliance</h1><p>Security updates until 1 May 2029.<script>alert(1)</script>")
	for lang, says := range map[string]string{"en": "The text seems to say 2029-05-01.", "ja": "本文は「2029-05-01」と読めます。"} {
		out := httptest.NewRecorder()
		h.ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/records/"+string(code)+"?lang="+lang, nil))
		if page := out.Body.String(); out.Code != http.StatusOK || !strings.Contains(page, says) || strings.Contains(page, "alert(1)") {
			t.Errorf("%s: got %d and a page without %q, or with the document's own script", lang, out.Code, says)
		}
		out = httptest.NewRecorder()
		h.ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/records/"+string(code)+"?at="+k.Clock.Now().UTC().Format(time.RFC3339)+"&lang="+lang, nil))
		if page := out.Body.String(); out.Code != http.StatusOK || strings.Contains(page, says) {
			t.Errorf("%s: got %d and a page of another moment with what the document says now", lang, out.Code)
		}
	}
}

// TestDocumentsInOrder: whoever reads a page finds the document in their language
// first, and then that in English, of whatever country.
func TestDocumentsInOrder(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	code := registrytest.Code(7)
	k.Append(t, k.Say(t, verify.DeclarationPublished, code, func(m map[string]any) {
		d := m["declaration"].(map[string]any)
		delete(d["product"].(map[string]any), "gtins")
		d["url"], d["language"] = "https://maker.example/fr", "fr"
		var others []any
		for _, lang := range []string{"en-GB", "ja"} {
			others = append(others, map[string]any{"language": lang, "url": "https://maker.example/" + lang, "sha256": d["sha256"]})
		}
		d["translations"] = others
	}))
	for lang, want := range map[string][]string{"en": {"en-GB", "fr", "ja"}, "ja": {"ja", "en-GB", "fr"}} {
		for _, path := range []string{"/v/", "/records/"} {
			out := httptest.NewRecorder()
			h.ServeHTTP(out, httptest.NewRequest(http.MethodGet, path+string(code)+"?lang="+lang, nil))
			_, page, _ := strings.Cut(out.Body.String(), `id="documents"`)
			for _, tag := range want {
				var found bool
				if _, page, found = strings.Cut(page, `href="https://maker.example/`+tag+`"`); !found {
					t.Errorf("%s in %s: got %d and a page without the document in %s in its place", path, lang, out.Code, tag)
				}
			}
		}
	}
}
