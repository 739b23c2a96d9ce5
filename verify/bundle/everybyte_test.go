package bundle_test

import (
	"context"
	"crypto/ed25519"
	"testing"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// TestEveryByte: of a real signed answer, status list, checkpoint and receipt no
// byte can be another.
func TestEveryByte(t *testing.T) {
	k := told(t)
	trust := k.Trust(t)
	witness, err := tlog.NewCosigner("witness.example/w", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	trust.Witnesses, trust.Quorum = []tlog.CosignerKey{witness.Key()}, 1
	signed, err := k.Registry.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	if signed, err = tlog.Cosign(signed, witness, k.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	receipt, err := k.Registry.Receipt(7)
	if err != nil {
		t.Fatal(err)
	}
	f, err := k.Registry.Lookup(context.Background(), based(t, k))
	if err != nil {
		t.Fatal(err)
	}
	answer := bundle.NewAnswer(verify.Judge(f, verify.Question{}))
	for _, c := range []struct {
		name string
		text []byte
		open func([]byte) error
	}{
		{"signed answer", seal(t, k, envelope.Verdict, answer.Payload()), func(b []byte) error {
			_, _, err := trust.OpenAnswer(envelope.Verdict, b)
			return err
		}},
		{"checkpoint", signed, func(b []byte) error {
			_, _, err := trust.OpenCheckpoint(b)
			return err
		}},
		{"receipt", tlog.Proof{Index: 7, Hashes: receipt.Proof, Checkpoint: signed}.Marshal(), func(b []byte) error {
			p, err := tlog.ParseProof(b)
			if err != nil {
				return err
			}
			head, _, err := trust.OpenCheckpoint(p.Checkpoint)
			if err != nil {
				return err
			}
			return tlog.CheckInclusion(p.Hashes, head.Size, head.Root, p.Index, receipt.Leaf)
		}},
	} {
		if err := c.open(c.text); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for i := range c.text {
			for _, bit := range []byte{1, 1 << (1 + i%6), 0x80} {
				c.text[i] ^= bit
				if c.open(c.text) == nil {
					t.Errorf("%s: byte %d as %q is taken: …%s…", c.name, i, c.text[i], c.text[max(0, i-20):min(len(c.text), i+20)])
				}
				c.text[i] ^= bit
			}
		}
		if err := c.open(c.text[:len(c.text)-1]); err == nil {
			t.Errorf("%s: without its last byte it is taken", c.name)
		}
		if err := c.open(append(c.text, '\n')); err == nil {
			t.Errorf("%s: with a line end more it is taken", c.name)
		}
	}
}

func seal(t *testing.T, k *registrytest.Kit, as envelope.Type, payload []byte) []byte {
	t.Helper()
	token, err := k.Config.Answer.SealAs(as, payload)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(token)
}
