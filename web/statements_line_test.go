package web

import (
	"encoding/json"
	"testing"
)

// What is taken for a string without escapes says what any decoder of JSON reads.
func FuzzPlainString(f *testing.F) {
	for _, line := range []string{`"a.b.c"`, `""`, `"`, ``, `"a"b"`, `"a\u0041"`, `"a\"`, "\"a\x00\"", "\"\x7f\"", `"あ"`, ` "a"`, `"a" `, `["a"]`, "\"\xff\""} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, plain := plainString(line)
		if !plain {
			return
		}
		var want string
		if err := json.Unmarshal(line, &want); err != nil || string(got) != want {
			t.Fatalf("%q: got %q, want %q, %v", line, got, want, err)
		}
	})
}

func TestPlainString(t *testing.T) {
	for line, want := range map[string]bool{`"eyJh.eyJr.c2ln_-"`: true, `""`: true, `"`: false, ``: false, `x"`: false, `"x`: false, `"\u0041"`: false, `"あ"`: false} {
		if _, plain := plainString([]byte(line)); plain != want {
			t.Errorf("%s: got %t", line, plain)
		}
	}
}
