package bundle_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/cryptotest"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// A vectorMaker makes the published vectors from a registry that has heard the
// whole story. Its keys come from fixed seeds, its clock from the story, and what
// is drawn at random from one stream, so that the same program makes the same.
type vectorMaker struct {
	t       *testing.T
	k       *registrytest.Kit
	trust   []byte // trust.json
	vectors map[string][]vector

	entries     [][]byte            // of the whole log
	hashes      tlog.HashReaderFunc // of its tree
	leaves      []tlog.Hash
	checkpoints map[int64][]byte // by size, as published
	earlier     []byte           // the bundle of star, before it was revoked
}

// The codes of the story.
const (
	star     verify.Code = "7K3MQ2ZT9XWE" // a label, revoked in the end
	based0   verify.Code = "2WQ6TJX0M3KW" // a label that rests on the declaration
	declared verify.Code = "4HD8RVN1C5PE" // a statement of compliance
	absent   verify.Code = "000000000000" // nobody said anything about it
)

// vectorParties are the names of the keys that parties sign with; one has P-256.
// With a plus, the second key that the story gives to a party.
var vectorParties = []verify.PartyID{"operator", "ipa", "ipa+", "meti", "dsit", "opss", "watcher", "thames-iot"}

const es256Party verify.PartyID = "thames-iot"

// vectorSeed is the private key of a name: worthless, since everybody knows it.
func vectorSeed(name string) []byte {
	sum := sha256.Sum256([]byte("tegata test vector key " + name))
	return sum[:]
}

func vectorKey(name string) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(vectorSeed(name)) }

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// writeVectors adds the vectors that are not in their file yet. Those that are
// were published, and stay as they are: programs yet to come must read them too.
func writeVectors(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 2026)
	m := &vectorMaker{t: t, vectors: map[string][]vector{}, checkpoints: map[int64][]byte{}}
	private := m.kit()
	m.play()
	m.trust = must(m.k.Registry.Trust())(t).Marshal()
	if published, err := os.ReadFile(filepath.Join(vectorFolder, "trust.json")); err == nil {
		m.trust = published
	}

	m.codes()
	m.keys()
	m.statements()
	m.envelopes()
	m.entriesAndProofs()
	m.checkpointVectors()
	m.trusts()
	m.bundles()
	m.receipts()
	m.lists()
	if t.Failed() {
		t.Fatal("nothing was written")
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(vectorFolder, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("trust.json", m.trust)
	write("private-keys.json", printed(private))
	for _, f := range vectorFiles {
		var vectors []vector
		if _, err := os.Stat(filepath.Join(vectorFolder, f.name)); err == nil {
			vectors = parseVectors(t, f.name, f.given)
		}
		for _, v := range m.vectors[f.name] {
			if !slices.ContainsFunc(vectors, func(w vector) bool { return v.name == w.name }) {
				vectors = append(vectors, v)
			}
		}
		write(f.name, printed(vectors))
	}
}

// add adds a vector whose outcome is told beforehand: refused with that word, or,
// where it is empty, taken. A statement is refused with its faults.
func (m *vectorMaker) add(file, name string, g given, refused string, faults ...fault) {
	m.t.Helper()
	o := outcomeOf(g, m.trust)
	if o.Refused != refused || !slices.Equal(o.Faults, faults) {
		_, err := g.run(m.trust)
		m.t.Errorf("%s: %s: got %s, want refused %q with %v: %v", file, name, encoded(o), refused, faults, err)
	}
	m.vectors[file] = append(m.vectors[file], vector{name, g, o})
}

// A privateKey is a key of private-keys.json.
type privateKey struct {
	Name string          `json:"name"`
	JWK  json.RawMessage `json:"jwk"`
}

// kit makes the registry's keys and those of the parties, and returns them all.
func (m *vectorMaker) kit() (keys []privateKey) {
	t := m.t
	signer := func(name string) *envelope.Signer {
		s := must(envelope.SignerFrom(vectorKey(name)))(t)
		if verify.PartyID(name) == es256Party {
			s = must(envelope.SignerFrom(must(ecdsa.ParseRawPrivateKey(elliptic.P256(), vectorSeed(name)))(t)))(t)
		}
		keys = append(keys, privateKey{name, must(s.PrivateJWK())(t)})
		return s
	}
	signer("log")
	signer("cosigner")
	signer("witness-1")
	signer("witness-2")
	clock := &registrytest.Clock{}
	clock.Set(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	m.k = &registrytest.Kit{
		Path:  filepath.Join(t.TempDir(), "registry.db"),
		Clock: clock,
		Config: registry.Config{
			Log:      must(tlog.NewLogSigner(registrytest.Origin, vectorKey("log")))(t),
			Cosigner: must(tlog.NewCosigner(registrytest.Origin+"/cosigner", vectorKey("cosigner")))(t),
			Answer:   signer("answer"),
			Now:      clock.Now,
		},
		Signers: map[verify.PartyID]*envelope.Signer{},
	}
	for _, p := range vectorParties {
		m.k.Signers[p] = signer(string(p))
	}
	signer("stranger")
	return keys
}

// play enters the story, one statement after another, and keeps what is
// published on the way.
func (m *vectorMaker) play() {
	t, k := m.t, m.k
	for _, l := range k.Story(t) {
		k.Clock.Set(l.Head.Made)
		if token := k.Seal(t, l.Head.By, l.Payload); k.Registry == nil {
			k.Create(t, token)
		} else {
			if l.Head.Kind == verify.LabelStatus && l.Head.Code == star {
				m.earlier = k.Bundle(t, star)
			}
			k.Append(t, token)
		}
		m.checkpoints[k.Registry.Head().Size] = must(k.Registry.Checkpoint())(t)
	}
	if names := slices.Sorted(maps.Keys(k.Signers)); len(names) != len(vectorParties) {
		t.Fatalf("the story has parties that have no published key: %v", names)
	}
	for i := range k.Registry.Head().Size {
		r := must(k.Registry.Receipt(i))(t)
		e := tlog.Entry{Logged: r.Logged, Status: r.Status, Token: must(k.Registry.Envelope(i))(t)}
		m.entries = append(m.entries, e.Marshal())
	}
	m.leaves, m.hashes = tree(t, m.entries)
}

// tree returns the leaf hashes of entries, and the hashes of their tree.
func tree(t *testing.T, entries [][]byte) (leaves []tlog.Hash, read tlog.HashReaderFunc) {
	t.Helper()
	var stored []tlog.Hash
	read = func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, at := range indexes {
			out[i] = stored[at]
		}
		return out, nil
	}
	for i, e := range entries {
		leaves = append(leaves, tlog.LeafHash(e))
		stored = append(stored, must(tlog.StoredHashes(int64(i), leaves[i], read))(t)...)
	}
	return leaves, read
}

// signer is the key of a party, or the one that nobody enrolled.
func (m *vectorMaker) signer(name string) *envelope.Signer {
	if s := m.k.Signers[verify.PartyID(name)]; s != nil {
		return s
	}
	return must(envelope.SignerFrom(vectorKey(name)))(m.t)
}

func (m *vectorMaker) lookup(code verify.Code) verify.Facts {
	return must(m.k.Registry.Lookup(context.Background(), code))(m.t)
}

// replace is a member of the trust file to be replaced.
func replace(name string, value any) members { return members{name: encoded(value)} }

// deflated is what lst would be of so many bytes of zeros.
func deflated(n int) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(make([]byte, n)); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b.Bytes())
}
