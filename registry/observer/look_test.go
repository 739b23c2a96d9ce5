package observer

import (
	"fmt"
	"net/http"
	"testing"

	"tegata/verify"
)

// TestLookAt: of an address that nobody has declared, a login and a wall are no
// document to declare; whatever else is there is. It is not looked at where a host
// asks for that, there or where it sends to.
func TestLookAt(t *testing.T) {
	w := newTestWeb(t)
	site := w.serve("maker.example", nil, func(out http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			fmt.Fprint(out, "User-agent: *\nDisallow: /account/\nDisallow: /store/\n")
		case "/private":
			http.Redirect(out, r, "/store/soc", http.StatusFound)
		case "/member":
			http.Redirect(out, r, "/account/login", http.StatusFound)
		case "/wall":
			http.Redirect(out, r, "/cookie-consent/?back=1", http.StatusFound)
		case "/password":
			out.Header().Set("Content-Type", "text/html")
			fmt.Fprint(out, "<input type=password>")
		case "/soc.pdf", "/cookie-consent/", "/page", "/login/soc", "/login/soc/2":
			if r.URL.Path == "/login/soc" {
				http.Redirect(out, r, "/login/soc/2", http.StatusFound)
			}
			out.Header().Set("Content-Type", "text/html")
			fmt.Fprint(out, "<h1>Sorry</h1>")
		default:
			http.NotFound(out, r)
		}
	})
	o, err := New(Config{Reach: w.reach, URL: "https://labels.example"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]seenAs{
		"/wall": {gone, verify.GoneByLogin, 200}, "/password": {gone, verify.GoneByLogin, 200}, "/soc.pdf": {gone, verify.GoneByMedia, 200},
		"/page": {open, "", 200}, "/login/soc": {open, "", 200}, "/none": {gone, verify.GoneByStatus, 404},
		"/private": {}, "/member": {gone, verify.GoneByLogin, 0},
	} {
		got := o.LookAt(t.Context(), site+path).Found
		if (seenAs{got.Seen, got.Reason, got.HTTPStatus}) != want || (got.Seen == open) != (got.SHA256 != "") {
			t.Errorf("%s: got %+v, want %+v", path, got, want)
		}
	}
}

// TestFindingOfAnotherType: a document that was declared with its type is open as
// that type only, and as any where none was declared or none is said.
func TestFindingOfAnotherType(t *testing.T) {
	for _, c := range []struct {
		declared, served string
		want             verify.Seen
	}{{mediaPDF, mediaPDF, open}, {mediaPDF, mediaHTML, gone}, {mediaPDF, "", open}, {"", mediaHTML, open}, {mediaHTML, mediaXHTML, open}} {
		v := asDeclared
		v.Media = c.served
		got, _ := v.Finding(verify.Link{Translation: verify.Translation{URL: makerURL, SHA256: v.SHA256, Media: c.declared}}, nil)
		if got.Seen != c.want {
			t.Errorf("declared as %q, served as %q: got %s, want %s", c.declared, c.served, got.Seen, c.want)
		}
	}
}
