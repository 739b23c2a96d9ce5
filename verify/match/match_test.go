package match

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"tegata/verify"
)

// router covers two models, one of them with a trade item number.
var router = &verify.Product{Models: []verify.Model{
	{Model: "WX-100", GTINs: []string{"04912345678904"}},
	{Model: "WX-100N"},
	{Model: "WX 2000"},
}}

func TestCoversModel(t *testing.T) {
	for _, test := range []struct {
		asked   string
		covered bool
		near    []string
	}{
		{"WX-100", true, nil},
		{"wx100", true, nil},
		{"WX 100", true, nil},
		{"ＷＸ－１００", true, nil},
		{"WX‐100", true, nil}, // U+2010
		{"WX\u2212100n", true, nil},
		{"wx-2000", true, nil},
		{"WX-10", false, []string{"WX-100", "WX-100N"}},
		{"WX-100M", false, []string{"WX-100", "WX-100N"}},
		{"WX-200", false, []string{"WX-100", "WX 2000"}},
		{"XW-2000", false, []string{"WX 2000"}},
		{"AB-1", false, nil},
	} {
		m, err := Covers(router, test.asked, "")
		if err != nil || m.Model.Covered != test.covered || !slices.Equal(m.Model.Near, test.near) {
			t.Errorf("Covers(%q) = %+v, %v, want covered %v, near %q", test.asked, m.Model, err, test.covered, test.near)
		}
	}
}

func TestCoversGTIN(t *testing.T) {
	for _, test := range []struct {
		asked   string
		covered bool
	}{
		{"04912345678904", true},
		{"4912345678904", true},   // the same as GTIN-13
		{"14912345678901", false}, // with an indicator digit: another trade item
		{"05012345678900", false},
		{"96385074", false},
	} {
		m, err := Covers(router, "", test.asked)
		if err != nil || m.GTIN.Covered != test.covered {
			t.Errorf("Covers(%q) = %+v, %v, want covered %v", test.asked, m, err, test.covered)
		}
	}
	if _, err := Covers(router, "", "4912345678905"); err == nil {
		t.Error("a wrong check digit was taken")
	}
	if m, err := Covers(router, "", ""); m != nil || err != nil {
		t.Errorf("asked for nothing: got %v, %v, want nothing", m, err)
	}
}

func TestFolds(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{Name("  青葉ネットワークス　株式会社 "), "青葉ネットワークス 株式会社"},
		{Name("ｱｵﾊﾞ Networks"), "アオバ networks"},
		{Number(" demo-2026-000123"), "DEMO-2026-000123"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

// A character of ASCII counts as it does among others, for which there is another way.
func TestModelPlain(t *testing.T) {
	for c := range rune(unicode.MaxASCII + 1) {
		s := "a" + string(c) + "1"
		if got, want := Model(s), anyModel(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// As models are near by their bytes, they are by their symbols.
func TestNear(t *testing.T) {
	models := rapid.StringOfN(rapid.RuneFrom([]rune("AB1青葉\ufffd")), 0, 5, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := models.Draw(t, "a"), models.Draw(t, "b")
		if a == b {
			return
		}
		x, y := []rune(a), []rune(b)
		want := len(x) > 0 && len(y) > 0 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
		if !want && len(x) > 0 && len(y) > 0 {
			for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
				x, y = x[1:], y[1:]
			}
			for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
				x, y = x[:len(x)-1], y[:len(y)-1]
			}
			want = len(x) <= 1 && len(y) <= 1 || len(x) == 2 && len(y) == 2 && x[0] == y[1] && x[1] == y[0]
		}
		if got := near([]byte(a), []byte(b)); got != want {
			t.Errorf("near(%q, %q) = %t, want %t", a, b, got, want)
		}
	})
}

func FuzzModel(f *testing.F) {
	f.Add("WX-100")
	f.Add("ＷＸ １００")
	f.Fuzz(func(t *testing.T, s string) {
		if once := Model(s); Model(once) != once {
			t.Errorf("Model(%q) = %q, and of that %q", s, once, Model(once))
		}
		if got, want := Model(s), anyModel(s); got != want {
			t.Errorf("Model(%q) = %q, and in the other way %q", s, got, want)
		}
	})
}
