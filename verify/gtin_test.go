package verify

import (
	"strings"
	"testing"
)

// FuzzParseGTIN: what is read has 14 digits, reads the same again, and no other
// digit in any one place would have been read.
func FuzzParseGTIN(f *testing.F) {
	f.Add("4912345678904")
	f.Add("96385074")
	f.Fuzz(func(t *testing.T, s string) {
		g, err := ParseGTIN(s)
		if err != nil {
			return
		}
		if again, err := ParseGTIN(string(g)); len(g) != 14 || again != g || err != nil {
			t.Errorf("%q reads as %q, and that as %q, %v", s, g, again, err)
		}
		for i := range s {
			wrong := s[:i] + string(rune('0'+(s[i]-'0'+1)%10)) + s[i+1:]
			if _, err := ParseGTIN(wrong); err == nil {
				t.Errorf("%q reads, and so does %q", s, wrong)
			}
		}
		if strings.TrimLeft(s, "0") != strings.TrimLeft(string(g), "0") {
			t.Errorf("%q reads as %q", s, g)
		}
	})
}
