package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A specimen is a statement of testdata/story as it was written.
type specimen struct {
	name    string
	payload []byte
	Statement
}

// written are the payloads of testdata/story, in the order in which they were
// made.
var written = sync.OnceValues(func() ([][]byte, error) {
	var all [][]byte
	names, err := filepath.Glob("testdata/story/*")
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		payloads := [][]byte{b}
		if filepath.Ext(name) == ".jsonl" {
			payloads = bytes.Split(bytes.TrimSpace(b), []byte("\n"))
		}
		all = append(all, payloads...)
	}
	slices.SortStableFunc(all, func(a, b []byte) int { return headOf(a).Made.Compare(headOf(b).Made) })
	return all, err
})

func headOf(payload []byte) (h Head) {
	json.Unmarshal(payload, &h) // what is no statement has no head, and is found out below
	return h
}

// story returns every specimen, or only those of a kind, in the order in which
// they were made. Whoever calls it may change what it gets.
func story(t testing.TB, of ...Kind) []specimen {
	t.Helper()
	payloads, err := written()
	if err != nil {
		t.Fatal(err)
	}
	var all []specimen
	for _, payload := range payloads {
		if h := headOf(payload); len(of) > 0 && !slices.Contains(of, h.Kind) {
			continue
		}
		s, faults := ParseStatement(payload)
		if len(faults) > 0 {
			t.Fatalf("%s: %v", payload, faults)
		}
		all = append(all, specimen{fmt.Sprintf("%s %s", s.Kind, s.ID[len(s.ID)-2:]), payload, s})
	}
	return all
}

// specimenOf returns the first specimen of a kind.
func specimenOf(t testing.TB, kind Kind) specimen {
	t.Helper()
	all := story(t, kind)
	if len(all) == 0 {
		t.Fatalf("no %s in the story", kind)
	}
	return all[0]
}

// absent is the value of a member that is left out.
var absent = &struct{}{}

// with returns a payload with one member changed: path is written as in a
// fault, and a member that is not there is added.
func with(t testing.TB, payload []byte, path string, value any) []byte {
	t.Helper()
	var tree map[string]any
	if err := decodeTree(payload, &tree); err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(strings.NewReplacer("[", ".", "]", "").Replace(path), ".")
	put(t, tree, steps, value)
	b, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t testing.TB, tree any, steps []string, value any) {
	t.Helper()
	switch at := tree.(type) {
	case map[string]any:
		if len(steps) > 1 {
			put(t, at[steps[0]], steps[1:], value)
		} else if value == absent {
			delete(at, steps[0])
		} else {
			at[steps[0]] = value
		}
	case []any:
		i, err := strconv.Atoi(steps[0])
		if err != nil || i >= len(at) {
			t.Fatalf("no %v in a list of %d", steps, len(at))
		}
		if len(steps) > 1 {
			put(t, at[i], steps[1:], value)
		} else {
			at[i] = value
		}
	default:
		t.Fatalf("no %v in %v", steps, tree)
	}
}

// lines writes faults as "field: rule" or "field: rule detail", sorted.
func lines(faults Faults, details bool) string {
	all := make([]string, len(faults))
	for i, f := range faults {
		all[i] = f.Field + ": " + string(f.Rule)
		if details && f.Detail != "" {
			all[i] += " " + f.Detail
		}
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}
