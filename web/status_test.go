package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
	"tegata/web"
)

// The list that is served is the registry's own word, of its own address, about
// the place a label was given; and no byte of it can be changed unnoticed.
func TestServedStatusList(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	code := registrytest.Code(1)
	place := k.Append(t, k.Say(t, verify.LabelIssued, code, nil)).Status
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example/"})
	if err != nil {
		t.Fatal(err)
	}
	var tag string
	ask := func(query string) []byte {
		t.Helper()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/status/0"+query, nil))
		tag = w.Header().Get("ETag")
		if w.Code != http.StatusOK {
			t.Fatalf("got %d: %s", w.Code, w.Body)
		}
		return w.Body.Bytes()
	}
	open := func(token []byte) (status.List, error) {
		e, err := envelope.OpenAs(envelope.StatusList, token)
		if err == nil {
			err = e.Verify(k.Registry.Answer().Key())
		}
		if err != nil {
			return status.List{}, err
		}
		return status.ParseList(e.Payload)
	}
	list := func() status.List {
		t.Helper()
		l, err := open(ask(""))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}

	if got := list().At(place); got != status.Valid {
		t.Errorf("issued: got %d", got)
	}
	was, first, firstTag := k.Clock.Now(), ask(""), tag
	k.Clock.Set(was.Add(time.Second))
	k.Append(t, k.Say(t, verify.LabelStatus, code, func(m map[string]any) { m["status"], m["from"] = "revoked", "2026-06-01" }))
	l := list()
	if got := l.At(place); got != status.Invalid {
		t.Errorf("revoked: got %d", got)
	}
	if l.Issuer != registrytest.Origin || l.Sub != "https://labels.example/status/0" || !l.Issued.Equal(k.Clock.Now()) {
		t.Errorf("got %s %s of %s", l.Issuer, l.Sub, l.Issued)
	}

	// The list of a second is one list, whenever it is asked for.
	token := ask("")
	if again := ask(fmt.Sprintf("?time=%d", was.Unix())); string(again) != string(first) || tag != firstTag {
		t.Errorf("the list of %s is another now", was)
	}
	if string(token) == string(first) || string(token) != string(ask("")) || tag == firstTag {
		t.Errorf("two lists of %s, or one of two seconds", k.Clock.Now())
	}
	for i := range token {
		for bit := range 8 {
			changed := slices.Clone(token)
			changed[i] ^= 1 << bit
			if _, err := open(changed); err == nil {
				t.Fatalf("byte %d, bit %d: taken", i, bit)
			}
		}
	}
}

// A list is not kept past the beginning of a day, when what it says may change by
// itself.
func TestListNotKeptPastDay(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(1), nil))
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ at, want string }{
		{"2026-06-30T14:54:59Z", "public, max-age=300"},
		{"2026-06-30T14:59:00Z", "public, max-age=60"}, // Tokyo
		{"2026-06-30T15:00:00Z", "public, max-age=300"},
		{"2026-06-30T22:59:59Z", "public, max-age=1"}, // London, in summer
	} {
		now, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		k.Clock.Set(now)
		for _, path := range []string{"/status/0", "/status/0/revocation"} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if got := w.Header().Get("Cache-Control"); w.Code != http.StatusOK || got != test.want {
				t.Errorf("%s at %s: got %d, %q, want %q", path, test.at, w.Code, got, test.want)
			}
		}
	}
}
