package openapi

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLint asks redocly and spectral, which know the standard better than we do,
// by the rules that each recommends. Neither is let out to anybody.
func TestLint(t *testing.T) {
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, New(written).JSON, 0o666); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"redocly":  {"lint", "--config=testdata/redocly.yaml", "--max-problems=1000", file},
		"spectral": {"lint", "--ruleset=testdata/spectral.yaml", "--fail-severity=hint", "--quiet", file},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := exec.Command("../node_modules/.bin/"+name, args...)
			c.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "CI=true")
			out, err := c.CombinedOutput()
			if err != nil || bytes.Contains(out, []byte(" warning ")) {
				t.Errorf("%s: %v\n%s", name, err, out)
			}
		})
	}
}

// TestUsed: whatever is described for many is used, and whatever is referred to is
// described.
func TestUsed(t *testing.T) {
	d := New(written)
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`"#/components/([a-z]+/[A-Za-z0-9]+)"`).FindAllStringSubmatch(string(d.JSON), -1) {
		used[m[1]] = true
	}
	c := d.parts.Components
	for kind, all := range map[string]map[string]json.RawMessage{
		"parameters": c.Parameters, "headers": c.Headers, "responses": c.Responses, "schemas": c.Schemas,
	} {
		for name := range all {
			if !used[kind+"/"+name] {
				t.Errorf("nothing refers to %s/%s", kind, name)
			}
			delete(used, kind+"/"+name)
		}
	}
	for name := range used {
		t.Errorf("%s is referred to, and not described", name)
	}
}

// TestOperations: every operation has what its readers need.
func TestOperations(t *testing.T) {
	d := New(written)
	ids := map[string]bool{}
	for _, o := range d.Operations {
		at := o.Method + " " + o.Path
		if o.ID == "" || ids[o.ID] {
			t.Errorf("%s: the operationId %q is missing, or taken", at, o.ID)
		}
		ids[o.ID] = true
		if len(o.Tags) != 1 || d.place(o) < 0 {
			t.Errorf("%s: got tags %q, want one of head.json", at, o.Tags)
		}
		if strings.HasSuffix(o.Summary, ".") || o.Summary == "" {
			t.Errorf("%s: the summary %q is a line without a full stop", at, o.Summary)
		}
		if o.Responses["4XX"].Ref == "" || o.Responses["5XX"].Ref == "" {
			t.Errorf("%s: it says nothing of other problems: add 4XX and 5XX, as the others have", at)
		}
		if len(o.Samples) == 0 {
			t.Errorf("%s: it has no x-codeSamples", at)
		}
		for _, s := range o.Samples {
			if s.Label == "" || s.Status == 0 || !strings.HasPrefix(s.Source, "curl ") {
				t.Errorf("%s: the sample %+v has no label, no status or no curl", at, s)
			}
		}
		for _, p := range o.Parameters {
			if p.Description == "" || !slices.Contains([]string{"path", "query", "header"}, p.In) {
				t.Errorf("%s: the parameter %s is not described", at, p.Name)
			}
			if p.In == "path" && !strings.Contains(o.Path, "{"+p.Name+"}") {
				t.Errorf("%s: it has no parameter %s", at, p.Name)
			}
		}
	}
}

// TestAddress: the document names the address of the registry it is asked of, as
// JSON.
func TestAddress(t *testing.T) {
	d := New(`http://127.0.0.1:8080/"x`)
	var doc struct {
		Servers []struct{ URL string }
	}
	if err := json.Unmarshal(d.JSON, &doc); err != nil || len(doc.Servers) != 1 || doc.Servers[0].URL != `http://127.0.0.1:8080/"x` {
		t.Errorf("got %+v, %v", doc, err)
	}
	if bytes.Contains(d.JSON, []byte(written)) {
		t.Errorf("it names %s still", written)
	}
}
