package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/match"
	"tegata/web/i18n"
	"tegata/web/metrics"
)

// siteOf is the site of a registry, and its handler.
func siteOf(t *testing.T, r *registry.Registry) (*site, http.Handler) {
	t.Helper()
	s, err := newSite(Config{Registry: r, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.handler()
	if err != nil {
		t.Fatal(err)
	}
	return s, h
}

// keepingUpTo is the handler of a registry that keeps replies, and answers to rows,
// up to so many bytes.
func keepingUpTo(t *testing.T, r *registry.Registry, bytes int) http.Handler {
	t.Helper()
	s, h := siteOf(t, r)
	s.replies.most, s.rows.most = bytes, bytes
	return h
}

// TestRepliesStand tells random histories to a registry with two sites, one of
// which keeps what it answers and one of which does not, and moves the clock by
// seconds, and to where answers change by themselves. Whenever both are asked the
// same they answer the same, but for the instant and the head: and what was kept is
// to the last byte what was answered at the instant that it names, half a minute
// ago at the most. It goes on until a history had all that it is about.
func TestRepliesStand(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	var seen repliesSeen
	few := func() bool { return seen.kept == 0 || seen.older == 0 || seen.said == 0 || seen.itself == 0 }
	for n := uint64(0); n < 2 || n < 30 && few(); n++ {
		repliesOf(t, seed+n, &seen)
	}
	if few() {
		t.Errorf("seed %d: too few to tell: %+v", seed, seen)
	}
}

// repliesSeen counts what was put to the test.
type repliesSeen struct {
	kept   int // given again at a later instant
	older  int // of these, under an older head
	said   int // not given again: the log said something that it rests on
	itself int // not given again: it changed by itself
}

// A givenAnswer is one of the site that keeps nothing.
type givenAnswer struct {
	at   verify.Log
	body string
}

func repliesOf(t *testing.T, seed uint64, seen *repliesSeen) {
	t.Helper()
	k := registrytest.New(t)
	k.Begin(t)
	history := registrytest.NewHistory(k, seed)
	for range 25 {
		k.Registry.Append(t.Context(), history.Next(t)) // some may not be entered
	}
	keeps := keepingUpTo(t, k.Registry, repliesBytes)
	anew := keepingUpTo(t, k.Registry, 0)
	codes := slices.Concat(history.Labels(), history.Declarations())
	var addresses []string
	for i, code := range codes {
		addresses = append(addresses, fmt.Sprintf("/api/v1/verify/%s", code), fmt.Sprintf("/api/v1/verify/%s?in=%s&gtin=04912345678904", code, verify.Jurisdictions[i%3]),
			fmt.Sprintf("/api/v1/verify/%s.jwt?in=GB", code), fmt.Sprintf("/v/%s?in=GB&lang=%s", code, i18n.Languages[i%2]))
	}
	random := rand.New(rand.NewPCG(seed, 2))
	given, last := map[string][]givenAnswer{}, map[string]string{}
	ask := func() {
		t.Helper()
		now := k.Registry.Head()
		for _, address := range addresses {
			a, b := visit(keeps, address), visit(anew, address)
			body := b.Body.String()
			workedOut(t, k, address, body)
			given[address] = append(given[address], givenAnswer{now, body})
			// The instant it was made: the earliest at which it could be.
			n := slices.IndexFunc(given[address], func(g givenAnswer) bool { return g.body == a.Body.String() })
			if a.Code != b.Code || n < 0 {
				t.Fatalf("seed %d: %s at %v: got %d and an answer that was never given, want %d:\n%s\n%s", seed, address, now, a.Code, b.Code, a.Body, body)
			}
			made := given[address][n].at
			if age := now.Time.Sub(made.Time); age < 0 || age >= replyAge {
				t.Fatalf("seed %d: %s at %v: got what was answered %v ago", seed, address, now, age)
			}
			for _, name := range []string{"Cache-Control", "Etag", "Vary", "Content-Type", "Access-Control-Allow-Origin", "Content-Language", "Content-Disposition"} {
				if got, want := a.Header().Values(name), b.Header().Values(name); !slices.Equal(got, want) && (name != "Etag" || made.Size == now.Size) {
					t.Fatalf("seed %d: %s at %v: %s is %q where it was kept, else %q", seed, address, now, name, got, want)
				}
			}
			if d := cmp.Diff(timeless(k, body), timeless(k, a.Body.String())); d != "" {
				t.Fatalf("seed %d: %s at %v: got what has changed since %v (-want +got):\n%s", seed, address, now, made, d)
			}
			switch was := last[address]; {
			case made != now && made.Size < now.Size:
				seen.older++
				fallthrough
			case made != now:
				seen.kept++
			case was != "" && timeless(k, was) != timeless(k, body):
				if earlier := given[address][len(given[address])-2].at; earlier.Size == now.Size && now.Time.Sub(earlier.Time) < replyAge {
					seen.itself++
				} else if now.Time.Sub(earlier.Time) < replyAge {
					seen.said++
				}
			}
			last[address] = body
		}
	}
	later := func(most int) { k.Clock.Set(k.Clock.Now().Add(time.Duration(1+random.IntN(most)) * time.Second)) }
	for range 16 {
		token := history.Next(t) // which sets the clock on by days
		later(3)
		ask()
		later(20)
		k.Registry.Append(t.Context(), token)
		ask()
		later(20)
		ask()
		if random.IntN(2) == 0 {
			_, turn := days(k.Clock.Now())
			if random.IntN(2) == 0 {
				turn = nextChange(t, anew, codes, k.Clock.Now())
			}
			k.Clock.Set(turn.Add(-time.Duration(random.IntN(20)) * time.Second))
			ask()
			later(20)
			ask()
			later(20)
			ask()
		}
	}
}

// workedOut checks an answer to a program against one of which nothing was kept: the
// verdict on facts that are folded anew, as encoding/json writes it.
func workedOut(t *testing.T, k *registrytest.Kit, address, body string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name, data := strings.CutPrefix(u.Path, "/api/v1/verify/")
	if !data {
		return
	}
	code, signed := strings.CutSuffix(name, ".jwt")
	f, err := k.Registry.Lookup(t.Context(), verify.Code(code))
	if err != nil {
		t.Fatal(err)
	}
	f = verify.Facts{Code: f.Code, Governance: f.Governance, Entries: f.Entries, Basis: f.Basis, Related: f.Related, Log: f.Log}
	v := verify.Judge(f, verify.Question{In: verify.Jurisdiction(u.Query().Get("in"))})
	if v.Product != nil {
		if v.Match, err = match.Covers(v.Product, "", u.Query().Get("gtin")); err != nil {
			t.Fatal(err)
		}
	}
	want, err := marshal(v)
	if signed {
		var e envelope.Envelope
		if e, err = envelope.OpenAs(envelope.Verdict, []byte(body)); err == nil {
			body, want = string(e.Payload), bundle.NewAnswer(v).Payload()
		}
	}
	if err != nil || body != string(want) {
		t.Fatalf("%s: got %s, %v, want %s", address, body, err, want)
	}
}

// timeless is an answer without what only says when it was made.
func timeless(k *registrytest.Kit, body string) string {
	if e, err := envelope.OpenAs(envelope.Verdict, []byte(body)); err == nil && e.Verify(k.Config.Answer.Key()) == nil {
		body = string(e.Payload)
	}
	for _, mark := range timed {
		body = mark.ReplaceAllString(body, "TIME")
	}
	return body
}

// timed is what in JSON and on pages only says when an answer was made: the
// question's instant and state of the log, the head, and where a drawing has the
// day that is asked about.
var timed = []*regexp.Regexp{
	regexp.MustCompile(`"question":\{[^}]*\}|"log":\{[^}]*\}|"iat":\d+`),
	regexp.MustCompile(`<p class="small">[^<]*|[0-9.]+%|<span class="asked"></span>[^<]*</dt><dd>[^<]*`),
	regexp.MustCompile(`<dt>(?:` + strings.Join([]string{words("log.size"), words("log.root"), words("log.time")}, "|") + `)</dt><dd>.*?</dd>`),
}

// words are those of a key in all languages, as an expression has them.
func words(key string) string {
	var all []string
	for _, lang := range i18n.Languages {
		all = append(all, regexp.QuoteMeta(lang.T(key)))
	}
	return strings.Join(all, "|")
}

// What is kept is bounded, and what is asked for again and again stays.
func TestRepliesBounded(t *testing.T) {
	k := newReplies()
	k.most = 1 << 20
	keep := func(q address, body []byte) {
		a := newReply(http.StatusOK, mediaText, body)
		a.address = q
		k.keep(a)
	}
	kept := func(q address) bool { _, ok := k.of(q); return ok }
	numbered := func(n int) address { return address{path: "/v/" + fmt.Sprint(n)} }
	body := make([]byte, 2<<10)
	often := address{path: "/v/often"}
	keep(often, body)
	for n := range 5000 {
		keep(numbered(n), body)
		if !kept(often) {
			t.Fatalf("what is asked for every time is gone after %d others", n)
		}
		held := 0
		for _, generation := range []map[address]*reply{k.young, k.old} {
			held += len(generation) * (replyWeight + 2*len(body))
		}
		if held > k.most {
			t.Fatalf("%d bytes are kept, more than %d", held, k.most)
		}
	}
	if !kept(numbered(4999)) || kept(numbered(0)) {
		t.Error("want the last one kept and the first one gone")
	}
	large := address{path: "/v/large"}
	if keep(large, make([]byte, 64<<10)); kept(large) {
		t.Error("one reply takes the place of very many")
	}
	k.most = 1 << 40
	for n := range 2 * repliesMost {
		keep(numbered(n), nil)
	}
	if n := len(k.young) + len(k.old); n > repliesMost {
		t.Errorf("%d are kept, more than %d", n, repliesMost)
	}
}

// What was kept is sent as it would be anew: to HEAD, to who has it, and in gzip to
// those, and only those, to whom the library sends it.
func TestRepliesManners(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC))
	keeps, anew := keepingUpTo(t, k.Registry, repliesBytes), keepingUpTo(t, k.Registry, 0)
	style := regexp.MustCompile(`/static/[^"]+\.css\?v=\w+`).FindString(visit(anew, "/").Body.String())
	scripts := regexp.MustCompile(`/static/scan-\w+/`).FindString(visit(anew, "/scan").Body.String())
	for _, path := range []string{"/v/" + string(ownLabel), "/V/" + string(ownLabel), "/api/v1/verify/" + string(ownLabel), "/api/v1/verify/" + string(ownLabel) + ".jwt",
		"/qr/" + string(ownLabel) + ".svg", "/qr/" + string(ownLabel) + ".png", "/qr/" + string(ownLabel) + "-signed.svg",
		style, scripts + "offline.js", scripts + "reader.js", scripts + "reader.css"} {
		first := visit(keeps, path)
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for _, header := range [][2]string{
				{"Accept-Encoding", ""}, {"Accept-Encoding", "gzip"}, {"Accept-Encoding", "br, GZIP ; q=0.5"}, {"Accept-Encoding", "gzip;q=0"}, {"Accept-Encoding", "gzip; Q=0.000"},
				{"Accept-Encoding", "*"}, {"Accept-Encoding", "identity, *;q=0.1"}, {"Accept-Encoding", "x-gzip"}, {"Accept-Encoding", "gzip;q=none"}, {"Accept-Encoding", ",gzip,"},
				{"If-None-Match", first.Header().Get("ETag")}, {"If-None-Match", `"another"`}, {"If-Modified-Since", "Fri, 22 May 2026 00:00:00 GMT"},
			} {
				r := httptest.NewRequest(method, path, nil)
				r.Header.Set(header[0], header[1])
				got, want := httptest.NewRecorder(), httptest.NewRecorder()
				keeps.ServeHTTP(got, r)
				anew.ServeHTTP(want, r)
				for _, w := range []*httptest.ResponseRecorder{got, want} {
					for _, name := range []string{"X-Request-Id", "Content-Length"} {
						w.Header().Del(name)
					}
				}
				if d := cmp.Diff(want.Header(), got.Header()); d != "" || got.Code != want.Code {
					t.Errorf("%s %s, %s %q: got %d, want %d (-want +got):\n%s", method, path, header[0], header[1], got.Code, want.Code, d)
				}
				if got, want := unpacked(t, got), unpacked(t, want); got != want && method == http.MethodGet {
					t.Errorf("%s, %s %q: got\n%s\nwant\n%s", path, header[0], header[1], got, want)
				}
			}
		}
	}
	if first, again := visit(keeps, style, "Accept-Encoding", "gzip"), visit(keeps, style, "Accept-Encoding", "gzip"); !bytes.Equal(first.Body.Bytes(), again.Body.Bytes()) || first.Header().Get("Content-Length") != fmt.Sprint(first.Body.Len()) {
		t.Error("what is packed once is not sent with its length, the same again")
	}
}

// unpacked is the body of an answer, of which gzip is undone.
func unpacked(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Header().Get("Content-Encoding") != "gzip" {
		return w.Body.String()
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What is given again is counted where it was answered first.
func TestRepliesCounted(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC))
	m := metrics.New()
	h, err := NewHandler(Config{Registry: k.Registry, URL: "https://labels.example", Metrics: m, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		visit(h, "/v/"+string(ownLabel))
	}
	told := visit(m.Handler(slog.New(slog.DiscardHandler)), "/metrics").Body.String()
	if line := regexp.MustCompile(`(?m)^tegata_http_requests_total\{.*route="/v/:code".*\} 3$`); !line.MatchString(told) {
		t.Errorf("got no three requests of /v/:code:\n%s", regexp.MustCompile(`(?m)^tegata_http_requests.*$`).FindAllString(told, -1))
	}
}

// The description is long, and packed once for all who ask for it.
func TestDescriptionPackedOnce(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	s, h := siteOf(t, k.Registry)
	var sent [3]string
	for i := range sent {
		sent[i] = from(h, "192.0.2.77:40000", "/openapi.json", "Accept-Encoding", "gzip").Body.String()
	}
	kept, _ := s.replies.of(address{path: "/openapi.json"})
	if kept == nil || string(kept.packed) != sent[1] || sent[1] != sent[2] || len(sent[1]) > len(s.described.JSON)/4 {
		t.Errorf("got %d, %d and %d bytes of %d", len(sent[0]), len(sent[1]), len(sent[2]), len(s.described.JSON))
	}
}

// TestStill: pages that tell nothing of the log are kept, and given again with the
// same bytes and header in each language.
func TestStill(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	s, h := siteOf(t, k.Registry)
	for _, path := range []string{"/about", "/docs", "/scan", "/check"} {
		for _, lang := range i18n.Languages {
			first := visit(h, path, "Accept-Language", string(lang))
			if _, kept := s.replies.of(address{path: path, lang: string(lang)}); !kept {
				t.Errorf("%s in %s is not kept", path, lang)
			}
			again := visit(h, path, "Accept-Language", string(lang))
			for _, w := range []*httptest.ResponseRecorder{first, again} { // their requests' own, and what net/http adds
				w.Header().Del("X-Request-Id")
				w.Header().Del("Content-Length")
			}
			if first.Body.String() != again.Body.String() || !maps.EqualFunc(first.Header(), again.Header(), slices.Equal) {
				t.Errorf("%s in %s: got\n%v\nand then\n%v", path, lang, first.Header(), again.Header())
			}
		}
	}
}
