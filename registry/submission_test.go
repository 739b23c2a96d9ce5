package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/sequencertest"
	"tegata/verify"
	"tegata/verify/envelope"
)

// told is what a registry told of statements, and of batches of them.
type told struct {
	mu       sync.Mutex
	answered []error
	batches  []int
}

// heldLater makes a registry in which ipa has signed so many that its signatures are
// compared by the batch. Its writer is held with one statement in its hands, with which
// the log is of that size; what is told from then on is noted.
func heldLater(t *testing.T) (k *registrytest.Kit, g *gate, size int64, said *told) {
	t.Helper()
	k, said = registrytest.New(t), new(told)
	k.Config.Answered = func(_ registry.Receipt, err error) {
		said.mu.Lock()
		defer said.mu.Unlock()
		said.answered = append(said.answered, err)
	}
	k.Config.Committed = func(n int, _ time.Duration) {
		said.mu.Lock()
		defer said.mu.Unlock()
		said.batches = append(said.batches, n)
	}
	g = newGate(k)
	k.Begin(t)
	appendAll(t, k.Registry, labels(t, k, 1000, 150))
	k.Append(t, k.Say(t, verify.LabelPractice, registrytest.Code(1000), nil))
	size = k.Registry.Head().Size + 1
	said.answered, said.batches = nil, nil
	g.hold()
	submit(t, k.Registry, k.Say(t, verify.LabelPractice, registrytest.Code(1001), nil))
	<-g.come
	return k, g, size, said
}

// wrong returns the token with another signature: with one symbol of it changed, or with
// that of another token.
func wrong(token, other []byte) []byte {
	token = bytes.Clone(token)
	signature := token[bytes.LastIndexByte(token, '.')+1:]
	switch {
	case other != nil:
		copy(signature, other[len(other)-len(signature):])
	case signature[10] == 'A':
		signature[10] = 'B'
	default:
		signature[10] = 'A'
	}
	return token
}

// TestWrongSignatures has good and wrong ones in one batch. Of a wrong one nothing is
// left, and nothing is told: not what else stands against it, and not that the statement
// is there.
func TestWrongSignatures(t *testing.T) {
	k, g, size, _ := heldLater(t)
	label := func(code int64) []byte { return k.Say(t, verify.LabelIssued, registrytest.Code(code), nil) }
	first, second := label(2), label(3)
	const isWrong = "signature"
	cases := []struct {
		name  string
		token []byte
		index int64 // after those before the batch
		want  string
	}{
		{"about nothing, wrong", wrong(k.Say(t, verify.LabelStatus, registrytest.Code(4), nil), nil), 0, isWrong},
		{"a label", first, 0, ""},
		{"again, wrong", wrong(first, nil), 0, isWrong},
		{"again", first, 0, ""},
		{"another, wrong", wrong(second, nil), 0, isWrong},
		{"another, as the first is signed", wrong(second, first), 0, isWrong},
		{"another", second, 1, ""},
		{"about it", k.Say(t, verify.LabelPractice, registrytest.Code(3), nil), 2, ""},
		{"about nothing", k.Say(t, verify.LabelStatus, registrytest.Code(4), nil), 0, "code code_unknown"},
		{"code used, wrong", wrong(label(2), nil), 0, isWrong},
	}
	var waits []func(context.Context) (registry.Receipt, error)
	for _, c := range cases {
		waits = append(waits, submit(t, k.Registry, c.token))
	}
	g.open()
	for i, c := range cases {
		receipt, err := waits[i](t.Context())
		switch {
		case c.want == isWrong:
			if !errors.Is(err, envelope.ErrSignature) || receipt.Checkpoint != nil {
				t.Errorf("%s: got %+v, %v, want %v", c.name, receipt, err, envelope.ErrSignature)
			}
		case c.want != "":
			wantRefusal(t, err, strings.Split(c.want, "|")...)
		case err != nil || receipt.Index != size+c.index:
			t.Errorf("%s: got index %d, %v, want %d", c.name, receipt.Index, err, size+c.index)
		default:
			checkReceipt(t, k.Registry, receipt)
		}
	}
	if got := k.Registry.Head().Size; got != size+3 {
		t.Errorf("got a log of %d, want %d", got, size+3)
	}
	k.CheckLog(t)
}

// TestOnlyWrongSignatures: there is no transaction for them, and each is told of once.
func TestOnlyWrongSignatures(t *testing.T) {
	k, g, size, said := heldLater(t)
	token := wrong(k.Say(t, verify.LabelIssued, registrytest.Code(2), nil), nil)
	var waits []func(context.Context) (registry.Receipt, error)
	for range 5 {
		waits = append(waits, submit(t, k.Registry, token))
	}
	g.open()
	for _, wait := range waits {
		if _, err := wait(t.Context()); !errors.Is(err, envelope.ErrSignature) {
			t.Errorf("got %v, want %v", err, envelope.ErrSignature)
		}
	}
	k.Append(t, k.Say(t, verify.LabelIssued, registrytest.Code(2), nil)) // the queue is empty, and the code was free
	said.mu.Lock()
	defer said.mu.Unlock()
	wrongs := 0
	for _, err := range said.answered {
		if errors.Is(err, envelope.ErrSignature) {
			wrongs++
		}
	}
	if len(said.answered) != 7 || wrongs != 5 || !slices.Equal(said.batches, []int{1, 1}) {
		t.Errorf("told of %d answers, %d wrong signatures, batches of %d, want 7, 5, two of 1", len(said.answered), wrongs, said.batches)
	}
	if got := k.Registry.Head().Size; got != size+1 {
		t.Errorf("got a log of %d, want %d", got, size+1)
	}
	k.CheckLog(t)
}

// TestWrongSignaturesLeaveRoom: what is not compared can be half of those that wait; by
// then signatures are compared before.
func TestWrongSignaturesLeaveRoom(t *testing.T) {
	k, g, _, _ := heldLater(t)
	good := k.Say(t, verify.LabelIssued, registrytest.Code(2), nil)
	token := wrong(good, nil)
	wrongs, err := fill(k.Registry, token)
	if len(wrongs) != 2048 || !errors.Is(err, envelope.ErrSignature) {
		t.Errorf("%d wrong ones wait, then %v, want 2048, %v", len(wrongs), err, envelope.ErrSignature)
	}
	goods, err := fill(k.Registry, good)
	if len(goods) != 2048 || !errors.Is(err, registry.ErrBusy) {
		t.Errorf("%d good ones wait, then %v, want 2048, %v", len(goods), err, registry.ErrBusy)
	}
	if _, err := k.Registry.Submit(token); !errors.Is(err, envelope.ErrSignature) {
		t.Errorf("got %v, want %v", err, envelope.ErrSignature)
	}
	g.open()
	for _, wait := range wrongs {
		if _, err := wait(t.Context()); !errors.Is(err, envelope.ErrSignature) {
			t.Fatalf("got %v, want %v", err, envelope.ErrSignature)
		}
	}
	for i, wait := range goods {
		if receipt, err := wait(t.Context()); err != nil || receipt.Fresh != (i == 0) {
			t.Fatalf("%d: entered just now: %t, %v", i, receipt.Fresh, err)
		}
	}
}

// TestFaultsAreForSigners: who did not sign is told at once, where there would be faults
// to be told, keys to be looked at, or much to be kept until then.
func TestFaultsAreForSigners(t *testing.T) {
	k, g, _, _ := heldLater(t)
	g.open()
	refusal := (*registry.Refusal)(nil)
	noNumber := k.Say(t, verify.LabelIssued, registrytest.Code(2), func(m map[string]any) { m["label"].(map[string]any)["number"] = "" })
	if _, err := k.Registry.Submit(noNumber); !errors.As(err, &refusal) {
		t.Errorf("got %v, want a refusal", err)
	}
	key := k.Seal(t, "ipa", k.Make(t, verify.KeyAdded, "", func(m map[string]any) { m["from"] = m["made"] }))
	large := k.Say(t, verify.LabelIssued, registrytest.Code(2), func(m map[string]any) {
		var models []any
		for n := range int64(100) {
			models = append(models, map[string]any{"model": fmt.Sprint("M-", n), "gtins": []any{gtin(2 * n), gtin(2*n + 1)}})
		}
		m["label"].(map[string]any)["product"].(map[string]any)["models"] = models
	})
	if k.Append(t, large); len(large) < 8<<10 {
		t.Errorf("it is of %d bytes", len(large))
	}
	for _, token := range [][]byte{wrong(noNumber, nil), wrong(key, nil), wrong(large, nil)} {
		if _, err := k.Registry.Submit(token); !errors.Is(err, envelope.ErrSignature) {
			t.Errorf("got %v, want %v", err, envelope.ErrSignature)
		}
	}
}

// TestSignaturesConcurrently has many send good and wrong ones to two nodes, whose
// batches are decided anew where the other was faster.
func TestSignaturesConcurrently(t *testing.T) {
	const writers, each = 8, 20
	order := sequencertest.NewMemory()
	n := sequencertest.New(t, func(testing.TB) sequencer.Sequencer { return order })
	k := n.Kit
	appendAll(t, k.Registry, labels(t, k, 1000, 150))
	nodes := []*registry.Registry{k.Registry, n.Join(t)}
	before := order.Size()
	tokens := labels(t, k, 0, writers*each)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			r := nodes[w%len(nodes)]
			for i := w * each; i < (w+1)*each; i++ {
				bad := [][]byte{wrong(tokens[i], nil), wrong(tokens[i], tokens[(i+1)%len(tokens)])}
				var waits []func(context.Context) (registry.Receipt, error)
				for _, token := range [][]byte{bad[0], tokens[i], bad[1], bad[0]} {
					wait, err := r.Submit(token)
					if err != nil {
						t.Errorf("statement %d: %v", i, err)
						return
					}
					waits = append(waits, wait)
				}
				for j, wait := range waits {
					_, err := wait(t.Context())
					for errors.Is(err, sequencer.ErrUnavailable) { // what the other entered was long in coming
						_, err = r.Append(t.Context(), tokens[i])
					}
					if good := j == 1; good && err != nil || !good && !errors.Is(err, envelope.ErrSignature) {
						t.Errorf("statement %d, %d: %v", i, j, err)
					}
				}
			}
		})
	}
	all.Wait()
	if got := order.Size(); got != before+writers*each {
		t.Errorf("got a log of %d, want %d", got, before+writers*each)
	}
	n.Same(t)
}
