package i18n_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tegata/verify"
	"tegata/web/i18n"
)

// catalog reads a catalog as it stands in its file.
func catalog(t *testing.T, l i18n.Language) map[string]string {
	t.Helper()
	text, err := os.ReadFile(string(l) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]string
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	return words
}

var placeholder = regexp.MustCompile(`\{\d\}`)

// TestParity: every language says everything, about the same things.
func TestParity(t *testing.T) {
	english := catalog(t, i18n.English)
	for _, l := range i18n.Languages {
		words := catalog(t, l)
		for _, key := range slices.Sorted(maps.Keys(words)) {
			if strings.TrimSpace(words[key]) != words[key] || words[key] == "" {
				t.Errorf("%s %s: got %q, want words without white space around them", l, key, words[key])
			}
			if _, ok := english[key]; !ok {
				t.Errorf("%s %s: got words in no other language", l, key)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(english)) {
			if _, ok := words[key]; !ok {
				t.Errorf("%s %s: got no words", l, key)
				continue
			}
			if got, want := placeholders(words[key]), placeholders(english[key]); !slices.Equal(got, want) {
				t.Errorf("%s %s: got placeholders %q, want %q", l, key, got, want)
			}
		}
	}
}

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// TestSorted: each key stands once, in order, so that a change shows as one line.
func TestSorted(t *testing.T) {
	line := regexp.MustCompile(`(?m)^ "([^"]+)":`)
	for _, l := range i18n.Languages {
		text, err := os.ReadFile(string(l) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, m := range line.FindAllSubmatch(text, -1) {
			keys = append(keys, string(m[1]))
		}
		if len(keys) != len(catalog(t, l)) {
			t.Errorf("%s: got %d lines for %d keys", l, len(keys), len(catalog(t, l)))
		}
		for i := 1; i < len(keys); i++ {
			if keys[i-1] >= keys[i] {
				t.Errorf("%s: %s stands after %s", l, keys[i], keys[i-1])
			}
		}
	}
}

// families are the keys made from values of the types of package verify.
var families = map[string][]string{
	"BasisRoute":   {"basis."},
	"Caveat":       {"caveat."},
	"Class":        {"class."},
	"Counting":     {"counting."},
	"Effect":       {"effect."},
	"Fact":         {"fact."},
	"FaultRule":    {"fault."},
	"Flag":         {"flag."},
	"Ground":       {"ground."},
	"How":          {"how."},
	"Jurisdiction": {"place."},
	"Kind":         {"kind."},
	"LayerName":    {"layer."},
	"Market":       {"market."},
	"Met":          {"met.", "practice.listed.", "practice.english."},
	"Notice":       {"notice.", "say.measure.taken."},
	"Outcome":      {"outcome."},
	"Point":        {"point."},
	"Scheme":       {"scheme.", "validity.days."},
	"Seen":         {"seen.", "say.declaration.observed."},
	"SeenReason":   {"seen.reason."},
	"Source":       {"cite."},
	"Status":       {"status."},
	"Standing":     {"status."},
	"Territory":    {"place."},
}

// TestEveryValueHasWords: a value that is added to the law of the program needs
// its words.
func TestEveryValueHasWords(t *testing.T) {
	values := constants(t, "../../verify")
	for typ, prefixes := range families {
		if len(values[typ]) == 0 {
			t.Errorf("type %s: got no constants", typ)
		}
		for _, v := range values[typ] {
			for _, p := range prefixes {
				has(t, p+v)
			}
		}
	}
	for _, r := range verify.Rules {
		has(t, "rule."+string(r.ID))
	}
	for _, layer := range []verify.LayerName{verify.AccordLayer, verify.StatuteLayer} {
		for _, r := range verify.Rules {
			if r.Layer == layer {
				has(t, "layer."+string(layer)+"."+string(r.Fails))
			}
		}
		has(t, "layer."+string(layer)+".undetermined")
	}
	for requirement, routes := range map[string][]verify.DeclaredRoute{
		"passwords": {verify.BySchedule1, verify.ByETSI, verify.ByJCSTAR, verify.BySGCLS},
		"reporting": {verify.BySchedule1, verify.ByETSI, verify.ByISO29147, verify.ByJCSTAR, verify.BySGCLS},
		"support":   {verify.BySchedule1, verify.ByETSI, verify.ByJCSTAR, verify.BySGCLS},
	} {
		for _, r := range routes {
			has(t, "route."+requirement+"."+string(r))
		}
	}
}

func has(t *testing.T, key string) {
	t.Helper()
	for _, l := range i18n.Languages {
		if !l.Has(key) {
			t.Errorf("%s %s: got no words", l, key)
		}
	}
}

// constants reads the string constants of a package by the name of their type.
func constants(t *testing.T, folder string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			typ, ok := spec.Type.(*ast.Ident)
			if !ok {
				return true
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					s, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					found[typ.Name] = append(found[typ.Name], s)
				}
			}
			return true
		})
	}
	return found
}

// promise finds words that promise more than a label or a registry can: IPA's
// guidance on its use, MoC 8(1).
var promise = regexp.MustCompile(`(?i)\b(secure|safe|guarante\w+|certif\w+|endorse\w*|approve\w*|verified|trustworthy|hacker\w*)\b|安全|保証|お墨付き|認定|公認|認証`)

// denials are the sentences that use such a word to say that nothing of the kind
// is promised, or in the name of a law or a body.
var denials = []string{
	"caveat.minimum-level",
	"caveat.moc-3-2-c",  // product safety law
	"criterion.S1.1-01", // authentication of a user: 認証
	"criterion.S1.1-03",
	"ground.a", // MoC 10(2)(a): health or safety
	"ground.c", // MoC 10(2)(c): 国家の安全保障
	"home.not.promise",
	"seen.reason.certificate", // of a server
	"unknown.report",          // the name of OPSS
}

func TestNoPromises(t *testing.T) {
	var used []string
	for _, l := range i18n.Languages {
		for key, words := range catalog(t, l) {
			if !promise.MatchString(words) {
				continue
			}
			used = append(used, key)
			if !slices.Contains(denials, key) {
				t.Errorf("%s %s: got %q in %q", l, key, promise.FindString(words), words)
			}
		}
	}
	for _, key := range denials {
		if !slices.Contains(used, key) {
			t.Errorf("%s: got no such word any more; strike it from the list", key)
		}
	}
}

// TestBounds: what the answers must not say. What is not known here is not
// called invalid; a declaration opens an application and nothing else.
func TestBounds(t *testing.T) {
	bounds := []struct {
		keys, never string
	}{
		{`^(headline|home\.found_none|unknown|word)`, `(?i)\b(invalid|fake|counterfeit|forged)\b|無効|偽造`},
		{`^(headline\.declaration\.eligible|outcome\.eligible)`, `(?i)\b(recognised|labelled|treated)\b|承認|みなす`},
		{`accord`, `(?i)\b(must|shall|guarantee)\b`},
	}
	for _, l := range i18n.Languages {
		for key, words := range catalog(t, l) {
			for _, b := range bounds {
				if regexp.MustCompile(b.keys).MatchString(key) {
					if bad := regexp.MustCompile(b.never).FindString(words); bad != "" {
						t.Errorf("%s %s: got %q in %q", l, key, bad, words)
					}
				}
			}
		}
	}
}
