package verify

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// Forms take what the expressions take that say the same, and nothing else.
func TestForms(t *testing.T) {
	part, host := `[a-z0-9._-]{1,64}`, `[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?`
	for name, form := range map[string]struct {
		expr string
		is   func(string) bool
	}{
		"uuid":     {`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, aUUID},
		"digest":   {`[0-9a-f]{64}`, aDigest},
		"party":    {`[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?`, aPartyID},
		"number":   {`[0-9A-Z-]{1,64}`, aNumber},
		"mail":     {`[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?`, aMail},
		"language": {`[a-z]{2,3}(-[A-Za-z0-9]{2,8})*`, aTongue},
		"media":    {`[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*`, aMedia},
		"nation":   {`[A-Z]{2}`, aNation},
		"origin":   {host + `(/` + part + `){0,8}`, ValidOrigin},
	} {
		t.Run(name, func(t *testing.T) {
			expr := regexp.MustCompile(`^(` + form.expr + `)$`)
			good := rapid.StringMatching(form.expr)
			const others = "aAzZ09fg-._:/@+*~ \x00\x7f\n\u00e9"
			other := rapid.StringOfN(rapid.RuneFrom([]rune(others)), 0, 3, -1)
			same := func(t rapid.TB, s string) {
				if got, want := form.is(s), expr.MatchString(s); got != want {
					t.Fatalf("%q: got %t, want %t", s, got, want)
				}
			}
			rapid.Check(t, func(draw *rapid.T) {
				s := good.Draw(draw, "good")
				if !expr.MatchString(s) {
					draw.Fatalf("%q does not fit %v", s, expr)
				}
				from := rapid.IntRange(0, len(s)).Draw(draw, "from")
				to := rapid.IntRange(from, min(len(s), from+2)).Draw(draw, "to")
				changed := s[:from] + other.Draw(draw, "other") + s[to:]
				for _, s := range []string{changed, s + changed, s + strings.Repeat(changed, 9)} {
					same(draw, s)
				}
				for i := range min(len(s), 70) {
					for _, other := range others {
						same(draw, s[:i]+string(other)+s[i+1:])
					}
				}
			})
			for _, part := range []string{"", "a", "A", "0", "/a", "-a", "a-", ":0", "@a"} { // and at the ends of what is counted
				for n := range 300 {
					for _, s := range []string{strings.Repeat(part, n), "a" + strings.Repeat(part, n), "a/" + strings.Repeat(part, n), "aa-" + strings.Repeat(part, n), "a:" + strings.Repeat(part, n)} {
						same(t, s)
					}
				}
			}
		})
	}
}

// A text that is plain has nothing of what would be looked for in another.
func TestPlain(t *testing.T) {
	rapid.Check(t, func(draw *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,9}`), rapid.StringMatching(`[ -~]{0,3}.[ -~]{0,3}`)).Draw(draw, "text")
		printed := strings.Trim(s, " ") == s && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
		if got := plain(s); got != printed || got && (textRule(s, len(s)) != "" || strings.TrimSpace(s) != s || strings.ContainsFunc(s, misleading)) {
			draw.Errorf("%q: got %t, want %t", s, got, printed)
		}
	})
}

// Of the characters that are most of what is written, none misleads.
func TestMisleading(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		want := unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar || slices.Contains(invisible, r)
		if got := misleading(r); got != want {
			t.Errorf("%U: got %t, want %t", r, got, want)
		}
	}
}
