package registry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/tlog"
)

// answers are all that a registry answers, in lines, by question. A question
// that got an error has no answer.
type answers map[string][]string

// hideable are the questions whose answer may lack lines when rows of an index
// are lost. All other answers are whole or none.
func hideable(question string) bool {
	return question[0] == 'l' || question[0] == 'f' || question[0] == 'g'
}

func ask(r *registry.Registry, codes []verify.Code, size int64) answers {
	ctx, a := context.Background(), answers{}
	put := func(err error, question string, lines ...string) {
		if err == nil {
			a[question] = lines
		}
	}
	for i := range size {
		token, err := r.Envelope(i)
		put(err, fmt.Sprint("envelope ", i), token)
		receipt, err := r.Receipt(i)
		receipt.Proof, receipt.Checkpoint = nil, nil // checked before it is given; of an older head it is another
		put(err, fmt.Sprint("receipt ", i), fmt.Sprint(receipt))
	}
	put(nil, "governance", entryLines(r.Governance().Entries())...)
	for _, code := range codes {
		f, err := r.Lookup(ctx, code)
		put(err, "lookup "+string(code), entryLines(f.Entries)...)
		for i, basis := range f.Basis {
			put(err, fmt.Sprint("lookup basis of ", code, i), entryLines(basis)...)
		}
		for i, related := range f.Related {
			put(err, fmt.Sprint("lookup related of ", code, i), entryLines(related)...)
		}
	}
	for _, q := range []registry.Query{
		{Number: "DEMO-2026-000123"}, {Number: "N-" + string(registrytest.Code(101))}, {Model: "WX-100"}, {Model: "TC2"},
		{GTIN: "04912345678904"}, {GTIN: "05012345678900"}, {Holder: "aoba networks k.k."}, {Holder: "Thames IoT Ltd"},
	} {
		found, err := r.Find(ctx, q)
		var lines []string
		for _, code := range found {
			lines = append(lines, string(code))
		}
		put(err, fmt.Sprintf("find %+v", q), lines...)
	}
	for level := tlog.EntriesLevel; level <= 0; level++ {
		for _, width := range []int{1, 8, int(size)} {
			b, err := r.Tile(tlog.TilePath{Level: level, Width: width})
			put(err, fmt.Sprint("tile ", level, width), string(b))
		}
	}
	return a
}

func entryLines(entries []verify.Entry) (lines []string) {
	for _, e := range entries {
		said, err := json.Marshal(e.Statement)
		lines = append(lines, fmt.Sprint(e.Index, e.Logged, e.Key, string(said), err))
	}
	return lines
}

// compare reports whether the answers are the same. What is neither the same,
// nor an error, nor the same with something left out, was altered.
func compare(t *testing.T, what string, want, got answers) (same bool) {
	t.Helper()
	same = true
	for question, lines := range got {
		have := want[question]
		if slices.Equal(lines, have) {
			continue
		}
		same = false
		rest := have
		for _, line := range lines {
			at := slices.Index(rest, line)
			if at < 0 || !hideable(question) {
				t.Errorf("%s: %s was altered\n got %.80q\nwant %.80q", what, question, lines, have)
				break
			}
			rest = rest[at+1:]
		}
	}
	return same && len(got) == len(want)
}

// A patient is a copy of a registry's file to be damaged, and what the registry
// answered before.
type patient struct {
	*registrytest.Kit
	path  string
	codes []verify.Code
	size  int64
	well  answers
}

func newPatient(t *testing.T) *patient {
	t.Helper()
	k := registrytest.New(t)
	k.Play(t, time.Time{})
	p := &patient{Kit: k, path: filepath.Join(t.TempDir(), "copy.db")}
	for _, l := range k.Story(t) {
		if !slices.Contains(p.codes, l.Head.Code) && l.Head.Code != "" {
			p.codes = append(p.codes, l.Head.Code)
		}
	}
	for n := range int64(12) {
		p.codes = append(p.codes, registrytest.Code(100+n))
		k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(100+n), nil))
	}
	p.codes = append(p.codes, registrytest.Code(99)) // nothing is said about it
	k.Append(t, k.Say(t, verify.LabelAmended, registrytest.Code(111), func(m map[string]any) {
		delete(m, "contact") // the models are as they were
		m["models"] = []any{map[string]any{"model": "WX-100", "gtins": []any{"04912345678904"}}}
	}))
	p.size = k.Registry.Head().Size
	p.well = ask(k.Registry, p.codes, p.size)
	p.heal(t)
	if seen := p.examine(t, "not damaged"); seen != "" {
		t.Fatalf("not damaged: %s", seen)
	}
	return p
}

func (p *patient) heal(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(p.path); err != nil {
		t.Fatal(err)
	}
	if err := registry.CopyFile(p.Registry, p.path); err != nil {
		t.Fatal(err)
	}
}

// examine opens the copy and audits it, and returns what was found. Where that
// is nothing, all answers must be as they were; altered they must never be.
func (p *patient) examine(t *testing.T, what string) (found string) {
	t.Helper()
	r, err := registry.Open(p.path, p.Config)
	if err != nil {
		if !errors.Is(err, registry.ErrDamaged) {
			t.Errorf("%s: got %v, want %v", what, err, registry.ErrDamaged)
		}
		return err.Error()
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Errorf("%s: close: %v", what, err)
		}
	}()
	same := compare(t, what, p.well, ask(r, p.codes, p.size))
	report, err := r.Audit(context.Background(), nil)
	if err != nil {
		t.Errorf("%s: audit: %v", what, err)
	}
	if !same && len(report.Faults) == 0 {
		t.Errorf("%s: the audit finds nothing, and answers are not what they were", what)
	}
	if len(report.Faults) > 0 {
		found = report.Faults[0].Error()
	}
	return found
}

// TestFlippedBytes changes one byte of the file: of what is stored in each
// bucket, and anywhere.
func TestFlippedBytes(t *testing.T) {
	p := newPatient(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	rows, err := registry.RawRows(p.path)
	if err != nil {
		t.Fatal(err)
	}
	p.heal(t)
	whole, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(p.path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	flip := func(at int) string {
		b := whole[at] ^ byte(1+rng.IntN(255))
		what := fmt.Sprintf("seed %d: byte %d (page %d) from %02x to %02x", seed, at, at/4096, whole[at], b)
		if _, err := file.WriteAt([]byte{b}, int64(at)); err != nil {
			t.Fatal(err)
		}
		found := p.examine(t, what)
		if _, err := file.WriteAt(whole[at:at+1], int64(at)); err != nil {
			t.Fatal(err)
		}
		return found
	}

	tried, found := map[string]int{}, map[string]int{}
	for _, i := range rng.Perm(len(rows)) {
		row := rows[i]
		if tried[row.Bucket] == 4 {
			continue
		}
		tried[row.Bucket]++
		// In a leaf the value follows the key, and the next key the value.
		together := slices.Concat(row.Key, row.Value, rows[(i+1)%len(rows)].Key)
		for _, part := range [][]byte{row.Key, row.Value, together} {
			// A page that was freed may hold the same bytes, and small numbers
			// are everywhere.
			for start, times := 0, 0; len(part) > 8 && times < 3; times++ {
				at := bytes.Index(whole[start:], part)
				if at < 0 {
					break
				}
				if flip(start+at+rng.IntN(len(part))) != "" {
					found[row.Bucket]++
				}
				start += at + len(part)
			}
		}
	}
	for _, bucket := range []string{"entry", "hash", "head", "code", "governance", "id", "number", "model", "gtin", "holder", "status"} {
		if tried[bucket] == 0 || found[bucket] == 0 {
			t.Errorf("bucket %s: %d of %d rows damaged were found", bucket, found[bucket], tried[bucket])
		}
	}

	noticed := 0
	for range 120 {
		if flip(rng.IntN(len(whole))) != "" {
			noticed++
		}
	}
	for page := 0; page < len(whole); page += 4096 { // where the pages' heads and elements are
		if flip(page+rng.IntN(64)) != "" {
			noticed++
		}
	}
	t.Logf("%d pages, %d changes noticed", len(whole)/4096, noticed)
	if after, err := os.ReadFile(p.path); err != nil || !bytes.Equal(after, whole) {
		t.Errorf("the file was changed by reading it: %v", err)
	}
}

// TestLostCommit damages the page that says where the root is now: the store goes
// on from the one of the commit before, and that is noticed.
func TestLostCommit(t *testing.T) {
	p := newPatient(t)
	if err := p.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(p.Path)
	if err != nil {
		t.Fatal(err)
	}
	lost := 0
	for page := range 2 {
		for at := page*4096 + 16; at < page*4096+80; at += 4 {
			bad := bytes.Clone(whole[:1<<20])
			bad[at] ^= 1
			if err := os.WriteFile(p.path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if found := p.examine(t, fmt.Sprint("meta page, byte ", at)); found == "" {
				t.Errorf("meta page, byte %d: nothing was found", at)
			} else if !strings.Contains(found, "meta page") {
				t.Errorf("meta page, byte %d: found %q", at, found)
			} else {
				lost++
			}
		}
	}
	if lost != 32 {
		t.Errorf("%d of 32 were found", lost)
	}
}

// TestCutFile takes pages off the end.
func TestCutFile(t *testing.T) {
	p := newPatient(t)
	info, err := os.Stat(p.path)
	if err != nil {
		t.Fatal(err)
	}
	for size := info.Size() - 1; size > 0; size -= 4096*2 + 1 {
		if err := os.Truncate(p.path, size); err != nil {
			t.Fatal(err)
		}
		if found := p.examine(t, fmt.Sprintf("cut to %d bytes", size)); found == "" {
			t.Errorf("cut to %d of %d bytes: nothing was found", size, info.Size())
		}
	}
}
