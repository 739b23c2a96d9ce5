package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tegata/cmd/labeld/demo"
	"tegata/cmd/labeld/folder"
	"tegata/registry"
	"tegata/verify"
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
	address, r := demoServer(t)
	var pages []browserPage
	for _, code := range demoCodes(t, r) {
		for _, path := range []string{"/v/" + string(code), "/v/" + string(code) + "?in=GB-NIR&lang=ja", "/records/" + string(code)} {
			pages = append(pages, browserPage{Path: path})
		}
	}
	for _, p := range demo.Tour {
		pages = append(pages,
			browserPage{Path: "/v/" + string(p.Code) + "?lang=en", Width: 360, Lang: "en", Open: true},
			browserPage{Path: "/v/" + string(p.Code) + "?lang=ja", Width: 1280, Lang: "ja", Open: true, Print: true})
	}
	for _, path := range []string{"/", "/?q=nothing", "/?q=Aoba%20Networks%20K.K.", "/v/" + string(demo.Router) + "?model=WX-10&gtin=4912345678904",
		"/v/" + string(demo.Router) + "?in=JP", "/v/" + string(demo.Router) + "?known=5", "/V/" + string(demo.Router), "/v/7K3M", "/v/" + string(demo.Router) + "?at=never",
		"/01/4900000001006", "/01/4900000901009", "/01/04900000001006/10/A%2F1/21/7?in=GB-NIR", "/01/04006381333931", "/01/04006381333932/foo",
		"/records/" + string(demo.Code("minato corrected")), "/records/" + string(demo.Code("thames cam")), "/records/000000000012", "/artwork/" + string(demo.Router), "/artwork/" + string(demo.Router) + "?size=9&level=H&words=ja", "/artwork/" + string(demo.Code("minato indoor")), "/law", "/log", "/about", "/docs", "/nothing",
		"/application/" + string(demo.Code("severn gone")), "/application/" + string(demo.Code("severn withheld")), "/report?from=2026-01-01&to=2025-01-01", "/application/" + string(demo.Router),
		"/whatif/" + string(demo.Router), "/whatif/" + string(demo.Router) + "?extend=2028-05-01&made=2028-04-01", "/whatif/" + string(demo.Router) + "?status=gone&from=x"} {
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
	for _, lang := range []string{"en", "ja"} {
		for _, width := range []int{360, 1280} {
			pages = append(pages, browserPage{Path: "/application/" + string(demo.Code("thames cam")) + "?lang=" + lang, Width: width, Lang: lang, Open: true, Print: true},
				browserPage{Path: "/report?lang=" + lang, Width: width, Lang: lang, Open: true, Print: true})
		}
	}
	for _, path := range []string{string(demo.Code("minato indoor")) + "?from_at=2026-01-05&from_known=2026-02-28", string(demo.Code("aoba mesh")) + "?in=GB-NIR&known=9&at=2030-01-01",
		string(demo.Code("thames label")) + "?in=JP", string(demo.Code("pennine plug")) + "?from_at=2026-01-05", "000000000012?from_at=2026-01-05"} {
		for _, lang := range []string{"en", "ja"} {
			for _, width := range []int{360, 1280} {
				pages = append(pages, browserPage{Path: "/records/" + path + "&lang=" + lang, Width: width, Lang: lang, Open: true, Print: width == 1280})
			}
		}
	}
	indexed(t, r)
	list, err := json.Marshal(pages)
	if err != nil {
		t.Fatal(err)
	}
	browse(t, "testdata/browser.mjs", list, address)
}

// TestFlows does in Chromium what people do, in both languages, on a phone and
// on a desk, with scripts and without: they look a code up by keyboard alone,
// ask whether the product in hand is covered, change the language, search by two
// characters, and print the answer.
func TestFlows(t *testing.T) {
	address, r := demoServer(t)
	indexed(t, r)
	given, err := json.Marshal(map[string]string{"code": string(demo.Router), "printed": demo.Router.Printed(), "model": "wx 110n", "other": "WX-999", "name": "青葉", "dir": t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	browse(t, "testdata/flows.mjs", given, address)
}

// demoServer serves the demo's registry.
func demoServer(t *testing.T) (string, *registry.Registry) {
	t.Helper()
	for _, tool := range []string{"chromium", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%v: run: make tools", err)
		}
	}
	r, err := demo.New(t.Context(), folder.Folder(t.TempDir()), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	h, err := web.NewHandler(web.Config{Registry: r, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL, r
}

// demoCodes lists the codes of the demo's records.
func demoCodes(t *testing.T, r *registry.Registry) []verify.Code {
	t.Helper()
	codes, err := r.Codes(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

// browse runs a program that opens pages. It prints a line for each thing that
// is wrong, and done.
func browse(t *testing.T, program string, given []byte, args ...string) {
	t.Helper()
	cmd := exec.Command("node", append([]string{program}, args...)...)
	cmd.Stdin = bytes.NewReader(given)
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
