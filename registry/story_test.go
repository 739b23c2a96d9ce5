package registry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
)

// lookup returns the facts about a code.
func lookup(tb testing.TB, r *registry.Registry, code verify.Code) verify.Facts {
	tb.Helper()
	f, err := r.Lookup(context.Background(), code)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// wantRefusal checks that err is a refusal with exactly these faults, each as
// its field and rule.
func wantRefusal(tb testing.TB, err error, want ...string) {
	tb.Helper()
	var refusal *registry.Refusal
	if !errors.As(err, &refusal) {
		tb.Errorf("got %v, want a refusal: %q", err, want)
		return
	}
	var got []string
	for _, f := range refusal.Faults {
		got = append(got, f.Field+" "+string(f.Rule))
	}
	if d := cmp.Diff(want, got); d != "" {
		tb.Errorf("refusal (-want +got):\n%s", d)
	}
}

// changed returns the statement with some members changed.
func changed(tb testing.TB, payload []byte, change func(m map[string]any)) []byte {
	tb.Helper()
	var m map[string]any
	if err := json.Unmarshal(payload, &m); err != nil {
		tb.Fatal(err)
	}
	change(m)
	out, err := json.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func TestStory(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Time{})
	k.CheckLog(t)
	story := k.Story(t)
	if got, want := k.Registry.Head().Size, int64(len(story)); got != want {
		t.Fatalf("got a log of %d, want %d", got, want)
	}
	head, err := k.Registry.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	before := map[verify.Code]verify.Facts{}
	for _, l := range story {
		before[l.Head.Code] = lookup(t, k.Registry, l.Head.Code)
	}
	k.Reopen(t)
	k.CheckLog(t)
	if again, err := k.Registry.Checkpoint(); err != nil || !bytes.Equal(again, head) {
		t.Errorf("got another checkpoint after opening again, %v:\n%s", err, again)
	}
	for code, want := range before {
		got := lookup(t, k.Registry, code)
		if d := cmp.Diff(want.Entries, got.Entries); d != "" {
			t.Errorf("code %s after opening again (-before +after):\n%s", code, d)
		}
	}
	for i, l := range story {
		token, err := k.Registry.Envelope(int64(i))
		if err != nil {
			t.Fatal(err)
		}
		env, err := envelope.Open([]byte(token))
		if err != nil || !bytes.Equal(env.Payload, l.Payload) {
			t.Errorf("entry %d: got %s, %v, want %s", i, env.Payload, err, l.Payload)
		}
	}
}

// TestStoryTwice says everything twice, at once and when all is said.
func TestStoryTwice(t *testing.T) {
	k := registrytest.New(t)
	var tokens [][]byte
	again := func(i int) {
		t.Helper()
		size := k.Registry.Head().Size
		receipt := k.Append(t, tokens[i])
		if receipt.Index != int64(i) || receipt.Fresh {
			t.Errorf("statement %d said again: got index %d, fresh %t", i, receipt.Index, receipt.Fresh)
		}
		if got := k.Registry.Head().Size; got != size {
			t.Errorf("statement %d said again: the log grew from %d to %d", i, size, got)
		}
	}
	for i, l := range k.Story(t) {
		k.Clock.Set(l.Head.Made)
		tokens = append(tokens, k.Seal(t, l.Head.By, l.Payload))
		if i == 0 {
			k.Create(t, tokens[i])
		} else if receipt := k.Append(t, tokens[i]); receipt.Index != int64(i) || !receipt.Fresh {
			t.Fatalf("statement %d: got index %d, fresh %t", i, receipt.Index, receipt.Fresh)
		}
		again(i)
		other := changed(t, l.Payload, func(m map[string]any) { m["made"] = l.Head.Made.Add(time.Second).Format(time.RFC3339) })
		_, err := k.Registry.Append(context.Background(), k.Seal(t, l.Head.By, other))
		var refusal *registry.Refusal
		if !errors.As(err, &refusal) || !hasFault(refusal.Faults, "id", verify.IDUsed) {
			t.Errorf("another statement under the id of %d: got %v, want %s", i, err, verify.IDUsed)
		}
	}
	for i := range tokens {
		again(i)
	}
	k.CheckLog(t)
}

func hasFault(faults verify.Faults, field string, rule verify.FaultRule) bool {
	for _, f := range faults {
		if f.Field == field && f.Rule == rule {
			return true
		}
	}
	return false
}

// TestStoryWrongly says each statement wrongly just before it is said rightly.
func TestStoryWrongly(t *testing.T) {
	k := registrytest.New(t)
	whole := map[verify.Kind]bool{verify.LabelIssued: true, verify.DeclarationPublished: true, verify.KeyRetiredKind: true}
	for i, l := range k.Story(t) {
		k.Clock.Set(l.Head.Made)
		token := k.Seal(t, l.Head.By, l.Payload)
		if i == 0 {
			wrongFirst(t, k, l, token)
			k.Create(t, token)
			continue
		}
		size := k.Registry.Head().Size
		say := func(by verify.PartyID, payload []byte) error {
			_, err := k.Registry.Append(context.Background(), k.Seal(t, by, payload))
			return err
		}

		if err := say("nobody", l.Payload); !errors.Is(err, envelope.ErrKey) {
			t.Errorf("statement %d by an unknown key: got %v, want %v", i, err, envelope.ErrKey)
		}
		wrong := verify.PartyID("operator")
		if l.Head.By == wrong {
			wrong = "watcher" // enrolled last but one
		}
		if _, enrolled := k.Registry.Governance().Party(wrong); enrolled {
			wantRefusal(t, say(wrong, l.Payload), "by party")
		}
		wantRefusal(t, say(l.Head.By, changed(t, l.Payload, func(m map[string]any) { m["origin"] = "other.example" })), "origin origin")
		wantRefusal(t, say(l.Head.By, changed(t, l.Payload, func(m map[string]any) { m["colour"] = "red" })), "colour unknown_member")

		step := 97
		if whole[l.Head.Kind] {
			step, whole[l.Head.Kind] = 1, false
		}
		tampered(t, token, step, func(bad []byte) error {
			_, err := k.Registry.Append(context.Background(), bad)
			return err
		})
		if got := k.Registry.Head().Size; got != size {
			t.Fatalf("the log grew from %d to %d by what is wrong with statement %d", size, got, i)
		}
		k.Append(t, token)
	}
	k.CheckLog(t)
}

// wrongFirst tries to create the registry from what is wrong.
func wrongFirst(t *testing.T, k *registrytest.Kit, l registrytest.Line, token []byte) {
	t.Helper()
	create := func(token []byte) error {
		r, err := registry.Create(k.Path, k.Config, token)
		if err == nil {
			t.Errorf("created from %s", token)
			r.Close()
		}
		if _, there := os.Lstat(k.Path); !errors.Is(there, os.ErrNotExist) {
			t.Fatalf("creating left a file behind: %v", there)
		}
		return err
	}
	if err := create(k.Seal(t, "ipa", l.Payload)); !errors.Is(err, envelope.ErrKey) {
		t.Errorf("created by another key: got %v, want %v", err, envelope.ErrKey)
	}
	wantRefusal(t, create(k.Seal(t, "operator", changed(t, l.Payload, func(m map[string]any) { m["origin"] = "other.example" }))), "origin origin")
	wantRefusal(t, create(k.Seal(t, "operator", changed(t, l.Payload, func(m map[string]any) { delete(m, "accord") }))),
		"accord.commences required", "accord.term_years range")
	other := k.Story(t)[1]
	if err := create(k.Seal(t, "operator", other.Payload)); !errors.Is(err, envelope.ErrKey) {
		t.Errorf("created from %s: got %v, want %v", other.Head.Kind, err, envelope.ErrKey)
	}
	tampered(t, token, 29, create)
}

// tampered changes, drops or doubles one byte at every step-th place.
func tampered(t *testing.T, token []byte, step int, say func([]byte) error) {
	t.Helper()
	for at := 0; at < len(token); at += step {
		next := byte('A')
		if token[at] != 'Z' && token[at] != '.' {
			next = token[at] + 1
		}
		for _, bad := range [][]byte{
			replaced(token, at, next), replaced(token, at, token[at]^0x20), replaced(token, at, token[at]|0x80),
			append(bytes.Clone(token[:at]), token[at+1:]...),
			append(bytes.Clone(token[:at+1]), token[at:]...),
			append(append(bytes.Clone(token[:at]), '\n'), token[at:]...),
		} {
			if bytes.Equal(bad, token) {
				continue
			}
			err := say(bad)
			if !errors.Is(err, envelope.ErrMalformed) && !errors.Is(err, envelope.ErrKey) && !errors.Is(err, envelope.ErrSignature) {
				t.Fatalf("tampered at %d of %d: got %v for %q", at, len(token), err, bad)
			}
		}
	}
}

func replaced(token []byte, at int, b byte) []byte {
	out := bytes.Clone(token)
	out[at] = b
	return out
}
