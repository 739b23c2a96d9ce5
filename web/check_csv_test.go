package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"tegata/web/stock"
)

// TestCheckCSV: the scripts of /check take lists apart as the program does, in
// whatever pieces they come.
func TestCheckCSV(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	var lists [][]string
	var want [][][]string
	for range 500 {
		var list strings.Builder
		list.WriteString("code,a,b\n")
		for range random.IntN(6) {
			for i := range 3 {
				list.WriteString(strings.Repeat(",", min(i, 1)))
				list.WriteString(pick("", "x", "7K3M", "5\" wide", " 箱 ", `""`, `"a,b"`, "\"two\nlines\"", "\"two\r\nlines\"", `"say ""no"""`, `""""`))
			}
			list.WriteString(pick("\n", "\r\n", "\r", "\n\n", ",,\n"))
		}
		text := strings.TrimRight(list.String(), pick("", "\r\n"))
		rows, sound := rowsOf(t, text)
		if !sound {
			continue
		}
		var pieces []string
		for rest := []rune(text); len(rest) > 0; {
			n := 1 + random.IntN(min(len(rest), 9))
			pieces, rest = append(pieces, string(rest[:n])), rest[n:]
		}
		lists, want = append(lists, pieces), append(want, rows)
	}
	if len(lists) < 200 {
		t.Fatalf("got %d lists that are sound, want 200 at least", len(lists))
	}
	in, err := json.Marshal(lists)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", "testdata/csv.mjs")
	var stderr bytes.Buffer
	node.Stdin, node.Stderr = bytes.NewReader(in), &stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("%v: run: make tools\n%s", err, &stderr)
	}
	var got [][][]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if !slices.EqualFunc(got[i], want[i], slices.Equal) {
			t.Errorf("%q: got %q, want %q", lists[i], got[i], want[i])
		}
	}
}

// rowsOf are the rows of a list, with its header, and whether nothing is wrong
// with any.
func rowsOf(t *testing.T, text string) (rows [][]string, sound bool) {
	t.Helper()
	list, err := stock.Open(strings.NewReader(text), stock.Form{Charset: stock.UTF8, Comma: ',', Header: stock.Present})
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	rows = append(rows, list.Headings())
	for {
		row, err := list.Next()
		if errors.Is(err, io.EOF) {
			return rows, true
		}
		if err != nil || len(row.Faults) > 0 {
			return nil, false
		}
		if row.Blank {
			continue
		}
		var fields []string
		for i := range row.Fields() {
			field, _ := row.Field(i)
			fields = append(fields, field)
		}
		rows = append(rows, fields)
	}
}
