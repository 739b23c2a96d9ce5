package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A state that was cut off in the middle of a receipt goes on; one that is none
// is left as it is; and of two who begin the same import, one does.
func TestImportState(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.import")
	s := &importState{head: importHead{List: "d", Origin: "labels.example", Statements: 2}, sealed: []importSealed{{[]int{1}, "a"}, {[]int{2, 3}, "b"}}}
	if err := s.write(name); err != nil {
		t.Fatal(err)
	}
	if err := s.entered(1, []byte("{\n\"index\": 7}")); err != nil {
		t.Fatal(err)
	}
	s.file.Close()
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append(slices.Clip(whole), `{"statement":0,"rec`...), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := readImportState(name)
	if err != nil {
		t.Fatal(err)
	}
	defer again.file.Close()
	if fmt.Sprint(again.sealed) != fmt.Sprint(s.sealed) || string(again.receipts[1]) != `{"index":7}` || len(again.receipts) != 1 {
		t.Errorf("got %v and receipts %v", again.sealed, again.receipts)
	}
	if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, whole) {
		t.Errorf("got %q, want %q", got, whole)
	}
	if err := s.write(name); err == nil || !strings.Contains(err.Error(), "has just begun") {
		t.Errorf("a second one: got %v", err)
	}
	for _, text := range []string{"", "{}\n", "[]\n", `{"import":2}` + "\n", strings.Join(strings.SplitAfter(string(whole), "\n")[:2], ""),
		string(whole) + "x\n", string(whole) + `{"statement":2,"receipt":{}}` + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := readImportState(name); err == nil {
			s.file.Close()
			t.Errorf("%q: got a state", text)
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != text {
			t.Errorf("%q: got %q", text, got)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(name), ".labelctl-*")); err != nil || len(left) > 0 {
		t.Errorf("got %v left behind", left)
	}
}
