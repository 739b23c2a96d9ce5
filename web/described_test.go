package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tegata/verify"
	"tegata/web/openapi"
	"tegata/web/openapi/openapitest"
)

// pages are the routes that answer people, and what their pages load. All others
// are for programs, and described in web/openapi.
var pages = []string{
	"/", "/v/:code", "/V/:code", "/records/:code", "/law", "/log", "/search", "/about", "/docs", "/scan",
	"/artwork/:code", "/application/:code", "/report", "/whatif/:code", "/static/:name", "/static/:name/:file",
	"/check", "/check/:list",
}

// TestDescribed: what is described is answered, and what is answered is described.
func TestDescribed(t *testing.T) {
	s, err := newSite(Config{URL: "https://labels.example"})
	if err != nil {
		t.Fatal(err)
	}
	engine, err := s.routes()
	if err != nil {
		t.Fatal(err)
	}
	routes := map[string][]string{}
	for _, r := range engine.Routes() {
		routes[r.Path] = append(routes[r.Path], r.Method)
	}
	c, err := openapitest.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range c.Undescribed(routes, pages) {
		t.Error(fault)
	}
}

// TestVocabulary: the words that are described are those of the program.
func TestVocabulary(t *testing.T) {
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Enum       []string
				Properties map[string]struct{ Enum []string }
			}
		}
	}
	if err := json.Unmarshal(openapi.New("https://labels.example").JSON, &doc); err != nil {
		t.Fatal(err)
	}
	schemas := doc.Components.Schemas
	same(t, "Status", schemas["Status"].Enum, verify.Statuses)
	same(t, "Outcome", schemas["Outcome"].Enum, verify.Outcomes)
	same(t, "Jurisdiction", schemas["Jurisdiction"].Enum, verify.Jurisdictions)
	same(t, "Scheme", schemas["Scheme"].Enum, schemes)
	same(t, "Problem.code", schemas["Problem"].Properties["code"].Enum, problemCodes(t))
}

func same[T ~string](t *testing.T, what string, described []string, have []T) {
	t.Helper()
	var want []string
	for _, x := range have {
		want = append(want, string(x))
	}
	slices.Sort(want)
	slices.Sort(described)
	if !slices.Equal(described, want) {
		t.Errorf("%s: described are %q, and there are %q", what, described, want)
	}
}

// TestStatementsDescribed: one statement of every kind is as described; with
// another member, or without one, it is not.
func TestStatementsDescribed(t *testing.T) {
	c, err := openapitest.New()
	if err != nil {
		t.Fatal(err)
	}
	var statements [][]byte
	files, err := filepath.Glob("../verify/testdata/story/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(files, "../verify/testdata/story/others.jsonl") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".json") {
			statements = append(statements, text)
			continue
		}
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			statements = append(statements, bytes.Clone(lines.Bytes()))
		}
	}
	kinds := map[any]bool{}
	for _, text := range statements {
		var s map[string]any
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		kinds[s["kind"]] = true
		if err := c.Valid("Statement", text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		s["colour"] = "red"
		more, _ := json.Marshal(s)
		delete(s, "colour")
		delete(s, "made")
		less, _ := json.Marshal(s)
		for _, bad := range [][]byte{more, less} {
			if c.Valid("Statement", bad) == nil {
				t.Errorf("%s: it is taken", bad)
			}
		}
	}
	if n := strings.Count(fmt.Sprint(kinds), ":true"); n != 19 {
		t.Errorf("got %d kinds, want all 19", n)
	}
}
