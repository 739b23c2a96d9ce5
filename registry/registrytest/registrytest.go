// Package registrytest makes real registries for tests: a file of their own, a
// clock that is set by hand, parties with fresh keys, and the story that
// testdata tells with one statement of every kind.
package registrytest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// Origin is the log of the story.
const Origin = "labels.example"

// A Clock is a time that stands still until it is set.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the time it was set to.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set sets the time.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// A Kit is a registry with all that a test needs around it.
type Kit struct {
	Path     string
	Clock    *Clock
	Config   registry.Config
	Registry *registry.Registry
	Signers  map[verify.PartyID]*envelope.Signer

	story []Line // read once
}

// New returns a kit without a registry: keys for the log and an operator.
func New(tb testing.TB) *Kit {
	tb.Helper()
	return Named(tb, Origin)
}

// Named is New of a log of that name, in which the same story can be told.
func Named(tb testing.TB, origin string) *Kit {
	tb.Helper()
	clock := &Clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	log, err := tlog.NewLogSigner(origin, key(tb))
	check(tb, err)
	cosigner, err := tlog.NewCosigner(origin+"/cosigner", key(tb))
	check(tb, err)
	answer, err := envelope.NewSigner()
	check(tb, err)
	k := &Kit{
		Path:    filepath.Join(tb.TempDir(), "registry.db"),
		Clock:   clock,
		Config:  registry.Config{Log: log, Cosigner: cosigner, Answer: answer, Now: clock.Now},
		Signers: map[verify.PartyID]*envelope.Signer{},
	}
	return k
}

// Create makes a registry with nothing but entry 0 at a path, of these keys and as of
// now, and returns its operator.
func Create(tb testing.TB, path string, c registry.Config) *envelope.Signer {
	tb.Helper()
	k := New(tb)
	k.Clock.Set(time.Now())
	r, err := registry.Create(path, c, k.Say(tb, verify.RegistryCreated, "", nil))
	check(tb, err)
	check(tb, r.Close())
	return k.Signer(tb, "operator")
}

func key(tb testing.TB) ed25519.PrivateKey {
	tb.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	check(tb, err)
	return private
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// Signer returns the key of a party, made when first asked for.
func (k *Kit) Signer(tb testing.TB, party verify.PartyID) *envelope.Signer {
	tb.Helper()
	if k.Signers[party] == nil {
		s, err := envelope.NewSigner()
		check(tb, err)
		k.Signers[party] = s
	}
	return k.Signers[party]
}

// Stranger returns a key that nobody enrolled.
func (k *Kit) Stranger() (*envelope.Signer, error) { return envelope.NewSigner() }

// Seal signs a statement, given as its JSON or as anything that encodes to it,
// with the key of the party.
func (k *Kit) Seal(tb testing.TB, by verify.PartyID, statement any) []byte {
	tb.Helper()
	payload, ok := statement.([]byte)
	if !ok {
		var err error
		payload, err = json.Marshal(statement)
		check(tb, err)
	}
	token, err := k.Signer(tb, by).Seal(payload)
	check(tb, err)
	return []byte(token)
}

// Append enters a token, and fails the test where it is refused.
func (k *Kit) Append(tb testing.TB, token []byte) registry.Receipt {
	tb.Helper()
	receipt, err := k.Registry.Append(context.Background(), token)
	check(tb, err)
	return receipt
}

// Create makes the registry from the token of registry.created, and closes it
// when the test ends.
func (k *Kit) Create(tb testing.TB, token []byte) {
	tb.Helper()
	r, err := registry.Create(k.Path, k.Config, token)
	check(tb, err)
	k.own(tb, r)
}

// Reopen closes the registry and opens it again.
func (k *Kit) Reopen(tb testing.TB) {
	tb.Helper()
	check(tb, k.Registry.Close())
	r, err := registry.Open(k.Path, k.Config)
	check(tb, err)
	k.own(tb, r)
}

func (k *Kit) own(tb testing.TB, r *registry.Registry) {
	k.Registry = r
	tb.Cleanup(func() {
		if err := r.Close(); err != nil {
			tb.Error(err)
		}
	})
}

// CheckLog audits the registry and fails the test at the first thing that is
// not as replaying the log makes it.
func (k *Kit) CheckLog(tb testing.TB) {
	tb.Helper()
	report, err := k.Registry.Audit(context.Background(), nil)
	check(tb, err)
	for _, f := range report.Faults {
		tb.Errorf("audit: %v", f)
	}
}

// Trust returns the trust file of the registry, as a verifier reads it.
func (k *Kit) Trust(tb testing.TB) bundle.Trust {
	tb.Helper()
	t, err := k.Registry.Trust()
	check(tb, err)
	t, err = bundle.ParseTrust(t.Marshal())
	check(tb, err)
	return t
}

// Bundle returns the bundle of a code.
func (k *Kit) Bundle(tb testing.TB, code verify.Code) []byte {
	tb.Helper()
	b, err := k.Registry.Bundle(context.Background(), code)
	check(tb, err)
	return b
}
