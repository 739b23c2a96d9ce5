package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
)

// TestReferred: a reference and a trace are taken from a trusted proxy, where they
// are written as they should be, and from nobody else.
func TestReferred(t *testing.T) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	s := &site{proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	own := regexp.MustCompile(`^[A-Z2-7]{12}$`)
	for _, c := range []struct{ from, id, parent, wantID, wantTrace string }{
		{"10.0.0.1:1", "a1b2.c3_D4-e5", "00-" + trace + "-00f067aa0ba902b7-01", "a1b2.c3_D4-e5", trace},
		{"192.0.2.1:1", "a1b2c3d4e5", "00-" + trace + "-00f067aa0ba902b7-01", "", ""},
		{"@", "a1b2c3d4e5", "00-" + trace + "-00f067aa0ba902b7-01", "", ""},
		{"10.0.0.1:1", "", "", "", ""},
		{"10.0.0.1:1", "short", "cc-" + trace + "-00f067aa0ba902b7-01-later", "", trace},
		{"10.0.0.1:1", "two words", "00-" + trace + "-00f067aa0ba902b7-01-later", "", ""},
		{"10.0.0.1:1", "<script>alert", "cc-" + trace + "-00f067aa0ba902b7-01later", "", ""},
		{"10.0.0.1:1", strings.Repeat("x", 64), "ff-" + trace + "-00f067aa0ba902b7-01", strings.Repeat("x", 64), ""},
		{"10.0.0.1:1", strings.Repeat("x", 65), "00-" + strings.ToUpper(trace) + "-00f067aa0ba902b7-01", "", ""},
		{"10.0.0.1:1", "参照番号参照番号", "00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01", "", ""},
		{"10.0.0.1:1", "a1b2c3d4e5", "00-" + trace + "-" + strings.Repeat("0", 16) + "-01", "a1b2c3d4e5", ""},
		{"10.0.0.1:1", "a1b2c3d4e5", "00-" + trace + "_00f067aa0ba902b7-01", "a1b2c3d4e5", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.from
		r.Header.Set("X-Request-Id", c.id)
		r.Header.Set("Traceparent", c.parent)
		id, got := s.referred(r)
		if got != c.wantTrace || c.wantID != "" && id != c.wantID || c.wantID == "" && !own.MatchString(id) {
			t.Errorf("%+v: got %q and %q", c, id, got)
		}
	}
}
