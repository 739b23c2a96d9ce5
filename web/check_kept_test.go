package web

import (
	"bytes"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
)

// checkSite is a site with nothing in its registry but its beginning.
func checkSite(t *testing.T) (*site, http.Handler) {
	t.Helper()
	k := registrytest.New(t)
	k.Begin(t)
	s, err := newSite(Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.routes()
	if err != nil {
		t.Fatal(err)
	}
	return s, s.observed(g)
}

// sendForm sends a list in the form of the page.
func sendForm(t *testing.T, h http.Handler, list string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "list.csv")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(part, list)
	w.WriteField("in", "GB")
	w.Close()
	r := httptest.NewRequest(http.MethodPost, "/check", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer
}

// TestCheckLimits: what is too large, too long or too much at once is told, and
// what was held for it is held no more.
func TestCheckLimits(t *testing.T) {
	s, h := checkSite(t)
	whole := func() int {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/verify?whole=1", strings.NewReader("code\n000000000012\n"))
		r.Header.Set("Content-Type", mediaCSV)
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		return answer.Code
	}
	want := func(what string, got, wanted int) {
		t.Helper()
		if got != wanted {
			t.Errorf("%s: got %d, want %d", what, got, wanted)
		}
		if n := s.held.Load(); n != 0 && n != holdAll {
			t.Errorf("%s: %d bytes are still held", what, n)
		}
	}
	short := "code\n000000000012\n"
	want("a short list", sendForm(t, h, short).Code, http.StatusSeeOther)
	want("a short list, whole", whole(), http.StatusOK)
	want("a list that is too large", sendForm(t, h, "code\n"+strings.Repeat("x", listMost)).Code, http.StatusRequestEntityTooLarge)
	want("a list that is too long", sendForm(t, h, "code\n"+strings.Repeat("x\n", listRows)).Code, http.StatusRequestEntityTooLarge)

	for range listsAtOnce {
		s.lists <- struct{}{}
	}
	answer := sendForm(t, h, short)
	want("one more than are answered at once", answer.Code, http.StatusServiceUnavailable)
	if answer.Header().Get("Retry-After") == "" || !strings.Contains(answer.Body.String(), "<h1>Busy at the moment</h1>") {
		t.Errorf("got %v\n%s", answer.Header(), answer.Body)
	}
	for range listsAtOnce {
		<-s.lists
	}
	s.held.Store(holdAll)
	want("more than may be held", sendForm(t, h, short).Code, http.StatusServiceUnavailable)
	want("more than may be held, whole", whole(), http.StatusServiceUnavailable)
	s.held.Store(0)
	want("a short list afterwards", sendForm(t, h, short).Code, http.StatusSeeOther)
}

// TestAnswersKept: answers are kept until their time is over, and as many as there
// is room for; the oldest go first.
func TestAnswersKept(t *testing.T) {
	var k answers
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	keep := func(digest string, size int, at time.Time) {
		k.keep(digest, &answered{data: make([]byte, size), head: verify.Log{Time: at}, until: at.Add(keptMinutes * time.Minute)})
	}
	want := func(at time.Time, kept string) {
		t.Helper()
		var got []string
		for _, digest := range strings.Fields("a b c d") {
			if _, ok := k.of(digest, at); ok {
				got = append(got, digest)
			}
		}
		if strings.Join(got, " ") != kept {
			t.Errorf("got %v, want %s", got, kept)
		}
	}
	keep("a", keptMost/2, now)
	keep("b", keptMost/4, now)
	keep("b", keptMost/4, now) // the same again
	want(now, "a b")
	keep("c", keptMost/2, now.Add(time.Minute))
	want(now.Add(time.Minute), "b c")
	want(now.Add(keptMinutes*time.Minute), "c")
	keep("d", 1, now.Add(keptMinutes*time.Minute+time.Second))
	want(now, "c d") // b is gone, not only past
	if k.bytes != keptMost/2+1 || len(k.kept) != 2 {
		t.Errorf("got %d bytes of %d answers", k.bytes, len(k.kept))
	}
}

// TestStem: the name of a file is one that every system takes, and shows as it is.
func TestStem(t *testing.T) {
	for name, want := range map[string]string{
		"stock.csv": "stock", "在庫 一覧.tsv": "在庫 一覧", "": "list", ".csv": "list", "a\r\nSet-Cookie: x\".csv": "aSet-Cookie x",
		"gnp.\u202ecsv.exe": "gnp.csv", "=cmd|x": "=cmdx", strings.Repeat("長", 300) + ".csv": strings.Repeat("長", stemMost),
	} {
		if got := (&answered{name: name}).stem(); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
