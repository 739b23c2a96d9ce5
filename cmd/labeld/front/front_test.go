package front

import (
	"net/netip"
	"testing"
)

// TestFrontOfEach: where all come from a proxy of this machine that is not trusted,
// nothing is bounded by address unless that is asked for.
func TestFrontOfEach(t *testing.T) {
	for listen, want := range map[string]int{
		"127.0.0.1:8080": 0, "[::1]:8080": 0, "localhost:8080": 0, ":8080": 9, "0.0.0.0:8080": 9,
		"192.0.2.1:8080": 9, "labels.example:8080": 9,
	} {
		f := Front{Listen: listen}
		if got := f.ofEach(Unset, 9); got != want {
			t.Errorf("%s: got %d, want %d", listen, got, want)
		}
		if f.ofEach(0, 9) != 0 || f.ofEach(7, 9) != 7 {
			t.Errorf("%s: what is asked for is not taken", listen)
		}
		f.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		if f.ofEach(Unset, 9) != 9 {
			t.Errorf("%s: behind a proxy that is trusted there is no bound", listen)
		}
	}
}
