package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/web/stock"
)

// A cutting handler kills the command after so many lines of its answers.
type cutting struct {
	http.Handler
	mu   sync.Mutex
	left int
	kill func()
}

func (c *cutting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.Handler.ServeHTTP(&cuttingWriter{w, c}, r)
}

type cuttingWriter struct {
	http.ResponseWriter
	*cutting
}

func (w *cuttingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *cuttingWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left -= bytes.Count(b, []byte("\n")); w.left <= 0 && w.kill != nil {
		http.NewResponseController(w.ResponseWriter).Flush()
		w.kill()
		w.kill = nil
	}
	return n, err
}

// An import that is killed in the middle, again and again, goes on where it was:
// in the end every label of the list is in the registry once, with every model
// and barcode number of its rows, under the code that stands beside them.
func TestImportKilled(t *testing.T) {
	killed := 0
	for seed := range uint64(3) {
		rng := rand.New(rand.NewPCG(seed, 7))
		k := registrytest.New(t)
		k.Begin(t)
		h, err := handler(k.Registry)
		if err != nil {
			t.Fatal(err)
		}
		cut := &cutting{Handler: h}
		server := httptest.NewServer(cut)
		defer server.Close()
		dir := t.TempDir()
		if err := writeKeys(k, dir); err != nil {
			t.Fatal(err)
		}
		labels, list := randomList(rng, 80)
		name := filepath.Join(dir, "labels.csv")
		if err := os.WriteFile(name, list, 0o666); err != nil {
			t.Fatal(err)
		}
		before := k.Registry.Head().Size
		for {
			cmd := exec.Command("labelctl", append(importArgs(server.URL, dir), name)...)
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			cut.mu.Lock()
			cut.left, cut.kill = 2+rng.IntN(25), func() { cmd.Process.Kill() }
			if killed > 3*int(seed+1) {
				cut.kill = nil // enough of it
			}
			cut.mu.Unlock()
			err := cmd.Wait()
			if err == nil {
				break
			}
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != -1 {
				t.Fatalf("%v: %s", err, &out)
			}
			killed++
			if there(filepath.Join(dir, "labels-codes.csv")) {
				t.Fatal("the list is written out before all is entered")
			}
		}
		if got := int(k.Registry.Head().Size - before); got != len(labels) {
			t.Errorf("seed %d: got %d entries, want %d", seed, got, len(labels))
		}
		found(t, k.Registry, labels, filepath.Join(dir, "labels-codes.csv"))
	}
	if killed < 5 {
		t.Errorf("got killed %d times, want more", killed)
	}
}

func importArgs(url, dir string) []string {
	args := []string{"import", "-to", url, "-by", "ipa", "-key", filepath.Join(dir, "keys", "ipa.jwk")}
	for field, value := range sameInAll {
		args = append(args, "-set", field+"="+value)
	}
	return args
}

// sameInAll is what lists of these tests do not say.
var sameInAll = map[string]string{
	"made": "2026-06-01T11:59:00Z", "level": "1", "criteria": "JST-CR-01-01-2024R1", "issued": "2026-06-01", "expires": "2028-05-31",
	"basis.route": "own", "holder.name.en": "Aoba Networks K.K.", "holder.address": "1-1 Aoba, Sendai, Japan",
	"product.brand": "Aoba", "product.traits.ip": "true", "product.traits.market": "consumer", "product.traits.class": "general",
	"support.text.en": "Security updates until 31 March 2031", "contact.email": "psirt@aoba.example",
}

// randomList makes up labels, models by number, and a list of them in which rows
// of one label stand anywhere.
func randomList(rng *rand.Rand, n int) (labels map[string][]verify.Model, list []byte) {
	labels = map[string][]verify.Model{}
	rows := [][]string{}
	item := 0
	for i := range n {
		number := fmt.Sprintf("R-%d", i)
		left := 1 + rng.IntN(5)
		for left > 0 {
			in := 1 + rng.IntN(left) // models of one row
			left -= in
			var names, groups []string
			for range in {
				m := verify.Model{Model: fmt.Sprintf("M-%d-%d", i, len(labels[number]))}
				for range rng.IntN(3) {
					item++
					m.GTINs = append(m.GTINs, gtin(item))
				}
				labels[number] = append(labels[number], m)
				names, groups = append(names, m.Model), append(groups, strings.Join(m.GTINs, " "))
			}
			gtins := strings.Join(groups, ";")
			if strings.Trim(gtins, ";") == "" {
				gtins = ""
			}
			rows = append(rows, []string{number, "Router " + number, strings.Join(names, ";"), gtins, "note, \"quoted\""})
		}
	}
	rng.Shuffle(len(rows), func(a, b int) { rows[a], rows[b] = rows[b], rows[a] })
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"Registration number", "Product name", "Models", "GTINs", "Note"})
	w.WriteAll(rows)
	return labels, b.Bytes()
}

// gtin is a trade item number of 13 digits.
func gtin(n int) string {
	digits, sum := fmt.Sprintf("49%010d", n), 0
	for i, d := range digits {
		sum += int(d-'0') * (1 + 2*(i%2))
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

// found compares the records that a registry finds with the labels of a list, and
// with the codes beside its rows.
func found(t *testing.T, r *registry.Registry, labels map[string][]verify.Model, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	beside := map[string]string{}
	for _, row := range rows[1:] {
		if code, twice := beside[row[0]]; twice && code != row[5] || row[7] != "entered" {
			t.Errorf("%s: got codes %s and %s, %s", row[0], code, row[5], row[7])
		}
		beside[row[0]] = row[5]
	}
	for number, want := range labels {
		codes, err := r.Find(t.Context(), registry.Query{Number: number})
		if err != nil || len(codes) != 1 || codes[0].Printed() != beside[number] {
			t.Errorf("%s: got %v, %v, want %s", number, codes, err, beside[number])
			continue
		}
		f, err := r.Lookup(t.Context(), codes[0])
		if err != nil {
			t.Fatal(err)
		}
		got := f.Record(verify.Known{}).Label.Product.Models
		byName := func(a, b verify.Model) int { return strings.Compare(a.Model, b.Model) }
		slices.SortFunc(got, byName)
		slices.SortFunc(want, byName)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got models %v, want %v", number, got, want)
		}
	}
}

// A list as a Japanese spreadsheet saves it says the same.
func TestImportShiftJIS(t *testing.T) {
	text := "登録番号,製品名,製品名（英語）,型番,ＪＡＮコード\r\nS-1,青葉ルーター,Router,\"=\"\"AX-1\"\"\",4912345678904\r\n"
	bytesOf, err := japanese.ShiftJIS.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	i := importing{console: &console{}, kind: verify.LabelIssued}
	var set []string
	for field, value := range sameInAll {
		set = append(set, field+"="+value)
	}
	m, err := i.mapping(importFlags{by: "ipa", set: append(set, "origin=labels.example")})
	if err != nil {
		t.Fatal(err)
	}
	p, err := readImport(strings.NewReader(bytesOf), m)
	if err != nil || len(p.faults) > 0 {
		t.Fatalf("got %v, %v", p.faults, err)
	}
	want := `"product":{"brand":"Aoba","models":[{"gtins":["4912345678904"],"model":"AX-1"}],"name":{"en":"Router","ja":"青葉ルーター"}`
	if got := string(p.statements[0].payload); !strings.Contains(got, want) {
		t.Errorf("got %s, want %s in it", got, want)
	}
}

func TestCellValue(t *testing.T) {
	for _, c := range []struct {
		m    verify.Member
		cell string
		want any
	}{
		{verify.Member{Type: "boolean"}, "Yes", true}, {verify.Member{Type: "boolean"}, "いいえ", false}, {verify.Member{Type: "boolean"}, "ＴＲＵＥ", true},
		{verify.Member{Type: "boolean"}, "perhaps", "perhaps"},
		{verify.Member{Type: "integer"}, "★1", "1"}, {verify.Member{Type: "integer"}, "２", "2"}, {verify.Member{Type: "integer"}, "one", "one"},
		{verify.Member{Type: "string", Day: true}, "2026/4/1", "2026-04-01"}, {verify.Member{Type: "string", Day: true}, "2026年04月01日", "2026-04-01"},
		{verify.Member{Type: "string", Day: true}, "01/04/2026", "01/04/2026"}, {verify.Member{Type: "string", Day: true}, "2026/13/1", "2026-13-01"},
		{verify.Member{Type: "string"}, "2026/4/1", "2026/4/1"}, {verify.Member{Type: "string"}, "yes", "yes"},
	} {
		if got := cellValue(c.m, c.cell); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%+v %q: got %v, want %v", c.m, c.cell, got, c.want)
		}
	}
}

// A row's models and barcode numbers, as people put them into cells.
func TestRowModels(t *testing.T) {
	for _, c := range []struct{ models, gtins, want string }{
		{"A", "", "[{A []}] 1"},
		{"A", "1 2,3、4", "[{A [1 2 3 4]}] 1"},
		{"A", "1;2", "[{A [1 2]}] 1"},
		{"A;B", "1;2 3", "[{A [1]} {B [2 3]}] 2"},
		{"A\nB", ";2", "[{A []} {B [2]}] 2"},
		{"A；B", "1", "[{A [1]} {B []}] 1"},
		{"", "1", "[{ [1]}] 1"},
		{"", "", "[] 0"},
	} {
		models, groups := rowModels(c.models, c.gtins)
		plain := []verify.Model{}
		for _, m := range models {
			plain = append(plain, verify.Model{Model: m.model, GTINs: m.gtins})
		}
		if got := fmt.Sprint(plain, groups); got != c.want {
			t.Errorf("%q %q: got %s, want %s", c.models, c.gtins, got, c.want)
		}
	}
}

// Every name that a column may go by is of a field that a kind has, and no two
// fields of one kind go by the same.
func TestImportNames(t *testing.T) {
	for name := range importNames {
		known := false
		for kind, key := range importKey {
			prefix, _, _ := strings.Cut(key, ".")
			known = known || slices.ContainsFunc(verify.Members(kind), func(m verify.Member) bool { return m.Path == prefix+"."+name && m.Type != "object" })
		}
		if !known {
			t.Errorf("%s: no kind has it", name)
		}
	}
	for kind, key := range importKey {
		prefix, _, _ := strings.Cut(key, ".")
		of := map[string]string{}
		for _, m := range verify.Members(kind) {
			for _, heading := range importNames[strings.TrimPrefix(m.Path, prefix+".")] {
				folded := stock.Fold(heading)
				if other, twice := of[folded]; twice && other != m.Path {
					t.Errorf("%s: %q is both %s and %s", kind, heading, other, m.Path)
				}
				of[folded] = m.Path
			}
		}
	}
}

// FuzzReadImport: whatever a list holds, each of its rows is in one statement or
// has a fault, and what is to be signed is one JSON object.
func FuzzReadImport(f *testing.F) {
	for _, text := range []string{
		"number,model,gtin\nA,x;y,4912345678904;4912345678911\nA,z,\n", "登録番号\n\n\"A\n", "number,level\n1,★1\n,\n", "number,number\n", "model;number\na;=\"\"1\"\"\n", "\xff",
	} {
		f.Add([]byte(text))
	}
	i := importing{console: &console{}, kind: verify.LabelIssued}
	f.Fuzz(func(t *testing.T, list []byte) {
		m, err := i.mapping(importFlags{by: "ipa", set: []string{"origin=labels.example"}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := readImport(bytes.NewReader(list), m)
		if err != nil {
			return
		}
		placed := map[int]bool{}
		for _, s := range p.statements {
			if err := envelope.CheckJSON(s.payload); err != nil {
				t.Errorf("%s: %v", s.payload, err)
			}
			for _, row := range s.rows {
				if placed[row] {
					t.Errorf("row %d is in two statements", row)
				}
				placed[row] = true
			}
		}
		for _, f := range p.faults {
			if f.row != nil {
				placed[f.row.number] = true
			}
		}
		for row := 1; row <= p.rows; row++ {
			if !placed[row] {
				t.Errorf("row %d of %d is nowhere", row, p.rows)
			}
		}
	})
}
