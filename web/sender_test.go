package web

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestSender(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1:1": "192.0.2.1/32", "[::ffff:192.0.2.1]:1": "192.0.2.1/32", "[2001:db8:1:2:3:4:5:6]:1": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:1": "fe80::/64", "@": "invalid Prefix", "pipe:1": "invalid Prefix",
	} {
		said := http.Header{forwardedFor: {"198.51.100.7"}, "Forwarded": {"for=198.51.100.7"}}
		if got := new(site).sender(&http.Request{RemoteAddr: address, Header: said}).String(); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

// TestSenderBehind: of a header only what trusted proxies wrote is believed, from the
// right; and only in the header that they write.
func TestSenderBehind(t *testing.T) {
	s := &site{proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ff::/48")}}
	for _, c := range []struct{ from, said, want string }{
		{"10.0.0.1:1", "198.51.100.7", "198.51.100.7/32"},
		{"[2001:db8:ff::1]:1", "198.51.100.7", "198.51.100.7/32"},
		{"[::ffff:10.0.0.1]:1", "198.51.100.7:4711", "198.51.100.7/32"},
		{"10.0.0.1:1", "203.0.113.9, 198.51.100.7", "198.51.100.7/32"}, // whoever asked wrote the first
		{"10.0.0.1:1", "203.0.113.9, 198.51.100.7, 10.0.0.2,2001:db8:ff::2", "198.51.100.7/32"},
		{"10.0.0.1:1", "10.0.0.3, 10.0.0.2", "10.0.0.3/32"}, // they ask for themselves
		{"10.0.0.1:1", "[2001:db8:1:2::3]:80", "2001:db8:1:2::/64"},
		{"10.0.0.1:1", "[2001:db8:1:2::3]", "2001:db8:1:2::/64"},
		{"10.0.0.1:1", "::ffff:198.51.100.7", "198.51.100.7/32"},
		{"10.0.0.1:1", "", "10.0.0.1/32"},
		{"10.0.0.1:1", "198.51.100.7, unknown", "10.0.0.1/32"}, // the proxy answers for what it hides
		{"10.0.0.1:1", "198.51.100.7, [10.0.0.2", "10.0.0.1/32"},
		{"10.0.0.1:1", "198.51.100.7, unknown, 10.0.0.2", "10.0.0.2/32"},
		{"10.0.0.1:1", "198.51.100.7,", "10.0.0.1/32"},
		{"192.0.2.1:1", "198.51.100.7, 10.0.0.2", "192.0.2.1/32"}, // no proxy
	} {
		h := http.Header{"Forwarded": {"for=203.0.113.200"}}
		if c.said != "" {
			h[forwardedFor] = strings.SplitN(c.said, ", ", 2) // a header may come in lines
		}
		if got := s.sender(&http.Request{RemoteAddr: c.from, Header: h}).String(); got != c.want {
			t.Errorf("%s for %q: got %s, want %s", c.from, c.said, got, c.want)
		}
	}
	s.forwarded = true
	for said, want := range map[string]string{
		"for=198.51.100.7": "198.51.100.7/32",
		`For="198.51.100.7:4711";proto=https;by=203.0.113.43`:               "198.51.100.7/32",
		`for=203.0.113.9, host="labels.example";FOR="[2001:db8:1:2::3]:80"`: "2001:db8:1:2::/64",
		`for=203.0.113.9,for=198.51.100.7 , for=10.0.0.2`:                   "198.51.100.7/32",
		`for=198.51.100.7;host="a,for=203.0.113.9"`:                         "198.51.100.7/32", // a host is what whoever asks says it is
		`for=198.51.100.7;host="a\",for=203.0.113.9"`:                       "10.0.0.1/32",
		`for=", for=198.51.100.7`:                                           "10.0.0.1/32",
		`for="203.0.113.9,198.51.100.7"`:                                    "10.0.0.1/32",
		`for=_hidden`:                                                       "10.0.0.1/32",
		`proto=https`:                                                       "10.0.0.1/32",
		`198.51.100.7`:                                                      "10.0.0.1/32",
		`for=198.51.100.7 for=203.0.113.9`:                                  "10.0.0.1/32",
		``:                                                                  "10.0.0.1/32",
	} {
		h := http.Header{"Forwarded": {said}, forwardedFor: {"203.0.113.200"}}
		if got := s.sender(&http.Request{RemoteAddr: "10.0.0.1:1", Header: h}).String(); got != want {
			t.Errorf("Forwarded: %s: got %s, want %s", said, got, want)
		}
	}
}

// FuzzForwarded: whatever whoever asks wrote before it, what the proxy wrote last is
// the sender, or nobody is.
func FuzzForwarded(f *testing.F) {
	f.Add(`for=203.0.113.9;host="a"`, false)
	f.Add(`for="`, true)
	f.Add(`203.0.113.9, unknown`, true)
	f.Fuzz(func(t *testing.T, before string, forwarded bool) {
		s := &site{proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, forwarded: forwarded}
		h := http.Header{forwardedFor: {before, "198.51.100.7"}, "Forwarded": {before, `for=198.51.100.7;proto=https`}}
		got := s.sender(&http.Request{RemoteAddr: "10.0.0.1:1", Header: h}).String()
		if got != "198.51.100.7/32" && (!forwarded || got != "10.0.0.1/32") {
			t.Errorf("got %s", got)
		}
	})
}
