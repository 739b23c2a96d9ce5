package registrytest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"tegata/verify"
)

// A Line is one statement of the story, with the keys in it replaced by the
// kit's own.
type Line struct {
	Head    verify.Head
	Payload []byte
}

// Story returns the statements of the story in the order they were made, and
// makes the keys that they hand out. The key that one of them adds to a party
// is Signers[party+"+"].
func (k *Kit) Story(tb testing.TB) []Line {
	tb.Helper()
	if k.story != nil {
		return k.story
	}
	_, here, _, _ := runtime.Caller(0)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(here), "../../verify/testdata/story/*"))
	check(tb, err)
	var lines []Line
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(tb, err)
		objects := [][]byte{text}
		if filepath.Ext(file) == ".jsonl" {
			objects = bytes.Split(bytes.TrimSpace(text), []byte("\n"))
		}
		for _, o := range objects {
			lines = append(lines, k.line(tb, o))
		}
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return a.Head.Made.Compare(b.Head.Made) })
	if len(lines) < 26 {
		tb.Fatalf("the story has %d statements, want 26", len(lines))
	}
	k.story = lines
	return lines
}

// line puts the kit's keys where the story has its own.
func (k *Kit) line(tb testing.TB, text []byte) Line {
	var m map[string]any
	check(tb, json.Unmarshal(text, &m))
	if m["origin"] != nil {
		m["origin"] = k.Config.Log.Key().Name()
	}
	if p, ok := m["party"].(map[string]any); ok {
		p["keys"] = []any{k.Signer(tb, verify.PartyID(p["id"].(string))).Key().JWK()}
	}
	if party, ok := m["party"].(string); ok && m["key"] != nil {
		m["key"] = k.Signer(tb, verify.PartyID(party+"+")).Key().JWK()
	}
	if m["kid"] != nil {
		// The story retires the key that it added.
		m["kid"] = k.Signer(tb, verify.PartyID(m["party"].(string)+"+")).Key().ID()
	}
	payload, err := json.Marshal(m)
	check(tb, err)
	var h verify.Head
	check(tb, json.Unmarshal(payload, &h))
	return Line{h, payload}
}

// Play makes the registry and enters the story up to and with the statements
// made at until; all of it where until is zero. The clock stands when the last
// was made.
func (k *Kit) Play(tb testing.TB, until time.Time) {
	tb.Helper()
	for _, l := range k.Story(tb) {
		if !until.IsZero() && l.Head.Made.After(until) {
			break
		}
		k.Clock.Set(l.Head.Made)
		token := k.Seal(tb, l.Head.By, l.Payload)
		if l.Head.Kind == verify.RegistryCreated {
			k.Create(tb, token)
		} else {
			k.Append(tb, token)
		}
	}
}
