package tlog

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	theirlog "github.com/transparency-dev/formats/log"
	theirnote "github.com/transparency-dev/formats/note"
	theirproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
)

func signatureLine(k publicKey, sig []byte) string {
	blob := binary.BigEndian.AppendUint32(nil, k.KeyHash())
	return fmt.Sprintf("— %s %s\n", k.name, base64.StdEncoding.EncodeToString(append(blob, sig...)))
}

// secret writes a private key as other people's signers read it.
func secret(k publicKey, private ed25519.PrivateKey) string {
	b := append([]byte{k.typ}, private.Seed()...)
	return fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", k.name, k.KeyHash(), base64.StdEncoding.EncodeToString(b))
}

func TestTheyOpenOurs(t *testing.T) {
	c := Checkpoint{Origin: origin, Size: 7, Root: LeafHash(nil)}
	log, witness := logSigner(t, origin), cosigner(t, "witness.example/w", 2)
	b := cosign(t, signed(t, c), witness, noon)

	logKey, err := note.NewVerifier(log.Key().String())
	if err != nil {
		t.Fatal(err)
	}
	witnessKey, err := theirnote.NewVerifierForCosignatureV1(witness.Key().String())
	if err != nil {
		t.Fatal(err)
	}
	got, rest, n, err := theirlog.ParseCheckpoint(b, origin, logKey, witnessKey)
	if err != nil {
		t.Fatal(err)
	}
	if got.Origin != c.Origin || got.Size != uint64(c.Size) || !bytes.Equal(got.Hash, c.Root[:]) || len(rest) != 0 || len(n.Sigs) != 2 {
		t.Errorf("got %+v with %d signatures, want %+v with 2", got, len(n.Sigs), c)
	}
	if at, err := theirnote.CoSigV1Timestamp(n.Sigs[1]); err != nil || !at.Equal(noon) {
		t.Errorf("cosigned at %v, %v, want %v", at, err, noon)
	}
}

func TestWeOpenTheirs(t *testing.T) {
	c := Checkpoint{Origin: origin, Size: 7, Root: LeafHash(nil)}
	log, witness := logSigner(t, origin).Key(), cosigner(t, "witness.example/w", 2).Key()
	logSigner, err := note.NewSigner(secret(log.publicKey, private(1)))
	if err != nil {
		t.Fatal(err)
	}
	witnessSigner, err := theirnote.NewSignerForCosignatureV1(secret(witness.publicKey, private(2)))
	if err != nil {
		t.Fatal(err)
	}
	body := theirlog.Checkpoint{Origin: c.Origin, Size: uint64(c.Size), Hash: c.Root[:]}.Marshal()
	before := time.Now().Truncate(time.Second)
	b, err := note.Sign(&note.Note{Text: string(body)}, logSigner, witnessSigner)
	if err != nil {
		t.Fatal(err)
	}
	got, cosigned, err := OpenCheckpoint(b, log, witness)
	if err != nil || got != c {
		t.Fatalf("got %+v, %v, want %+v", got, err, c)
	}
	if len(cosigned) != 1 || cosigned[0].By != witness || cosigned[0].Time.Before(before) || cosigned[0].Time.After(time.Now()) {
		t.Errorf("got %v, want one by %s of now", cosigned, witness)
	}
	ours, err := Sign(c, &LogSigner{privateKey{log.publicKey, private(1)}})
	if err != nil || !bytes.HasPrefix(b, ours) {
		t.Errorf("their log's line differs from ours:\n%s\n%s", b, ours)
	}
}

func TestProofsBothWays(t *testing.T) {
	ours := receipt(t, 100, 41)
	var theirs theirproof.TLogProof
	if err := theirs.Unmarshal(ours.Marshal()); err != nil {
		t.Fatal(err)
	}
	hashes := make([]Hash, len(theirs.Hashes))
	for i, h := range theirs.Hashes {
		hashes[i] = h
	}
	if theirs.Index != 41 || !slices.Equal(hashes, ours.Hashes) || !bytes.Equal(theirs.Checkpoint, ours.Checkpoint) {
		t.Errorf("got %+v, want %+v", theirs, ours)
	}
	if got := theirs.Marshal(); !bytes.Equal(got, ours.Marshal()) {
		t.Errorf("got %q, want %q", got, ours.Marshal())
	}
	if _, err := ParseProof(theirs.Marshal()); err != nil {
		t.Error(err)
	}
}
