package registry_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// TestHistories tells random histories to one registry, and each of them again,
// step by step, to another. What the first answers about the past is what the
// second answers when that is its present.
func TestHistories(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	entered := map[verify.Kind]int{}
	for n := range uint64(3) {
		history(t, seed+n, entered)
	}
	t.Logf("entered: %v", entered)
	for _, kind := range []verify.Kind{verify.LabelIssued, verify.DeclarationPublished, verify.LabelStatus, verify.MeasureTaken, verify.KeyAdded, verify.KeyRetiredKind} {
		if entered[kind] == 0 {
			t.Errorf("seed %d: no %s was entered", seed, kind)
		}
	}
}

func history(t *testing.T, seed uint64, entered map[verify.Kind]int) {
	t.Helper()
	k := registrytest.New(t)
	k.Begin(t)
	h := registrytest.NewHistory(k, seed)
	for range 120 {
		token := h.Next(t)
		_, err := k.Registry.Append(context.Background(), token)
		var refusal *registry.Refusal
		if err != nil && !errors.As(err, &refusal) && !errors.Is(err, envelope.ErrKey) {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	k.CheckLog(t)
	codes := append(h.Labels(), h.Declarations()...)
	facts := map[verify.Code]verify.Facts{}
	for _, code := range codes {
		facts[code] = lookup(t, k.Registry, code)
	}

	replay := verify.NewReplay()
	clock := new(registrytest.Clock)
	config := k.Config
	config.Now = clock.Now
	var second *registry.Registry
	size := k.Registry.Head().Size
	for i := range size {
		e, token := replayed(t, k.Registry, i)
		if faults := replay.Enter(e); len(faults) > 0 {
			t.Fatalf("seed %d: entry %d: %v", seed, i, faults)
		}
		entered[e.Kind]++
		clock.Set(e.Logged)
		if i == 0 {
			var err error
			if second, err = registry.Create(filepath.Join(t.TempDir(), "second.db"), config, token); err != nil {
				t.Fatal(err)
			}
			defer second.Close()
		} else if _, err := second.Append(context.Background(), token); err != nil {
			t.Fatalf("seed %d: entry %d: %v", seed, i, err)
		}
		if i%3 != int64(seed%3) && i != size-1 {
			continue
		}
		known, err := k.Registry.KnownAt(i + 1)
		if err != nil {
			t.Fatal(err)
		}
		// The state of then lasted until the next entry.
		clock.Set(known.Time)
		if i == size-1 {
			clock.Set(k.Clock.Now())
		}
		for _, code := range codes {
			for _, in := range []verify.Jurisdiction{"", "GB", "JP"} {
				for _, days := range []int{-400, -30, 0, 30, 500} {
					q := verify.Question{In: in, At: e.Logged.AddDate(0, 0, days)}
					then := verify.Judge(lookup(t, second, code), q)
					q.Known = known
					now := verify.Judge(facts[code], q)
					then.Log, now.Log = verify.Log{}, verify.Log{}
					then.Question.Known, now.Question.Known = verify.Known{}, verify.Known{}
					if d := cmp.Diff(then, now); d != "" {
						t.Fatalf("seed %d: %s in %q at %v, known at size %d (-then +now):\n%s", seed, code, in, q.At, i+1, d)
					}
				}
			}
		}
	}
	for _, code := range codes {
		again := replay.Facts(code, facts[code].Log)
		if d := cmp.Diff(again, facts[code], cmp.Comparer(sameGovernance), cmpopts.IgnoreUnexported(verify.Facts{})); d != "" {
			t.Errorf("seed %d: %s (-replay +lookup):\n%s", seed, code, d)
		}
		folded := verify.FoldRecord(again.Entries, replay.Governance())
		for year := 2026; year < 2036; year++ {
			at := time.Date(year, 7, 1, 0, 0, 0, 0, time.UTC)
			if r := facts[code].Record(verify.Known{}); r.Status(at) != folded.Status(at) {
				t.Errorf("seed %d: %s at %v: got %s, replay gives %s", seed, code, at, r.Status(at), folded.Status(at))
			}
		}
	}
}

func sameGovernance(a, b *verify.Governance) bool { return cmp.Equal(a.Entries(), b.Entries()) }

// replayed reads an entry and its token.
func replayed(t *testing.T, r *registry.Registry, index int64) (verify.Entry, []byte) {
	t.Helper()
	token, err := r.Envelope(index)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := r.Receipt(index)
	if err != nil {
		t.Fatal(err)
	}
	raw := tlog.Entry{Logged: receipt.Logged, Status: receipt.Status, Token: token}.Marshal()
	if tlog.LeafHash(raw) != receipt.Leaf {
		t.Errorf("entry %d: receipt and token do not give its leaf", index)
	}
	key, payload, err := envelope.OpenLogged(token)
	if err != nil {
		t.Fatal(err)
	}
	s, err := verify.DecodeStatement(payload)
	if err != nil {
		t.Fatal(err)
	}
	return verify.Entry{Index: index, Logged: receipt.Logged, Key: key, Statement: s}, []byte(token)
}
