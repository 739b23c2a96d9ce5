package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tegata/registry"
	"tegata/web"
)

// A browserPage is a page that Chromium opens.
type browserPage struct {
	Path  string `json:"path"`
	Width int    `json:"width"`
	Lang  string `json:"lang"`
	Open  bool   `json:"open"`
	Print bool   `json:"print"`
}

// TestPages validates the page of every record of the demo, and opens in
// Chromium those that the demo names, in both languages, on a phone and on a
// desk, and what is answered where there is no record.
func TestPages(t *testing.T) {
	for _, tool := range []string{"chromium", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%v: run: make tools", err)
		}
	}
	r, err := newDemo(context.Background(), folder(t.TempDir()), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h, err := web.NewHandler(web.Config{Registry: r, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()

	var pages []browserPage
	for code := range demoCodes(t, r) {
		for _, path := range []string{"/v/" + string(code), "/v/" + string(code) + "?in=GB-NIR&lang=ja", "/records/" + string(code)} {
			pages = append(pages, browserPage{Path: path})
		}
	}
	for _, p := range demoTour {
		pages = append(pages,
			browserPage{Path: "/v/" + string(p.code) + "?lang=en", Width: 360, Lang: "en", Open: true},
			browserPage{Path: "/v/" + string(p.code) + "?lang=ja", Width: 1280, Lang: "ja", Open: true, Print: true})
	}
	for _, path := range []string{"/", "/?q=nothing", "/?q=Aoba%20Networks%20K.K.", "/v/" + string(demoRouter) + "?model=WX-10&gtin=4912345678904",
		"/v/" + string(demoRouter) + "?in=JP", "/v/" + string(demoRouter) + "?known=5", "/V/" + string(demoRouter), "/v/7K3M", "/v/" + string(demoRouter) + "?at=never",
		"/records/" + string(demoCode("minato corrected")), "/records/" + string(demoCode("thames cam")), "/records/000000000012", "/artwork/" + string(demoRouter), "/artwork/" + string(demoRouter) + "?size=9&level=H&words=ja", "/artwork/" + string(demoCode("minato indoor")), "/law", "/log", "/nothing"} {
		for _, lang := range []string{"en", "ja"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			pages = append(pages, browserPage{Path: path + sep + "lang=" + lang, Width: 360, Lang: lang, Open: lang == "ja"})
		}
	}
	for _, path := range []string{"/search?q=", "/search?q=カメラ", "/search?q=router&holder=aoba&status=valid&in=GB", "/search?q=鍵&lapsing=31", "/search?q=nothing+here", "/search?q=&after=1-30"} {
		for _, lang := range []string{"en", "ja"} {
			for _, width := range []int{360, 1280} {
				pages = append(pages, browserPage{Path: path + "&lang=" + lang, Width: width, Lang: lang, Open: true, Print: width == 360})
			}
		}
	}
	indexed(t, r)
	list, err := json.Marshal(pages)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "testdata/browser.mjs", server.URL)
	cmd.Stdin = bytes.NewReader(list)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range lines[:len(lines)-1] {
		t.Error(line)
	}
	if last := lines[len(lines)-1]; last != "done" {
		t.Errorf("it ended with %q", last)
	}
}

// indexed waits until all that was entered can be searched for.
func indexed(t *testing.T, r *registry.Registry) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		page, err := r.Search(t.Context(), registry.SearchQuery{Limit: 1})
		if err == nil && page.Size == r.Head().Size {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %d entries can be searched for, %v", page.Size, r.Head().Size, err)
		}
	}
}
