package registry_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"path/filepath"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/sequencertest"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// TestFollowHandOver hands keys over at one node. Another is given the new ones and
// the hand-overs, and has a head that was signed before, or is given one: what it
// publishes counts with the trust file all the same.
func TestFollowHandOver(t *testing.T) {
	private := func(n byte) ed25519.PrivateKey {
		return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
	}
	sealer := func(n byte) *envelope.Signer {
		s, err := envelope.SignerFrom(private(n))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	keys := func(c *registry.Config, log, cosigner byte) {
		var err, again error
		c.Log, err = tlog.NewLogSigner(registrytest.Origin, private(log))
		c.Cosigner, again = tlog.NewCosigner(registrytest.Origin+"/cosigner", private(cosigner))
		if err != nil || again != nil {
			t.Fatal(err, again)
		}
	}
	m := sequencertest.NewMemory()
	k := registrytest.New(t)
	keys(&k.Config, 1, 2)
	k.Config.Sequencer = m
	k.Begin(t)
	there := filepath.Join(t.TempDir(), "registry.db")
	join := func(path string) *registry.Registry {
		t.Helper()
		r, err := registry.Join(context.Background(), path, k.Config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		return r
	}
	if err := join(there).Close(); err != nil {
		t.Fatal(err)
	}
	if err := k.Registry.Close(); err != nil {
		t.Fatal(err)
	}

	at := k.Clock.Now().Add(time.Minute)
	k.Clock.Set(at)
	to := k.Config
	keys(&to, 3, 4)
	to.Sequencer = sequencer.Local{}
	if err := registry.Rekey(k.Path, k.Config, func(bundle.Trust, time.Time) (registry.Config, error) { return to, nil }); err != nil {
		t.Fatal(err)
	}
	to.Sequencer = m
	for what, old := range map[bundle.Purpose]byte{bundle.LogPurpose: 1, bundle.CosignerPurpose: 2} {
		h, err := bundle.SealHandOver(bundle.HandOver{Origin: registrytest.Origin, What: what, Old: sealer(old).Key().JWK(), New: sealer(old + 2).Key().JWK(), At: at},
			sealer(old), k.Signer(t, "operator"))
		if err != nil {
			t.Fatal(err)
		}
		to.HandOvers = append(to.HandOvers, h)
	}
	k.Config = to
	k.Clock.Set(at.Add(time.Hour))
	for name, path := range map[string]string{"where it was done": k.Path, "a file from before": there, "from nothing": filepath.Join(t.TempDir(), "registry.db")} {
		r := join(path)
		trust, err := r.Trust()
		if err != nil {
			t.Fatal(err)
		}
		signed, err := r.Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := trust.OpenCheckpoint(signed); err != nil {
			t.Errorf("%s: %v\n%s", name, err, signed)
		}
	}
}
