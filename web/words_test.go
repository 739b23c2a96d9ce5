package web

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"

	"tegata/web/i18n"
)

// TestWordsUsed: a key that a template or a page asks for has words, and no
// words wait for a key that nobody asks for.
func TestWordsUsed(t *testing.T) {
	asked := templateKeys(t)
	for key := range asked {
		if !i18n.English.Has(key) {
			t.Errorf("a template asks for %s: got no words", key)
		}
	}
	patterns := goKeys(t, asked)
	for _, key := range keys(t) {
		used := asked[key]
		for _, p := range patterns {
			used = used || p.MatchString(key)
		}
		if !used {
			t.Errorf("%s: got words that nothing asks for", key)
		}
	}
}

// keys lists every key of the catalogs, of which all have the same.
func keys(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile("i18n/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]string
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	for key := range words {
		all = append(all, key)
	}
	return all
}

// templateKeys reads the keys from the templates. Each must stand there as it
// is, not put together.
func templateKeys(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	files, err := filepath.Glob("templates/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("templates: %v", err)
	}
	call := regexp.MustCompile(`\{\{[^}]*?\bt "([^"]+)"`)
	nested := regexp.MustCompile(`\((?:t|\$?\.Twice) "([^"]+)"`)
	loose := regexp.MustCompile(`(\{\{-? ?|\()t [^"]`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parse.Parse(file, string(text), "", "", map[string]any{"t": 0, "day": 0, "count": 0, "asset": 0, "eq": 0, "or": 0, "not": 0, "len": 0, "print": 0}); err != nil {
			t.Fatal(err)
		}
		if bad := loose.Find(text); bad != nil {
			t.Errorf("%s: got %q, want a key as it is", file, bad)
		}
		for _, m := range append(call.FindAllSubmatch(text, -1), nested.FindAllSubmatch(text, -1)...) {
			found[string(m[1])] = true
		}
	}
	return found
}

// goKeys adds every text of the program to found, since it may be a key, and
// returns a pattern for every text that is put together.
func goKeys(t *testing.T, found map[string]bool) (patterns []*regexp.Regexp) {
	t.Helper()
	for _, glob := range []string{"*.go", "artwork/*.go", "headline/*.go", "i18n/*.go", "whatif/*.go", "../cmd/labelctl/*.go"} {
		files, err := filepath.Glob(glob)
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
				switch n := n.(type) {
				case *ast.BinaryExpr:
					if p := pattern(n); regexp.MustCompile(`^[a-z_]+\\\.`).MatchString(p) {
						patterns = append(patterns, regexp.MustCompile("^"+p+"$"))
					}
					return false
				case *ast.BasicLit:
					if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
						found[s] = true
					}
				}
				return true
			})
		}
	}
	return patterns
}

// pattern is a text put together, with anything in place of what is not known.
func pattern(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return pattern(e.X) + pattern(e.Y)
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil {
			return regexp.QuoteMeta(s)
		}
	}
	return `[A-Za-z0-9_./-]+`
}

// problemCodes lists the codes of problems as the program names them.
func problemCodes(t *testing.T) (codes []problemCode) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), "problem.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if s, ok := n.(*ast.ValueSpec); ok {
			if typ, ok := s.Type.(*ast.Ident); ok && typ.Name == "problemCode" {
				code, err := strconv.Unquote(s.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, problemCode(code))
			}
		}
		return true
	})
	if len(codes) < 12 {
		t.Fatalf("got %d codes of problems, want 12 at least", len(codes))
	}
	return codes
}

// TestFaultWords: the faults of parameters have words too.
func TestFaultWords(t *testing.T) {
	tree, err := parser.ParseFile(token.NewFileSet(), "problem.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(tree, func(node ast.Node) bool {
		s, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := s.Type.(*ast.SelectorExpr); ok && typ.Sel.Name == "FaultRule" {
			rule, err := strconv.Unquote(s.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			n++
			if !i18n.English.Has("fault." + rule) {
				t.Errorf("fault.%s: got no words", rule)
			}
		}
		return true
	})
	if n == 0 {
		t.Error("got no faults of parameters")
	}
	for _, code := range problemCodes(t) {
		for _, part := range []string{".title", ".detail"} {
			if !i18n.English.Has("problem." + string(code) + part) {
				t.Errorf("problem.%s%s: got no words", code, part)
			}
		}
	}
}
