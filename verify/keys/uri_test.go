package keys

import (
	"errors"
	"strings"
	"testing"
)

// sound is a URI that is read; the tests say what they change in it.
const sound = "pkcs11:token=a;object=b?module-path=/lib/x.so"

func TestParseURI(t *testing.T) {
	for _, c := range []struct {
		text string
		want URI
	}{
		{sound, URI{Token: "a", Object: "b", Module: "/lib/x.so"}},
		{"pkcs11:object=b;token=a?pin-source=/p&module-path=/lib/x.so", URI{Token: "a", Object: "b", Module: "/lib/x.so", PIN: "/p"}},
		{"pkcs11:token=a;object=b;type=private?module-path=/lib/x.so&pin-source=file:/p%20q", URI{Token: "a", Object: "b", Module: "/lib/x.so", PIN: "/p q"}},
		{"pkcs11:serial=01%3b2;id=%00%ff?module-path=%2flib%2Fx.so", URI{Serial: "01;2", ID: "\x00\xff", Module: "/lib/x.so"}},
		{"pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=c1;token=a;id=%01;object=b;type=private?module-path=/lib/x.so",
			URI{Token: "a", Serial: "c1", Manufacturer: "SoftHSM project", Model: "SoftHSM v2", Object: "b", ID: "\x01", Module: "/lib/x.so"}},
		{"pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;object=%E7%A5%A8&?module-path=/lib/x.so", URI{Token: "The Software PKCS#11 Softtoken", Object: "票&", Module: "/lib/x.so"}},
	} {
		got, err := ParseURI(c.text)
		if err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v, want %+v", c.text, got, err, c.want)
		}
		if again, err := ParseURI(got.String()); err != nil || again != got {
			t.Errorf("%s: printed as %s, read as %+v, %v", c.text, got, again, err)
		}
	}
	if got, want := (URI{Token: "a;b", Object: "c&d", ID: "\x01z", Module: "/lib/x y.so", PIN: "/p"}).String(),
		"pkcs11:token=a%3Bb;object=c%26d;id=%01z?module-path=/lib/x%20y.so&pin-source=/p"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestParseURIRefuses: everything that is wrong is named at once.
func TestParseURIRefuses(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", []string{"it begins with"}},
		{"PKCS11:token=a;object=b?module-path=/x", []string{"it begins with"}},
		{sound + "\n", []string{"is written %XX"}},
		{strings.Replace(sound, "=b", "=票", 1), []string{"is written %XX"}},
		{"pkcs11:", []string{"token or serial", "object or id", "module-path"}},
		{sound + "&pin-value=1234", []string{"pin-value: a PIN is never written here"}},
		{sound + "&pin-source=pin", []string{"pin-source: the absolute path"}},
		{sound + "&pin-source=|cat%20/p", []string{"pin-source: the absolute path"}},
		{strings.Replace(sound, "/lib", "lib", 1), []string{"module-path: the absolute path"}},
		{sound + "&module-path=/y", []string{"module-path: it is there twice"}},
		{sound + "&module-name=softhsm", []string{`"module-name" is none of`}},
		{"pkcs11:slot-id=1;type=cert;token=;object=%zz;object=%00?module-path=/x", []string{`"slot-id" is none of`, `type: "cert"`, "token: ", "object: ", "object: it is there twice"}},
		{sound + ";" + strings.Repeat("x", uriMost), []string{"at most"}},
	} {
		_, err := ParseURI(c.text)
		if !errors.Is(err, ErrURI) {
			t.Errorf("%.80s: got %v, want %v", c.text, err, ErrURI)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%.80s: got %v, want %q in it", c.text, err, want)
			}
		}
		if strings.Contains(err.Error(), "1234") {
			t.Errorf("%.80s: it shows the PIN: %v", c.text, err)
		}
	}
}

// FuzzParseURI: what is read prints back and reads the same.
func FuzzParseURI(f *testing.F) {
	f.Add(sound)
	f.Add("pkcs11:serial=%01;id=%00;type=private;object=%E7%A5%A8?pin-source=file:/p&module-path=/lib/x.so")
	f.Add("pkcs11:?&;=%")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseURI(text)
		if err != nil {
			if !errors.Is(err, ErrURI) {
				t.Errorf("got %v", err)
			}
			return
		}
		if len(u.String()) > uriMost {
			return // its escapes are longer than those that were read
		}
		if again, err := ParseURI(u.String()); err != nil || again != u {
			t.Errorf("%q: printed as %q, read as %+v, %v", text, u, again, err)
		}
	})
}
