package web_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/status"
	"tegata/web"
)

// TestSignedQR asks for the signed symbol of labels and declarations, reads the
// picture, and opens the token in it with the registry's own key.
func TestSignedQR(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(name string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/qr/"+name, nil))
		return w
	}
	// token reads the symbol of a code.
	token := func(code verify.Code) status.Token {
		t.Helper()
		w := ask(string(code) + "-signed.png")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" || strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Fatalf("%s: got %d %s %s, want a PNG that may change", code, w.Code, w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"))
		}
		img, err := png.Decode(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
		if err != nil {
			t.Fatal(err)
		}
		read, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
		if err != nil {
			t.Fatal(err)
		}
		address, sealed, _ := strings.Cut(read.GetText(), "#")
		if want := "HTTPS://LABELS.EXAMPLE/V/" + string(code); address != want || len(read.GetText()) > 255 {
			t.Fatalf("got %d characters, %s, want %s", len(read.GetText()), address, want)
		}
		got, err := status.OpenToken([]byte(sealed), k.Registry.Answer().Key())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	place := func(index int64) int64 {
		r, err := k.Registry.Receipt(index)
		if err != nil {
			t.Fatal(err)
		}
		return r.Status
	}
	say := func(kind verify.Kind, code verify.Code, change func(map[string]any)) int64 {
		k.Clock.Set(k.Clock.Now().Add(time.Minute))
		return k.Append(t, k.Say(t, kind, code, change)).Index
	}
	day := func(days int) string { return k.Clock.Now().AddDate(0, 0, days).Format(time.DateOnly) }

	label, declaration := registrytest.Code(1), registrytest.Code(2)
	index := say(verify.LabelIssued, label, func(m map[string]any) {
		m["label"].(map[string]any)["issued"], m["label"].(map[string]any)["expires"] = "2026-06-01", "2028-03-31"
	})
	want := status.Token{Code: label, Number: "N-" + string(label), Expires: verify.Date{Year: 2028, Month: 3, Day: 31}, Status: place(index), By: "ipa"}
	if got := token(label); got != want {
		t.Errorf("label: got %+v, want %+v", got, want)
	}
	index = say(verify.DeclarationPublished, declaration, nil)
	f := token(declaration)
	if f.Number != "" || f.Scheme() != verify.PSTI || f.Status != place(index) || f.By == "ipa" || f.Expires.IsZero() {
		t.Errorf("declaration: got %+v, want no number, place %d and the maker", f, place(index))
	}

	// Extended, it is another token: what may be kept must be asked for again.
	say(verify.LabelExtended, label, func(m map[string]any) { m["expires"] = "2029-03-31" })
	want.Expires.Year = 2029
	if got := token(label); got != want {
		t.Errorf("extended: got %+v, want %+v", got, want)
	}
	// What is out of force for now may come back.
	say(verify.LabelStatus, label, func(m map[string]any) { m["status"], m["from"] = "suspended", day(0) })
	if got := token(label); got != want {
		t.Errorf("suspended: got %+v, want %+v", got, want)
	}

	refused := func(name, file string, status int, code string) {
		t.Helper()
		w := ask(file)
		var p struct{ Code, Reason string }
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != status || p.Code != code {
			t.Errorf("%s: got %d %s, want %d %s", name, w.Code, w.Body, status, code)
		}
	}
	final := registrytest.Code(3)
	say(verify.LabelIssued, final, func(m map[string]any) {
		m["label"].(map[string]any)["issued"], m["label"].(map[string]any)["expires"] = "2026-06-01", "2026-06-20"
	})
	token(final)
	k.Clock.Set(time.Date(2026, 6, 20, 15, 0, 0, 0, time.UTC)) // the first instant after that day in Japan
	refused("expired", string(final)+"-signed.svg", http.StatusConflict, "no_signed_code")
	for i, s := range []string{"revoked", "withdrawn", "lapsed"} {
		code := registrytest.Code(int64(10 + i))
		say(verify.LabelIssued, code, func(m map[string]any) {
			m["label"].(map[string]any)["issued"], m["label"].(map[string]any)["expires"] = "2026-06-01", "2028-03-31"
		})
		token(code)
		say(verify.LabelStatus, code, func(m map[string]any) { m["status"], m["from"] = s, day(-1) })
		refused(s, string(code)+"-signed.png", http.StatusConflict, "no_signed_code")
		if w := ask(string(code) + ".png"); w.Code != http.StatusOK {
			t.Errorf("%s, plain: got %d, want it", s, w.Code)
		}
	}
	refused("not here", string(registrytest.Code(99))+"-signed.svg", http.StatusNotFound, "not_found")
	refused("no code", "7K3MQ2ZT9XWF-signed.svg", http.StatusBadRequest, "malformed_code")
	refused("no form", string(label)+"-signed.gif", http.StatusNotFound, "not_found")
	if w := ask(string(label) + "-signed.svg"); w.Code != http.StatusOK || !bytes.HasPrefix(w.Body.Bytes(), []byte("<svg")) {
		t.Errorf("SVG: got %d %.40s", w.Code, w.Body)
	}

	// On a host that is too long for a token there is none, and it says how much.
	long, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://" + strings.Repeat("labels.", 12) + "example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	h = long
	refused("long host", string(label)+"-signed.svg", http.StatusConflict, "no_signed_code")
	if w := ask(string(label) + "-signed.svg"); !strings.Contains(w.Body.String(), "more than 255") {
		t.Errorf("long host: got %s, want the number of characters", w.Body)
	}
}

// TestScanHeaders holds that only /scan and its worker may do more than the other
// pages, and that its files may be kept forever under the address that changes
// with them.
func TestScanHeaders(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	page := ask("/scan")
	_, after, _ := strings.Cut(page.Body.String(), `<script type="module" src="`)
	folder, _, ok := strings.Cut(after, "/scan.js")
	if !ok || !strings.HasPrefix(folder, "/static/scan-") {
		t.Fatalf("/scan: got no script, %d", page.Code)
	}
	policy := func(w *httptest.ResponseRecorder) string { return w.Header().Get("Content-Security-Policy") }
	if p := policy(page); !strings.Contains(p, "script-src 'self';") || strings.Contains(p, "unsafe") || !strings.Contains(page.Header().Get("Permissions-Policy"), "camera=(self)") {
		t.Errorf("/scan: got %s and %s", p, page.Header().Get("Permissions-Policy"))
	}
	for _, path := range []string{"/", "/law", "/search?q=" + strings.Repeat("x", 2000)} {
		w := ask(path)
		if strings.Contains(policy(w), "script-src") || strings.Contains(w.Body.String(), "<script") || !strings.Contains(w.Header().Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: got %s and %s, want no scripts and no camera", path, policy(w), w.Header().Get("Permissions-Policy"))
		}
	}
	for _, path := range []string{"/static/style.css", "/scanner", "/api/v1/rules"} {
		if w := ask(path); policy(w) != "default-src 'none'; frame-ancestors 'none'" {
			t.Errorf("%s: got %s, want nothing that a document may do", path, policy(w))
		}
	}
	for name, media := range map[string]string{
		"scan.js": "text/javascript; charset=utf-8", "code.js": "text/javascript; charset=utf-8", "reader.js": "text/javascript; charset=utf-8",
		"zxing_reader.js": "text/javascript; charset=utf-8", "zxing_reader.wasm": "application/wasm", "zxing_license.txt": "text/plain; charset=utf-8",
	} {
		w := ask(folder + "/" + name)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != media || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: got %d %s %s", name, w.Code, w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"))
		}
		if got := strings.Contains(policy(w), "wasm-unsafe-eval"); got != (name == "reader.js") {
			t.Errorf("%s: got %s", name, policy(w))
		}
		if again := ask(folder + "/" + name); policy(again) != policy(w) {
			t.Errorf("%s: got %s when it was kept, and %s before", name, policy(again), policy(w))
		}
	}
	for _, path := range []string{folder + "/other.js", folder + "/../style.css", "/static/scan-000000000000/scan.js", "/static/style.css/scan.js"} {
		if w := ask(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d, want nothing", path, w.Code)
		}
	}
}
