package envelope

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tegata/verify"
)

// storyStatements are one statement of every kind, as JSON.
func storyStatements(tb testing.TB) (all [][]byte) {
	tb.Helper()
	files, err := filepath.Glob("../testdata/story/*")
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		if filepath.Ext(file) == ".jsonl" {
			all = append(all, bytes.Split(bytes.TrimSpace(text), []byte("\n"))...)
		} else {
			all = append(all, text)
		}
	}
	if len(all) < 20 {
		tb.Fatalf("the story has %d statements", len(all))
	}
	return all
}

// FuzzDecodeLogged decodes by both decoders: what one reads the other reads, and
// the same.
func FuzzDecodeLogged(f *testing.F) {
	for _, s := range storyStatements(f) {
		f.Add(s)
		f.Add(bytes.Replace(s, []byte(`"kind"`), []byte(`"later": {"a": [1, "\ud800"]}, "KIND"`), 1))
		f.Add(bytes.Replace(s, []byte(`"id"`), []byte(`"id": null, "id"`), 1))
		f.Add(bytes.ReplaceAll(s, []byte(`T00:00:`), []byte(`\u005400:00\u003a`)))
	}
	for _, s := range []string{
		`{}`, `null`, `[]`, `{"kind":1}`, `{"kind":"label.issued","label":null}`, `{"kind":"label.issued","label":[]}`,
		`{"kind":"label.issued","label":{"product":{"models":[null,{"model":"A"},{"gtins":[]}]}}}`,
		`{"kind":"label.issued","label":{"product":{"name":{"en":"` + "\xff" + `\u0000\/"},"traits":{"ip":true}}}} x`,
		`{"kind":"label.issued","label":{"level":1.0}}`, `{"kind":"label.issued","label":{"level":1e400}}`,
		`{"kind":"label.status","from":"2026-02-30"}`, `{"kind":"key.added","key":{"kty":"OKP","x":"AA=="}}`,
		`{"made":"2026-04-01T00:00:00+09:00"}`, `{"made":"2026-04-01T24:00:00Z"}`, `{"kind":"nobody.knows","label":1}`,
		`{"kind":"label.issued","label":{"level":1},"Label":{"number":"x"}}`, ` {"kind" : "a" , } `,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		want, wrong := verify.DecodeStatement(payload)
		got, err := DecodeLogged(payload)
		if (err == nil) != (wrong == nil) {
			t.Fatalf("%q: got %v, want %v", payload, err, wrong)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%q: %s", payload, d)
		}
		if head, err := DecodeHead(payload); wrong == nil && (err != nil || head != want.Head) {
			t.Fatalf("%q: got the head %+v, %v, want %+v", payload, head, err, want.Head)
		}
	})
}
