package pack

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// small writes a pack of two files that holds nothing, signed with nothing.
func small(tb testing.TB, at time.Time) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, at)
	for _, name := range []string{"README.en.txt", "7K3MQ2ZT9XWE/record.json"} {
		if err := w.Add(name, []byte(name)); err != nil {
			tb.Fatal(err)
		}
	}
	seal := func(t envelope.Type, payload []byte) (string, error) { return string(payload), nil }
	if err := w.Close([]verify.Code{"7K3MQ2ZT9XWE"}, verify.Log{Origin: "labels.example", Size: 7, Time: at}, seal); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// TestWriter: what is written is read by another reader, as it was, with its
// instant; what does not belong in a pack is not written.
func TestWriter(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(2026, 11, 23, 10, 0, 58, 0, time.UTC),
		time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2107, 12, 31, 23, 59, 58, 0, time.UTC),
	} {
		data := small(t, at)
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range z.File {
			names = append(names, f.Name)
			if !f.Modified.Equal(at) {
				t.Errorf("%s: got the instant %s, want %s", f.Name, f.Modified, at)
			}
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(r); err != nil || !strings.HasSuffix(f.Name, ".jwt") && f.Name != SumsName && string(text) != f.Name {
				t.Errorf("%s: got %q, %v", f.Name, text, err)
			}
		}
		if got, want := strings.Join(names, " "), "README.en.txt 7K3MQ2ZT9XWE/record.json SHA256SUMS manifest.jwt"; got != want {
			t.Errorf("got the files %s, want %s", got, want)
		}
		if again := small(t, at); !bytes.Equal(again, data) {
			t.Error("written again: got other bytes")
		}
	}
	w := NewWriter(io.Discard, time.Time{})
	for _, name := range []string{"", ".", "..", "/a", "a/", "../a", "a/..", `a\b`, "a b", "é", "a/b/c/d", ".a", "a/.b", strings.Repeat("a", 65)} {
		if err := w.Add(name, nil); err == nil {
			t.Errorf("a file named %q: got no error", name)
		}
	}
	if err := w.Add("large", make([]byte, FileMost+1)); err == nil {
		t.Error("a file too large: got no error")
	}
	w = NewWriter(io.Discard, time.Time{})
	for i := range FilesMost + 1 {
		if err := w.Add("a", nil); (err != nil) != (i == FilesMost) {
			t.Fatalf("file %d: got %v", i, err)
		}
	}
}

// Each case starts from a manifest that is read, and changes one member.
func TestParseManifest(t *testing.T) {
	const whole = `{"iss":"labels.example","iat":1795428000,"pack":"tegata-pack/v1","codes":["7K3MQ2ZT9XWE"],"files":2,"sums_sha256":"00","log":{"origin":"labels.example","size":7,"root":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","time":"2026-11-23T10:00:00Z"}}`
	if m, err := parseManifest([]byte(whole)); err != nil || string(encode(m)) != whole {
		t.Fatalf("got %s, %v", encode(m), err)
	}
	for _, c := range []struct{ name, was, is string }{
		{"another format", "tegata-pack/v1", "tegata-pack/v2"},
		{"another log", `"iss":"labels.example"`, `"iss":"other.example"`},
		{"another time", "1795428000", "1795428001"},
		{"no code", `["7K3MQ2ZT9XWE"]`, `[]`},
		{"too many codes", `["7K3MQ2ZT9XWE"]`, `[` + strings.Repeat(`"7K3MQ2ZT9XWE",`, CodesMost) + `"7K3MQ2ZT9XWE"]`},
		{"no code that is one", "7K3MQ2ZT9XWE", "7K3MQ2ZT9XWF"},
		{"another member", `"files":2`, `"files":2,"more":1`},
		{"a member twice", `"files":2`, `"files":2,"files":2`},
		{"a text for a number", `"files":2`, `"files":"2"`},
	} {
		text := strings.Replace(whole, c.was, c.is, 1)
		if _, err := parseManifest([]byte(text)); !errors.Is(err, envelope.ErrMalformed) {
			t.Errorf("%s: got %v, want it malformed", c.name, err)
		}
	}
}

// FuzzOpen: whatever the bytes, they are no pack to a trust file that names nobody,
// and no more is read than there is.
func FuzzOpen(f *testing.F) {
	f.Add([]byte{})
	f.Add(small(f, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := Open(bytes.NewReader(data), int64(len(data)), bundle.Trust{}); err == nil || p != nil {
			t.Errorf("%q: got %+v, %v", data, p, err)
		}
	})
}
