package web

import (
	"net/http"
	"strings"
	"testing"

	"tegata/web/openapi"
)

// TestDocs: the page shows every operation and every schema at an address of its
// own, in both languages, with its commands, and loads nothing but the style.
func TestDocs(t *testing.T) {
	h := served(t)
	d := openapi.New("https://labels.example")
	for _, lang := range []string{"en", "ja"} {
		w := visit(h, "/docs?lang="+lang)
		page := w.Body.String()
		if w.Code != http.StatusOK || strings.Contains(page, "<script") {
			t.Fatalf("%s: got %d", lang, w.Code)
		}
		for _, o := range d.Operations {
			for _, want := range []string{`<h3 id="` + o.ID + `">`, "<code>" + o.Method + " " + o.Path + "</code>"} {
				if !strings.Contains(page, want) {
					t.Errorf("%s: it has no %s", lang, want)
				}
			}
		}
		for _, s := range d.Schemas() {
			if !strings.Contains(page, `<h3 id="schema-`+s.Name+`">`) {
				t.Errorf("%s: it does not show %s", lang, s.Name)
			}
		}
		if n := strings.Count(page, `<p class="command"><code>curl `); n < len(d.Operations) {
			t.Errorf("%s: got %d commands for %d operations", lang, n, len(d.Operations))
		}
	}
}

func TestProse(t *testing.T) {
	for text, want := range map[string]string{
		"a `b` **c** d": "a |`b`| |*c*| d", "`a`": "`a`", "": "", "**A.** b": "*A.*| b",
	} {
		var got []string
		for _, s := range newProse(text) {
			switch {
			case s.Code != "":
				got = append(got, "`"+s.Code+"`")
			case s.Strong != "":
				got = append(got, "*"+s.Strong+"*")
			default:
				got = append(got, s.Word)
			}
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
