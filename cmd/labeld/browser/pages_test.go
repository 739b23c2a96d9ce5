package browser

import (
	"encoding/json"
	"strings"
	"testing"

	"tegata/cmd/labeld/demo"
	"tegata/registry/registrytest"
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
	registrytest.Indexed(t, r)
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
	registrytest.Indexed(t, r)
	given, err := json.Marshal(map[string]string{"code": string(demo.Router), "printed": demo.Router.Printed(), "model": "wx 110n", "other": "WX-999", "name": "青葉", "dir": t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	browse(t, "testdata/flows.mjs", given, address)
}
