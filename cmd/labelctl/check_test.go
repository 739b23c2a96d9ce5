package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tegata/verify"
	"tegata/web/stock"
)

// TestPlan: the parts of a list are all of it, in order, and each begins where a
// row does.
func TestPlan(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SampledFrom([]string{"\r\n", "a,4912345678904\r\n", "\"b\r\n\",1\n", ",\n", "c\n", "d,e,f\n", "\"open,1\n", "\"" + strings.Repeat("x", stock.RowMost) + "\n\",1\n"}), 0, 12).Draw(t, "rows")
		most := rapid.Int64Range(1, 4).Draw(t, "most")
		text := "name,JAN\n" + strings.Join(rows, "")
		name := filepath.Join(dir, "stock.csv")
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		p, err := newPlan(f, stock.Form{}, most)
		if err != nil {
			t.Fatal(err)
		}
		asked := 0
		for _, row := range rows {
			if row != "\r\n" && row != ",\n" {
				asked++
			}
		}
		at, ends := int64(0), map[int64]bool{int64(len("name,JAN\n")): true}
		for i, end := 0, len("name,JAN\n"); i < len(rows); i++ {
			end += len(rows[i])
			ends[int64(end)] = true
		}
		for i, part := range p.parts {
			last := i == len(p.parts)-1
			if part.from != at || !ends[part.to] || part.rows > most || !last && part.rows < most {
				t.Fatalf("part %d of %q: got %+v", i, rows, part)
			}
			at = part.to
		}
		if at != int64(len(text)) || p.rows() != int64(asked) {
			t.Fatalf("%q: got %d bytes and %d rows, want %d and %d", rows, at, p.rows(), len(text), asked)
		}
	})
}

// TestCounts: every answer counts once under what it says.
func TestCounts(t *testing.T) {
	var c counts
	good := stock.Answer{Status: verify.StatusValid, Outcome: verify.TreatedAsCompliant, ModelCovered: "yes"}
	barred, other := good, good
	barred.Barred, other.ModelCovered = true, "no"
	before := c.clone()
	for _, a := range []stock.Answer{good, good, barred, other, stock.NewAnswer(nil), {Fault: "row: row_long: "}} {
		c.add(a)
	}
	if c.Rows != 6 || c.Good != 2 || c.Barred != 1 || c.NotCovered != 1 || c.Faults != 1 || c.Ambiguous != 0 ||
		c.Statuses[verify.StatusValid] != 4 || c.Statuses[verify.StatusUnknown] != 1 || c.Outcomes[verify.UnknownHere] != 1 {
		t.Errorf("got %+v", c)
	}
	if before.Rows != 0 || len(before.Statuses) != 0 {
		t.Errorf("before: got %+v", before)
	}
}

// TestBar: a bar shows how many rows of how many are answered; where there is no
// terminal nothing shows.
func TestBar(t *testing.T) {
	var out bytes.Buffer
	b := newBar(&out, 200, "rows")
	b.Add64(50)
	b.Clear()
	if !regexp.MustCompile(`labelctl +25% .*\(50/200`).Match(out.Bytes()) {
		t.Errorf("got %q, want 50 of 200", &out)
	}
	out.Reset()
	c := &console{err: &out}
	c.bar(200, "rows").Add64(50)
	if out.Len() != 0 {
		t.Errorf("without a terminal: got %q", &out)
	}
}
