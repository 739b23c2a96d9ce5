package metrics

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"tegata/verify"
)

// TestClasses: every rule is of the class that the package verify puts it under.
func TestClasses(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../verify/fault.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	rules, class := map[string]int{}, ""
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if spec.Doc != nil { // Form: any statement.
			word, _, _ := strings.Cut(spec.Doc.Text(), ":")
			class = strings.ToLower(word)
			if strings.HasPrefix(word, "Reading") { // questions, not faults
				class = "form"
			}
		}
		rule, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		got := classesOf(verify.Faults{{Rule: verify.FaultRule(rule)}, {Rule: verify.FaultRule(rule)}})
		if len(got) != 1 || !got[class] {
			t.Errorf("%s: got %v, want %s", rule, got, class)
		}
		rules[class]++
		return true
	})
	for _, c := range classes {
		if rules[c] == 0 {
			t.Errorf("no rule is of %s", c)
		}
	}
	if len(rules) != len(classes) {
		t.Errorf("got classes %v, want %v", rules, classes)
	}
}
