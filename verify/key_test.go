package verify

import (
	"strings"
	"testing"
)

// RFC 8037 appendix A.3.
func TestThumbprint(t *testing.T) {
	k := JWK{Kty: "OKP", Crv: "Ed25519", X: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
	if got, want := k.Thumbprint(), KeyID("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p256 := JWK{Kty: "EC", Crv: "P-256", X: k.X, Y: k.X}
	if q := p256; func() KeyID { q.Y = demoKey(1).X; return q.Thumbprint() }() == p256.Thumbprint() {
		t.Error("two keys with another y have one thumbprint")
	}
}

func TestKeyForms(t *testing.T) {
	x := demoKey(1).X
	for _, c := range []struct {
		name string
		key  JWK
		want bool
	}{
		{"Ed25519", JWK{"OKP", "Ed25519", x, ""}, true},
		{"P-256", JWK{"EC", "P-256", x, x}, true},
		{"no kind", JWK{}, false},
		{"Ed25519 with a y", JWK{"OKP", "Ed25519", x, x}, false},
		{"P-256 without a y", JWK{"EC", "P-256", x, ""}, false},
		{"the curve of another kind", JWK{"EC", "Ed25519", x, x}, false},
		{"another curve", JWK{"EC", "P-384", x, x}, false},
		{"RSA", JWK{"RSA", "", x, ""}, false},
		{"padded", JWK{"OKP", "Ed25519", x + "=", ""}, false},
		{"too long", JWK{"OKP", "Ed25519", x + "AA", ""}, false},
		{"bits that are never used", JWK{"OKP", "Ed25519", x[:42] + "F", ""}, false},
		{"a line break inside", JWK{"OKP", "Ed25519", x[:20] + "\n" + x[20:42], ""}, false},
		{"the other alphabet", JWK{"OKP", "Ed25519", "+" + x[1:], ""}, false},
	} {
		if got := c.key.wellFormed(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// A party is enrolled with at most 16 keys, none twice.
func TestPartyKeys(t *testing.T) {
	payload := specimenOf(t, PartyEnrolled).payload
	keys := func(n int) (all []any) {
		for i := range n {
			k := demoKey(byte(i))
			all = append(all, map[string]any{"kty": k.Kty, "crv": k.Crv, "x": k.X})
		}
		return all
	}
	for _, c := range []struct {
		name string
		keys []any
		want string
	}{
		{"sixteen", keys(16), ""},
		{"seventeen", keys(17), "party.keys: range 0–16"},
		{"one twice", append(keys(2), keys(1)...), "party.keys[2]: repeated"},
	} {
		_, faults := ParseStatement(with(t, payload, "party.keys", c.keys))
		if got := lines(faults, true); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestParseGTIN(t *testing.T) {
	for s, want := range map[string]GTIN{
		"96385074": "00000096385074", "036000291452": "00036000291452", "4006381333931": "04006381333931",
		"10012345678902": "10012345678902", "04912345678904": "04912345678904",
	} {
		if got, err := ParseGTIN(s); err != nil || got != want {
			t.Errorf("ParseGTIN(%q): got %q, %v, want %q", s, got, err, want)
		}
		// Every single wrong digit is caught.
		for i := range len(s) {
			for d := byte('0'); d <= '9'; d++ {
				wrong := s[:i] + string(d) + s[i+1:]
				if got, err := ParseGTIN(wrong); (err == nil) != (wrong == s) {
					t.Errorf("ParseGTIN(%q): got %q, %v", wrong, got, err)
				}
			}
		}
	}
	for _, s := range []string{"", "0", "400638133393", "40063813339310", "4006381 33393", "400638133393x", "４００６３８", strings.Repeat("0", 15)} {
		if got, err := ParseGTIN(s); err == nil {
			t.Errorf("ParseGTIN(%q): got %q, want an error", s, got)
		}
	}
}

func TestTextIn(t *testing.T) {
	both := Text{EN: "router", JA: "ルーター"}
	for _, c := range []struct {
		text                 Text
		asked, want, wantTag string
	}{
		{both, "en", "router", "en"},
		{both, "ja", "ルーター", "ja"},
		{both, "fr", "router", "en"},
		{Text{EN: "router"}, "ja", "router", "en"},
		{Text{JA: "ルーター"}, "en", "ルーター", "ja"},
	} {
		if got, tag := c.text.In(c.asked); got != c.want || tag != c.wantTag {
			t.Errorf("%+v in %s: got %q, %s, want %q, %s", c.text, c.asked, got, tag, c.want, c.wantTag)
		}
	}
}

func TestNewID(t *testing.T) {
	at := instant(t, "2026-04-01T00:00:00Z")
	id := NewID(at, [10]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	if got, want := id, "019d4657-0000-7fff-bfff-ffffffffffff"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if id := NewID(at, [10]byte{}); !aUUID(id) || id[14] != '7' || id[19] != '8' {
		t.Errorf("got %s, want a UUID of version 7", id)
	}
}
