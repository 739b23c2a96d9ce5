package observer

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"tegata/verify"
)

var document = []byte("%PDF-1.7 statement of compliance")

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func testGuest(t *testing.T, w *testWeb) *guest {
	return &guest{client: w.reach.client(), agent: agent("https://labels.example"), time: 2 * time.Second, folder: t.TempDir()}
}

func asPDF(w http.ResponseWriter, b []byte) {
	w.Header().Set("Content-Type", mediaPDF)
	w.Write(b)
}

// TestVisits plays what a web server can do to who visits it. Each visit ends in
// its finding within its limits, leaves no file behind, and all of them together
// take no more than 64 MB.
func TestVisits(t *testing.T) {
	w := newTestWeb(t)
	statuses := map[string]int{"/401": 401, "/403": 403, "/404": 404, "/410": 410, "/429": 429, "/500": 500, "/204": 204}
	var away, loop string
	maker := w.serve("maker.example", nil, func(out http.ResponseWriter, r *http.Request) {
		if status, ok := statuses[r.URL.Path]; ok {
			out.WriteHeader(status)
			return
		}
		switch r.URL.Path {
		case "/soc.pdf":
			asPDF(out, document)
		case "/moved.pdf":
			http.Redirect(out, r, "/soc.pdf", http.StatusMovedPermanently)
		case "/elsewhere.pdf":
			http.Redirect(out, r, away+"/soc.pdf", http.StatusFound)
		case "/wall.pdf":
			http.Redirect(out, r, "/account/login?back=1", http.StatusFound)
		case "/account/login":
			out.Header().Set("Content-Type", "text/html")
			fmt.Fprint(out, "<h1>Welcome</h1>")
		case "/password.html":
			out.Header().Set("Content-Type", "text/html")
			fmt.Fprint(out, "<form><input name=p TYPE='PASSWORD'></form>")
		case "/changed.pdf":
			asPDF(out, append(document, " (2027)"...))
		case "/sorry.pdf", "/sorry":
			out.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(out, "<h1>Page not found</h1>")
		case "/drip.pdf":
			out.Header().Set("Content-Type", mediaPDF)
			for r.Context().Err() == nil {
				out.Write([]byte("."))
				out.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(50 * time.Millisecond):
				}
			}
		case "/silent.pdf":
			<-r.Context().Done()
		case "/endless.pdf":
			out.Header().Set("Content-Type", mediaPDF)
			for block := make([]byte, 64<<10); ; {
				if _, err := out.Write(block); err != nil {
					return
				}
			}
		case "/endless.html":
			out.Header().Set("Content-Type", "text/html")
			for block := []byte("<p " + strings.Repeat("<b>x</b>", 8<<10)); ; {
				if _, err := out.Write(block); err != nil {
					return
				}
			}
		case "/bomb.pdf":
			bomb(out, r)
		case "/loop.pdf":
			http.Redirect(out, r, loop, http.StatusFound)
		case "/metadata.pdf":
			http.Redirect(out, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		case "/loopback.pdf":
			http.Redirect(out, r, "http://[::1]/", http.StatusFound)
		case "/mapped.pdf":
			http.Redirect(out, r, "http://[::ffff:10.0.0.1]/", http.StatusFound)
		case "/port.pdf":
			http.Redirect(out, r, "http://127.0.0.1:1/", http.StatusFound)
		case "/file.pdf":
			http.Redirect(out, r, "file:///etc/passwd", http.StatusFound)
		case "/cut.pdf":
			out.Header().Set("Content-Length", "1000")
			out.Write(document)
		}
	})
	loop = maker + "/loop.pdf"
	away = w.serve("cdn.example", nil, func(out http.ResponseWriter, _ *http.Request) { asPDF(out, document) })
	other := w.serve("other.example", func(c *x509.Certificate) { c.DNSNames = []string{"another.example"} }, func(out http.ResponseWriter, _ *http.Request) { asPDF(out, document) })
	expired := w.serve("expired.example", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
	}, func(out http.ResponseWriter, _ *http.Request) { asPDF(out, document) })
	rebound := w.serve("rebound.example", nil, func(out http.ResponseWriter, r *http.Request) {
		http.Redirect(out, r, "http://rebound.example/again.pdf", http.StatusFound)
	})
	w.lead("rebound.example", netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("10.0.0.1"))
	w.lead("private.example", netip.MustParseAddr("192.168.1.1"))

	open, changed := seenAs{verify.SeenOpen, "", 200}, seenAs{verify.SeenChanged, "", 200}
	gone := func(why verify.SeenReason, status int) seenAs { return seenAs{verify.SeenGone, why, status} }
	none := seenAs{}
	barred := map[string]bool{"/metadata.pdf": true, "/loopback.pdf": true, "/mapped.pdf": true, "/port.pdf": true,
		rebound + "/soc.pdf": true, "https://private.example/soc.pdf": true}
	g := testGuest(t, w)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for _, c := range []struct {
		address string
		want    seenAs
	}{
		{maker + "/soc.pdf", open},
		{maker + "/moved.pdf", open},
		{maker + "/elsewhere.pdf", open},
		{maker + "/wall.pdf", gone(verify.GoneByLogin, 200)},
		{maker + "/password.html", gone(verify.GoneByLogin, 200)},
		{maker + "/401", gone(verify.GoneByStatus, 401)},
		{maker + "/403", gone(verify.GoneByStatus, 403)},
		{maker + "/404", gone(verify.GoneByStatus, 404)},
		{maker + "/410", gone(verify.GoneByStatus, 410)},
		{maker + "/500", gone(verify.GoneByStatus, 500)},
		{maker + "/204", gone(verify.GoneByStatus, 204)},
		{maker + "/429", none},
		{maker + "/changed.pdf", changed},
		{maker + "/sorry.pdf", gone(verify.GoneByMedia, 200)},
		{maker + "/sorry", changed},
		{maker + "/drip.pdf", gone(verify.GoneByUnreached, 200)},
		{maker + "/silent.pdf", gone(verify.GoneByUnreached, 0)},
		{maker + "/endless.pdf", gone(verify.GoneBySize, 200)},
		{maker + "/endless.html", gone(verify.GoneBySize, 200)},
		{maker + "/bomb.pdf", gone(verify.GoneBySize, 200)},
		{maker + "/loop.pdf", gone(verify.GoneByRedirects, 0)},
		{maker + "/metadata.pdf", gone(verify.GoneByUnreached, 0)},
		{maker + "/loopback.pdf", gone(verify.GoneByUnreached, 0)},
		{maker + "/mapped.pdf", gone(verify.GoneByUnreached, 0)},
		{maker + "/port.pdf", gone(verify.GoneByUnreached, 0)},
		{maker + "/file.pdf", gone(verify.GoneByUnreached, 0)},
		{maker + "/cut.pdf", gone(verify.GoneByUnreached, 200)},
		{rebound + "/soc.pdf", gone(verify.GoneByUnreached, 0)},
		{"https://private.example/soc.pdf", gone(verify.GoneByUnreached, 0)},
		{"https://nowhere.example/soc.pdf", gone(verify.GoneByUnreached, 0)},
		{other + "/soc.pdf", gone(verify.GoneByCertificate, 0)},
		{expired + "/soc.pdf", gone(verify.GoneByCertificate, 0)},
	} {
		v := g.visit(context.Background(), c.address, nil)
		o, ok := v.Finding(verify.Link{Translation: verify.Translation{URL: c.address, SHA256: digestOf(document), Language: "en"}}, nil)
		got := seenAs{o.Seen, o.Reason, o.HTTPStatus}
		if !ok {
			got = none
		}
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v (%v)", c.address, got, c.want, v.err)
		}
		if guarded := strings.Contains(fmt.Sprint(v.err), "prohibited"); guarded != barred[strings.TrimPrefix(c.address, maker)] {
			t.Errorf("%s: got %v, want the guard to be the one who refuses, and only there", c.address, v.err)
		}
		v.remove()
	}
	runtime.ReadMemStats(&after)
	if rose := int64(after.Sys) - int64(before.Sys); rose > 64<<20 {
		t.Errorf("memory: got %d MB more than before, want 64 at the most", rose>>20)
	}
	left, err := os.ReadDir(g.folder)
	if err != nil || len(left) > 0 {
		t.Errorf("got %d files left behind, %v", len(left), err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := w.asked["rebound.example"]; n < 2 {
		t.Errorf("got %d look-ups of the name that is led elsewhere, want one for each connection", n)
	}
}

// seenAs is what a finding says beside digests.
type seenAs struct {
	seen   verify.Seen
	why    verify.SeenReason
	status int
}

// TestVisitIsPolite: who comes says so and why, keeps no cookie, and asks only for
// what is new.
func TestVisitIsPolite(t *testing.T) {
	w := newTestWeb(t)
	var seen []http.Header
	site := w.serve("maker.example", nil, func(out http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Clone())
		http.SetCookie(out, &http.Cookie{Name: "consent", Value: "1"})
		out.Header().Set("ETag", `"v1"`)
		out.Header().Set("Last-Modified", "Mon, 02 Nov 2026 10:00:00 GMT")
		if r.Header.Get("If-None-Match") == `"v1"` {
			out.WriteHeader(http.StatusNotModified)
			return
		}
		asPDF(out, document)
	})
	g := testGuest(t, w)
	first := g.visit(t.Context(), site+"/soc.pdf", nil)
	defer first.remove()
	m := memory{}
	m.remember(&first, time.Now())
	second := g.visit(t.Context(), site+"/soc.pdf", m.visit(time.Now()))
	if len(seen) != 2 || !second.Unmodified {
		t.Fatalf("got %d requests and %+v, want the second to hear that nothing is new", len(seen), second)
	}
	for i, h := range seen {
		if got := h.Get("User-Agent"); !strings.Contains(got, product) || !strings.Contains(got, "+https://labels.example/about") {
			t.Errorf("request %d: got %q, want who visits and why", i, got)
		}
		if h.Get("Cookie") != "" {
			t.Errorf("request %d: got the cookie %q kept", i, h.Get("Cookie"))
		}
	}
	if got := seen[1].Get("If-Modified-Since"); got != "Mon, 02 Nov 2026 10:00:00 GMT" {
		t.Errorf("got If-Modified-Since %q", got)
	}
	was := &verify.Sighting{Observation: verify.Observation{Observed: verify.Observed{Seen: verify.SeenOpen, SHA256: digestOf(document)}}}
	link := verify.Link{Translation: verify.Translation{URL: site + "/soc.pdf", SHA256: digestOf(document)}}
	if o, ok := second.Finding(link, was); !ok || o.Seen != verify.SeenOpen || o.SHA256 != digestOf(document) || o.HTTPStatus != http.StatusNotModified {
		t.Errorf("got %+v, want it open as it was", o)
	}
	if _, ok := second.Finding(link, nil); ok {
		t.Error("got a finding of a document that was never seen")
	}
}

// TestReach: without an exception nothing on this machine is reached, and none can
// be made for others.
func TestReach(t *testing.T) {
	w := newTestWeb(t)
	site := w.serve("maker.example", nil, func(out http.ResponseWriter, _ *http.Request) { asPDF(out, document) })
	w.reach.Allow = nil
	v := testGuest(t, w).visit(t.Context(), site+"/soc.pdf", nil)
	if v.Fault != verify.GoneByUnreached || !strings.Contains(v.err.Error(), "prohibited") {
		t.Errorf("got %+v, want no connection", v)
	}
	if (Reach{Allow: []netip.AddrPort{netip.MustParseAddrPort("192.168.1.1:443")}}).Check() {
		t.Error("got an exception for an address that is not on this machine")
	}
}

// TestRobots: a host that asks not to be visited is not; one that has no such file
// is; one in trouble is let alone.
func TestRobots(t *testing.T) {
	for _, c := range []struct {
		status int
		text   string
		want   bool
	}{
		{200, "User-agent: *\nDisallow: /\n", false},
		{200, "User-agent: *\nDisallow: /private/\n", true},
		{200, "User-agent: tegata-observer\nDisallow: /\n\nUser-agent: *\nAllow: /\n", false},
		{200, "User-agent: *\nDisallow: /\n\nUser-agent: Tegata-Observer\nAllow: /\n", true},
		{200, "User-agent: *\nDisallow: /*?x=\n", false},
		{200, "User-agent: *\nDisallow: /*pdf$\n", true},
		{200, "Disallow: /\nUser-agent: *\nCrawl-delay: slow\nnonsense\nDisallow: /soc # all of it\n", false},
		{200, "User-agent: tegata-observer\nDisallow:\n\nUser-agent: *\nDisallow: /\n", true},
		{200, "\ufeffuser-agent: a\ruser-agent: *\rdisallow: /\rallow: /soc.pdf\r", true},
		{404, "User-agent: *\nDisallow: /\n", true},
		{403, "", true},
		{503, "", false},
	} {
		w := newTestWeb(t)
		asked := 0
		site := w.serve("maker.example", nil, func(out http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				asked++
				out.WriteHeader(c.status)
				fmt.Fprint(out, c.text)
			}
		})
		var k robots
		g := testGuest(t, w)
		for range 2 {
			if got := k.allow(t.Context(), g, site+"/soc.pdf?x=1", time.Now()); got != c.want {
				t.Errorf("%d %q: got %v, want %v", c.status, c.text, got, c.want)
			}
		}
		if asked != 1 {
			t.Errorf("%d %q: got %d look-ups, want one for a day", c.status, c.text, asked)
		}
	}
}

// TestCut: a server that ends in good order because we hung up has not ended.
func TestCut(t *testing.T) {
	w := newTestWeb(t)
	site := w.serve("maker.example", nil, func(out http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			out.Write([]byte("."))
			out.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	g := testGuest(t, w)
	g.time = 60 * time.Millisecond
	for range 20 {
		v := g.visit(t.Context(), site+"/soc", nil)
		if v.remove(); v.Fault != verify.GoneByUnreached {
			t.Errorf("got %+v, want nothing whole", v)
		}
	}
}
