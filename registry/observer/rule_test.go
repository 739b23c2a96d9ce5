package observer

import (
	"regexp"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestRuleMatches holds the matching of a path against that of a regular
// expression made of the rule.
func TestRuleMatches(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		pattern := "/" + rapid.StringMatching(`[ab*]{0,8}\$?`).Draw(r, "pattern")
		path := "/" + rapid.StringMatching(`[ab]{0,8}`).Draw(r, "path")
		e := "^" + strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSuffix(pattern, "$")), `\*`, ".*")
		if strings.HasSuffix(pattern, "$") {
			e += "$"
		}
		if got, want := (rule{path: pattern}).matches(path), regexp.MustCompile(e).MatchString(path); got != want {
			r.Fatalf("%s of %s: got %v, want %v", pattern, path, got, want)
		}
	})
}

// TestRobotsAreBounded: what the largest file asks takes no more memory than a few
// times the file, however it is made.
func TestRobotsAreBounded(t *testing.T) {
	for _, line := range []string{"Disallow: /*a*b*c\n", "Allow:*\n", "User-agent: *\nDisallow:x\n", "Disallow: " + strings.Repeat("*a", 20_000) + "\n"} {
		text := "User-agent: *\n" + strings.Repeat(line, robotsMost/len(line))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rules := parseRobots(text)
		allowed(rules, "/"+strings.Repeat("a", 2000))
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; len(rules) == 0 || took > 24<<20 {
			t.Errorf("%.20q: got %d rules and %d MB, want 24 at the most", line, len(rules), took>>20)
		}
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /a*b$\nAllow: /", "/a")
	f.Add("\ufeffuser-agent:tegata-observer\r\n\r\ndisallow:", "/")
	f.Fuzz(func(t *testing.T, text, path string) {
		for _, r := range parseRobots(text) {
			if r.path == "" || strings.ContainsAny(r.path, "\r\n#") {
				t.Errorf("got the rule %+v of %q", r, text)
			}
			r.matches(path)
		}
	})
}
