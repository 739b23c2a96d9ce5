package observer

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"tegata/verify"
)

// TestMain lets the test's own program read a PDF, as the server's does.
func TestMain(m *testing.M) {
	if path := os.Getenv("READ_PDF"); path != "" {
		if err := ReadPDF(path, os.Stdout); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func readPDFApart(ctx context.Context, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), "READ_PDF="+path)
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	return out.String(), err
}

// statement is a declaration, and lines is a document that says what it signs.
func statement() *verify.Declaration {
	return &verify.Declaration{
		Product: verify.Product{Type: "Camera", Batch: "All batches", Models: []verify.Model{{Model: "TC-2"}, {Model: "TC-2W"}}},
		Parties: []verify.Firm{{Name: verify.Text{EN: "Thames IoT Ltd"}, Address: "1 River Street, London"}},
		Routes:  verify.Routes{Passwords: verify.ByETSI}, Standards: []verify.Standard{{ID: "ETSI EN 303 645", Version: "V2.1.1"}},
		Support:   verify.Support{End: verify.Date{Year: 2031, Month: 5, Day: 30}},
		Signatory: verify.Signatory{Function: "Compliance Director"}, Place: "London", Issued: verify.Date{Year: 2026, Month: 5, Day: 12},
	}
}

var lines = []string{
	"Statement of compliance",
	"Product: camera TC-2 and TC-2W, all batches.",
	"Manufacturer: THAMES IoT Ltd, 1 River Street, London.",
	"This statement is prepared by the manufacturer.",
	"In the opinion of the manufacturer it has complied with ETSI EN 303 645 V2.1.1.",
	"Defined support period: security updates until 30 May 2031.",
	"Compliance director. Issued in London on 12/05/2026.",
}

// TestCompare: a document that says what was signed differs in nothing; of one in
// which a line is missing or another, that line is told, and no other.
func TestCompare(t *testing.T) {
	if d := Differences(Compare(statement(), strings.Join(lines, "\n"))); len(d) > 0 {
		t.Errorf("got %+v, want no difference", d)
	}
	for _, c := range []struct {
		line        int
		instead     string
		field, says string
		found       verify.Met
	}{
		{1, "Product: camera TC-2, all batches.", "declaration.product.models", "", verify.No},
		{2, "Manufacturer: Thames Ltd, 1 River Street, London.", "declaration.parties.name", "", verify.No},
		{2, "Manufacturer: Thames IoT Ltd.", "declaration.parties.address", "", verify.No},
		{3, "", "declaration.prepared_by_manufacturer", "", verify.NotKnown},
		{4, "In accordance with ETSI EN 303 645 V2.1.1.", "declaration.routes", "", verify.NotKnown},
		{4, "It has complied with ETSI EN 303 645 V3.1.3.", "declaration.standards", "", verify.No},
		{5, "Defined support period: security updates until 30 May 2029.", "declaration.support_at_first_supply.end", "2029-05-30", verify.No},
		{5, "Defined support period: until 05/06/2031.", "declaration.support_at_first_supply.end", "2031-06-05, 2031-05-06", verify.NotKnown},
		{5, "Security updates for as long as we like.", "declaration.support_at_first_supply.end", "", verify.NotKnown},
		{6, "Issued in London on 12/05/2026.", "declaration.signatory.function", "", verify.No},
		{6, "Compliance Director. Issued in London on 13 May 2026.", "declaration.issued", "", verify.No},
	} {
		text := append([]string{}, lines...)
		text[c.line] = c.instead
		d := Differences(Compare(statement(), strings.Join(text, "\n")))
		if len(d) != 1 || d[0].Field != c.field || d[0].Found != c.found || d[0].Says != c.says {
			t.Errorf("%q: got %+v, want %s %s %q", c.instead, d, c.field, c.found, c.says)
		}
	}
	for _, word := range []string{"2030-05-30 ", "1/2/2030 ", "support period ", "meets ", "a", "サポート期間"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		newReading(strings.Repeat(word, textMost/len(word)))
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 200<<20 {
			t.Errorf("%q over and over: got %d MB to read it, want 200 at the most", word, (after.TotalAlloc-before.TotalAlloc)>>20)
		}
	}
	if Compare(statement(), " \n ") != nil {
		t.Error("got hints from a document without text")
	}
}

// TestReadPDF: a PDF made by another program says what stands in it; what is no
// PDF, or is cut anywhere, ends the reading in good order.
func TestReadPDF(t *testing.T) {
	p := fpdf.New("P", "mm", "A4", "")
	p.AddPage()
	p.SetFont("Helvetica", "", 11)
	for _, line := range lines {
		p.CellFormat(0, 8, line, "", 1, "L", false, 0, "")
	}
	var made bytes.Buffer
	if err := p.Output(&made); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "soc.pdf")
	write := func(b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(made.Bytes())
	text, err := readPDFApart(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if d := Differences(Compare(statement(), text)); len(d) > 0 {
		t.Errorf("got %+v from %q, want no difference", d, text)
	}
	for n := 0; n < made.Len(); n += made.Len()/17 + 1 {
		write(made.Bytes()[:n])
		if err := ReadPDF(path, &bytes.Buffer{}); err != nil && !errors.Is(err, errPDF) {
			t.Errorf("cut after %d bytes: got %v", n, err)
		}
	}
}

// FuzzReadPDF: whatever the file, reading it ends.
func FuzzReadPDF(f *testing.F) {
	f.Add([]byte("%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[2 0 R]/Count 1>>\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF"))
	f.Add([]byte("%PDF-1.4"))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "f.pdf")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := ReadPDF(path, &bytes.Buffer{}); err != nil && !errors.Is(err, errPDF) {
			t.Errorf("got %v", err)
		}
	})
}
