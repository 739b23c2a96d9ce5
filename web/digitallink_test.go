package web

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestParseDigitalLink(t *testing.T) {
	for _, test := range []struct{ path, want string }{
		{"/01/04912345678904", "/01/04912345678904"},
		{"/01/4912345678904/", "/01/04912345678904"},
		{"/01/96385074", "/01/00000096385074"},
		{"/01/614141999996", "/01/00614141999996"},
		{"/01/14912345678901/22/2A/10/A%2fB/21/%22", "/01/14912345678901/22/2A/10/A%2FB/21/%22"},
		{"/01/04912345678904/235/TP%25X", "/01/04912345678904/235/TP%25X"},
	} {
		if d, p := parseDigitalLink(test.path); p != nil || d.path() != test.path && d.path() != test.want {
			t.Errorf("%s: got %s, %v, want %s", test.path, d.path(), p, test.want)
		}
	}
	for _, test := range []struct{ path, fields string }{
		{"/01/04912345678905", "gtin"},
		{"/01/", "gtin"},
		{"/01/ 4912345678904", "gtin"},
		{"/01/04912345678904/10", "path"},
		{"/01/04912345678904/10/", "path"},
		{"/01/04912345678904/10/1//", "path"},
		{"/01/04912345678904/10/1/10/2", "path"},
		{"/01/04912345678904/21/1/235/2", "path"},
		{"/01/04912345678904/17/261231", "path"},
		{"/01/04912345678904/10/%", "path"},
		{"/01/04912345678904/10/" + strings.Repeat("1", 21), "path"},
		{"/01/0491234567890/99/x/98/y", "gtin path path"},
		{"/01/0491234567890" + strings.Repeat("/99/x", 4000), "gtin path"},
	} {
		_, p := parseDigitalLink(test.path)
		var fields []string
		if p != nil {
			for _, f := range p.faults {
				fields = append(fields, f.Field)
			}
		}
		if got := strings.Join(fields, " "); got != test.fields {
			t.Errorf("%s: got faults in %q, want %q", test.path, got, test.fields)
		}
	}
}

// FuzzParseDigitalLink: an address is refused with what is wrong, or it is an
// item with qualifiers, whose canonical form is read as the same.
func FuzzParseDigitalLink(f *testing.F) {
	f.Add("/01/04912345678904/22/2A/10/A%2fB/21/%22")
	f.Add("/01/4912345678904/235/x/")
	f.Add("/01/04912345678905/10")
	f.Fuzz(func(t *testing.T, path string) {
		d, p := parseDigitalLink(path)
		if p != nil {
			if len(p.faults) == 0 || d.Item != "" {
				t.Errorf("%q: refused with %v and %+v", path, p.faults, d)
			}
			return
		}
		again, p := parseDigitalLink(d.path())
		if p != nil || again.Item != d.Item || !slices.Equal(again.Qualifiers, d.Qualifiers) {
			t.Errorf("%q: got %+v, and then of %s %+v, %v", path, d, d.path(), again, p)
		}
	})
}

func TestAccepted(t *testing.T) {
	for _, test := range []struct {
		header  string
		quality float64
		named   bool
	}{
		{"", 1, false},
		{"text/html", 0, false},
		{"*/*", 1, false},
		{"application/*;q=0.5, */*;q=0.1", 0.5, false},
		{"application/linkset+json;q=0.3, application/*", 0.3, true},
		{"APPLICATION/LINKSET+JSON ; Q=0.25", 0.25, true},
		{"application/linkset+json;q=0", 0, true},
		{"application/linkset+json;q=2", 0, true},
		{"application/linkset+json;q=NaN", 0, true},
		{";;, application/linkset+json;profile=\"x\"", 1, true},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if test.header != "" {
			r.Header.Set("Accept", test.header)
		}
		if quality, named := accepted(r, mediaLinkset); quality != test.quality || named != test.named {
			t.Errorf("%q: got %v, %v, want %v, %v", test.header, quality, named, test.quality, test.named)
		}
	}
}
