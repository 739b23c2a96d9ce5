package web

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/match"
)

// TestSearchPages: where verdicts decide what is shown, a page looks through so
// many records and no more, and the next goes on from there: every record is
// shown once, in the order of the search.
func TestSearchPages(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	const n = 620
	var all sync.WaitGroup
	tokens := make(chan []byte)
	for range 64 {
		all.Go(func() {
			for token := range tokens {
				if _, err := k.Registry.Append(context.Background(), token); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range int64(n) {
		tokens <- k.Say(t, verify.LabelIssued, registrytest.Code(i), func(m map[string]any) {
			product := m["label"].(map[string]any)["product"].(map[string]any)
			product["models"] = []any{map[string]any{"model": fmt.Sprint("M-", i)}}
		})
	}
	close(tokens)
	all.Wait()
	k.Indexed(t)
	h, err := NewHandler(Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	get := func(values url.Values) (page recordsBody) {
		t.Helper()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/records?"+values.Encode(), nil))
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 {
			t.Fatalf("%v: got %d %s", values, w.Code, w.Body)
		}
		return page
	}
	for _, test := range []struct {
		name  string
		query url.Values
		want  int   // records in all
		pages []int // how many of them stand on the first pages
	}{
		{"all", url.Values{"limit": {"100"}}, n, []int{100, 100, 100, 100, 100, 100, 20}},
		{"words", url.Values{"q": {"ルーター"}, "limit": {"100"}}, n, []int{100, 100}},
		{"judged", url.Values{"status": {"valid"}, "limit": {"70"}}, n, []int{70, 70, 70}},
		{"judged, words", url.Values{"status": {"valid"}, "q": {"m-61"}}, 11, []int{11}},
		{"none of many", url.Values{"status": {"revoked"}}, 0, []int{0, 0}},
		{"none of many by words", url.Values{"status": {"revoked"}, "q": {"home"}}, 0, []int{0, 0}},
		{"none", url.Values{"q": {"nowhere"}}, 0, []int{0}},
	} {
		seen := map[verify.Code]bool{}
		for i := 0; ; i++ {
			page := get(test.query)
			if i < len(test.pages) && len(page.Items) != test.pages[i] {
				t.Errorf("%s: page %d: got %d records, want %d", test.name, i, len(page.Items), test.pages[i])
			}
			if page.Looked > lookThrough {
				t.Errorf("%s: page %d: %d records were looked through", test.name, i, page.Looked)
			}
			for _, item := range page.Items {
				if seen[item.Code] {
					t.Errorf("%s: %s is shown twice", test.name, item.Code)
				}
				seen[item.Code] = true
			}
			if page.Next == "" {
				if i+1 < len(test.pages) {
					t.Errorf("%s: got %d pages, want %d at least", test.name, i+1, len(test.pages))
				}
				break
			}
			test.query.Set("after", page.Next)
		}
		if len(seen) != test.want {
			t.Errorf("%s: got %d records, want %d", test.name, len(seen), test.want)
		}
	}
}

// FuzzParseWanted: a search is read or every fault in it is named; what is read
// can be searched for.
func FuzzParseWanted(f *testing.F) {
	f.Add("q=%E3%82%AB%E3%83%A1&scheme=psti&status=valid&holder=aoba&category=&in=JP&outcome=home&lapsing=30&limit=7&after=1-2")
	f.Add("q=x&q=y&lapsing=&limit=0")
	f.Add("q=%00&in=%zz&limit=%2B1")
	f.Fuzz(func(t *testing.T, text string) {
		w, p := parseWanted(asking(text))
		if p != nil {
			if len(p.faults) == 0 {
				t.Errorf("%q: refused without a fault", text)
			}
			return
		}
		for _, s := range []string{w.Text, w.Holder, w.Category} {
			if _, err := match.Words(s); err != nil || len(s) > textMost {
				t.Errorf("%q: read %q: %v", text, s, err)
			}
		}
		if w.Limit < 1 || w.Limit > limitMost || w.lapsing < 0 || w.lapsing > 90 {
			t.Errorf("%q: read as %+v", text, w)
		}
	})
}
