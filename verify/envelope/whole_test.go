package envelope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tegata/verify"
)

// agree parses by both ways: the faults are the same, and the statement where
// there are none.
func agree(t *testing.T, payload []byte) {
	t.Helper()
	want, faults := verify.ParseStatement(payload)
	got, found := ParseStatement(payload)
	if d := cmp.Diff(faults, found); d != "" {
		t.Fatalf("%q: %s", payload, d)
	}
	if d := cmp.Diff(want, got); len(faults) == 0 && d != "" {
		t.Fatalf("%q: %s", payload, d)
	}
}

// What has no fault is decoded once, whatever its kind.
func TestWholeTakesEveryKind(t *testing.T) {
	kinds := map[verify.Kind]bool{}
	for _, payload := range storyStatements(t) {
		again := func([]byte, any) error {
			t.Errorf("%s: is decoded again", payload)
			return nil
		}
		s, faults := verify.ParseStatementBy(again, readWhole, payload)
		if len(faults) > 0 {
			t.Errorf("%s: %v", payload, faults)
		}
		kinds[s.Kind] = true
		agree(t, payload)
	}
	if all := verify.Kinds(); len(kinds) != len(all) {
		t.Errorf("got %v, want %v", slices.Sorted(maps.Keys(kinds)), all)
	}
}

// A statement is read where it is opened if it has no fault, and its token is refused
// for what [Open] refuses it for.
func TestOpenStatement(t *testing.T) {
	signer := newSigner(t, "Ed25519")
	for _, payload := range storyStatements(t) {
		var plain bytes.Buffer
		if err := json.Compact(&plain, payload); err != nil {
			t.Fatal(err)
		}
		for _, change := range []struct {
			old, new string
			whole    bool
		}{
			{"", "", true},
			{`"id":`, `"later":1,"id":`, false},
			{`"id":`, `"ID":`, false},
			{`"id":`, `"id":"x","id":`, false},
			{`"id":`, `"\u0069d":"x","id":`, false},
			{`"id":"`, "\"id\":\"\xff", false},
			{`"id":"`, `"id":"\ud800`, false},
			{`{`, `[{`, false},
			{`{`, `{} {`, false},
			{`{`, `{"kind":"label.issued",`, false},
		} {
			changed := strings.Replace(plain.String(), change.old, change.new, 1)
			token := []byte(signed(t, signer.private, header("EdDSA", signer.key.id), changed).token())
			want, wrong := Open(token)
			e, s, whole, err := OpenStatement(token)
			if fmt.Sprint(err) != fmt.Sprint(wrong) || whole != change.whole {
				t.Errorf("%s: got %v, whole %t, want %v, whole %t", changed, err, whole, wrong, change.whole)
			}
			if d := cmp.Diff(want, e, cmp.AllowUnexported(Envelope{})); d != "" {
				t.Errorf("%s: %s", changed, d)
			}
			if said, _ := ParseStatement(e.Payload); whole && !cmp.Equal(said, s) {
				t.Errorf("%s: got %+v, want %+v", changed, s, said)
			}
		}
	}
}

// What follows an object makes a payload none, however whole the object is.
func TestWholeEnds(t *testing.T) {
	for _, payload := range storyStatements(t) {
		for after, want := range map[string]bool{"": true, " \n": true, "{}": false, "x": false, ",": false, "\x00": false} {
			if _, ok := verify.ReadStatementBy(readWhole, append(bytes.Clone(payload), after...)); ok != want {
				t.Errorf("%s%q: whole %t, want %t", payload, after, ok, want)
			}
		}
	}
}

// wrongValues are what may stand where something else should.
var wrongValues = []string{
	`null`, `""`, `[]`, `{}`, `[ ]`, "{\n}", `[null]`, `[""]`, `0`, `-1`, `-0`, `1.0`, `1e2`, `2147483648`, `9223372036854775808`, `true`, `false`, `"x"`, `"0"`, `["x"]`, `{"x":1}`,
	`" x"`, `"x\u202e"`, `"x\ufffd"`, `"x\u0000"`, `"x\/\u0041"`, `"null"`, `"\""`, `"[]"`, `"<x>"`, `"1899-01-01"`, `"2026-02-30"`, `"2026-04-01"`, `"2026-04-01T00:00:00Z"`,
	`"2026-04-01T00:00:00+00:00"`, `"2026-04-01T00:00:00.0Z"`, `"2026-04-01T24:00:00Z"`, `"label.issued"`, `"https://a@b"`,
	`"` + strings.Repeat("あ", 300) + `"`, `"` + strings.Repeat("a", 301) + `"`, `"` + strings.Repeat("a", 2001) + `"`,
}

// Every member of every kind is given every wrong value, is left out, is followed by
// one that nobody knows, and is written in capitals.
func TestWholeAgrees(t *testing.T) {
	for _, payload := range storyStatements(t) {
		var tree any
		d := json.NewDecoder(bytes.NewReader(payload))
		d.UseNumber()
		if err := d.Decode(&tree); err != nil {
			t.Fatal(err)
		}
		write := func() {
			changed, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, changed)
		}
		each(tree, "", func(at string, set func(any)) {
			for _, v := range append(wrongValues, `"<`+at+`>"`) {
				set(json.RawMessage(v))
				write()
			}
		}, write)
	}
}

// each calls change for every value in a tree, with its path and with what puts
// another in its place, and puts it back after. Of objects it also leaves every
// member out, and adds one, and calls changed.
func each(tree any, path string, change func(string, func(any)), changed func()) {
	switch v := tree.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			old, at := v[name], strings.TrimPrefix(path+"."+name, ".")
			change(at, func(to any) { v[name] = to })
			v[name] = old
			each(old, at, change, changed)
			delete(v, name)
			changed()
			v[strings.ToUpper(name)] = old
			changed()
			delete(v, strings.ToUpper(name))
			v[name] = old
		}
		v["later"] = "x"
		changed()
		delete(v, "later")
	case []any:
		for i, old := range v {
			change(path, func(to any) { v[i] = to })
			v[i] = old
			each(old, path, change, changed)
		}
	}
}

func FuzzParseStatement(f *testing.F) {
	for _, s := range storyStatements(f) {
		f.Add(s)
		f.Add(bytes.Replace(s, []byte(`"kind":"`), []byte(`"k\u0069nd":"label.issued","x":"`), 1))
		f.Add(bytes.Replace(s, []byte(`"id":"`), []byte(`"note":{"kind":"label.status"},"id":"`), 1))
		f.Add(bytes.ReplaceAll(s, []byte(`T00:00:`), []byte(`\u005400:00\u003a`)))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		if err := CheckJSON(payload); err == nil {
			agree(t, payload)
		} else if s, ok := verify.ReadStatementBy(readWhole, payload); ok {
			t.Fatalf("%q: got %+v, want %v", payload, s, err)
		}
	})
}

// What it costs to see that nothing is wrong.
func BenchmarkParseStatement(b *testing.B) {
	for name, parse := range map[string]func([]byte) (verify.Statement, verify.Faults){"whole": ParseStatement, "tree": verify.ParseStatement} {
		b.Run(name, func(b *testing.B) {
			payload := label(b)
			b.ReportAllocs()
			for b.Loop() {
				if _, faults := parse(payload); len(faults) > 0 {
					b.Fatal(faults)
				}
			}
		})
	}
}
