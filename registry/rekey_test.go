package registry_test

import (
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
)

// TestRekey: the head is signed and dated with the new keys, the log is as it
// was, and where the hand-over fails nothing is changed.
func TestRekey(t *testing.T) {
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	other := registrytest.New(t)
	before := k.Registry.Head()
	trust := k.Trust(t)

	if err := registry.Rekey(k.Path, k.Config, nil); err == nil {
		t.Fatal("the file of a registry that is open was changed")
	}
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	next := k.Config
	next.Log, next.Cosigner = other.Config.Log, other.Config.Cosigner
	failed := errors.New("no space left")
	stranger, err := tlog.NewCosigner("fables.example/cosigner", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		next func(bundle.Trust, time.Time) (registry.Config, error)
		want error // nil: any
	}{
		{"the hand-over fails", func(bundle.Trust, time.Time) (registry.Config, error) { return next, failed }, failed},
		{"a cosigner of another name", func(bundle.Trust, time.Time) (registry.Config, error) {
			c := next
			c.Cosigner = stranger
			return c, nil
		}, nil},
	} {
		if err := registry.Rekey(k.Path, k.Config, c.next); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		r, err := registry.Open(k.Path, k.Config)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}

	// The clock went back: what is dated already stays before the hand-over.
	dated := k.Clock.Now()
	k.Clock.Set(dated.Add(-time.Hour))
	err = registry.Rekey(k.Path, k.Config, func(was bundle.Trust, at time.Time) (registry.Config, error) {
		if string(was.Marshal()) != string(trust.Marshal()) {
			t.Error("it was told of other keys than those in use")
		}
		if !at.Equal(dated) {
			t.Errorf("handed over at %v, want %v", at, dated)
		}
		return next, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := registry.Open(k.Path, k.Config); !errors.Is(err, registry.ErrDamaged) {
		t.Errorf("with the old keys: got %v, want %v", err, registry.ErrDamaged)
	}
	k.Clock.Set(dated)
	k.Config = next
	k.Reopen(t)
	if got := k.Registry.Head(); got != before {
		t.Errorf("got head %+v, want %+v", got, before)
	}
	k.CheckLog(t)

	// Hand-overs that do not lead to the keys in use are found at the door.
	answer := other.Config.Answer
	h, err := bundle.SealHandOver(bundle.HandOver{
		Origin: registrytest.Origin, What: bundle.AnswerPurpose, Old: k.Config.Answer.Key().JWK(), New: answer.Key().JWK(), At: dated.Truncate(time.Second),
	}, k.Config.Answer, k.Signers["operator"])
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}
	with := k.Config
	with.HandOvers = []bundle.HandOver{h}
	if _, err := registry.Open(k.Path, with); !errors.Is(err, bundle.ErrUntrusted) {
		t.Errorf("the old answer key after its hand-over: got %v, want %v", err, bundle.ErrUntrusted)
	}
	with.Answer = answer
	r, err := registry.Open(k.Path, with)
	if err != nil {
		t.Fatal(err)
	}
	if now, err := r.Trust(); err != nil || len(now.AnswerKeys) != 2 || len(r.HandOvers()) != 1 {
		t.Errorf("got %+v, %v, want two answer keys", now, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}
