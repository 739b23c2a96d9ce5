package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// format is the first member of a bundle.
const format = "tegata-bundle/v1"

// MaxSize is the size of the largest bundle, in bytes.
const MaxSize = 16 << 20

// datedMost is how much older than its manifest the date under a checkpoint may
// be. A registry dates it anew every minute; were there no bound, an old head
// could be passed off as the present one with the answer key alone.
const datedMost = 10 * time.Minute

// A Bundle is everything that is needed to judge one code as of one head of a
// log, in its parts. [Open] is how to read one.
type Bundle struct {
	Format     string     `json:"bundle"`     // tegata-bundle/v1
	Manifest   string     `json:"manifest"`   // a token of a Manifest
	Checkpoint string     `json:"checkpoint"` // signed and dated, whole
	Entries    []Included `json:"entries"`    // in log order, each once
}

// Included is an entry of the log with the proof that the tree of the checkpoint
// holds it.
type Included struct {
	Index int64       `json:"index"`
	Entry string      `json:"entry"`
	Proof []tlog.Hash `json:"proof"`
}

// A Manifest is the registry's word on what it knows about a code: these entries
// and no others. All lists are indexes in log order.
type Manifest struct {
	Issuer     string      `json:"iss"`
	IssuedAt   int64       `json:"iat"` // Unix seconds
	Code       verify.Code `json:"code"`
	Log        verify.Log  `json:"log"`
	Checkpoint string      `json:"checkpoint_sha256"` // of the checkpoint's bytes, in hexadecimal
	Governance []int64     `json:"governance"`        // about the parties that speak here, and the Memorandum
	Entries    []int64     `json:"entries"`           // about the code; none: it is not in this registry
	Basis      [][]int64   `json:"basis"`             // about each declaration it was ever said to rest on
	Related    [][]int64   `json:"related"`           // about each other declaration of the same trade items
}

// NewManifest returns the manifest of facts under a checkpoint.
func NewManifest(f verify.Facts, checkpoint []byte) Manifest {
	sum := sha256.Sum256(checkpoint)
	m := Manifest{
		Issuer: f.Log.Origin, IssuedAt: f.Log.Time.Unix(), Code: f.Code, Log: f.Log, Checkpoint: hex.EncodeToString(sum[:]),
		Entries: indexes(f.Entries), Basis: [][]int64{}, Related: [][]int64{},
	}
	said := slices.Clone(f.Entries)
	for _, entries := range f.Basis {
		m.Basis, said = append(m.Basis, indexes(entries)), append(said, entries...)
	}
	for _, entries := range f.Related {
		m.Related, said = append(m.Related, indexes(entries)), append(said, entries...)
	}
	m.Governance = indexes(f.Governance.Behind(said))
	return m
}

// All returns every index the manifest names, in log order, each once.
func (m Manifest) All() []int64 {
	all := slices.Concat(m.Governance, m.Entries, slices.Concat(m.Basis...), slices.Concat(m.Related...))
	slices.Sort(all)
	return slices.Compact(all)
}

func indexes(entries []verify.Entry) []int64 {
	out := make([]int64, len(entries))
	for i, e := range entries {
		out[i] = e.Index
	}
	return out
}

// Marshal returns the bundle in the one spelling there is.
func (b Bundle) Marshal() []byte {
	b.Format = format
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(b); err != nil {
		panic(err) // texts and numbers only
	}
	return out.Bytes()
}

// Open returns the facts about a code that a bundle holds, as of its own time.
// It believes nothing but the trust file: every entry is in the tree of a
// checkpoint that the log signed and dated (and the quorum of witnesses
// cosigned), every statement was signed by a key its party had and could be
// entered when it was, entry 0 is that of the file, and the entries are exactly
// those of the registry's signed manifest of this code. Facts without entries are
// the registry's word that the code was not in it.
//
// The error wraps [envelope.ErrMalformed], [tlog.ErrMalformed],
// [envelope.ErrSignature], [tlog.ErrSignature], [tlog.ErrProof] or
// [ErrUntrusted], or says with its number which entry nobody might have entered;
// and there are no facts.
func Open(data []byte, code verify.Code, trust Trust) (verify.Facts, error) {
	b, err := parse(data)
	if err != nil {
		return verify.Facts{}, err
	}
	m, err := b.manifest(trust)
	if err != nil {
		return verify.Facts{}, err
	}
	if m.Code != code {
		return verify.Facts{}, fmt.Errorf("%w: the bundle is about %s, and says nothing of %s", ErrUntrusted, m.Code.Printed(), code.Printed())
	}
	head, cosigned, err := trust.OpenCheckpoint([]byte(b.Checkpoint))
	if err != nil {
		return verify.Facts{}, fmt.Errorf("checkpoint: %w", err)
	}
	if m.Log.Origin != head.Origin || m.Log.Size != head.Size || m.Log.Root != verify.Root(head.Root) {
		return verify.Facts{}, fmt.Errorf("%w: manifest and checkpoint name different heads", ErrUntrusted)
	}
	if dated := trust.dated(cosigned); m.Log.Time.After(dated.Add(datedMost)) {
		return verify.Facts{}, fmt.Errorf("%w: the manifest is of %s, and its checkpoint was dated last %s",
			ErrUntrusted, m.Log.Time.Format(time.RFC3339), dated.Format(time.RFC3339))
	}
	log, err := b.replay(trust, m, head)
	if err != nil {
		return verify.Facts{}, err
	}
	f := log.Facts(code, m.Log)
	if !m.equal(NewManifest(f, []byte(b.Checkpoint))) {
		return verify.Facts{}, fmt.Errorf("%w: the entries amount to another manifest than the registry signed", ErrUntrusted)
	}
	return f.Fold(), nil
}

func parse(data []byte) (b Bundle, err error) {
	if len(data) > MaxSize {
		return b, fmt.Errorf("%w bundle: over %d bytes", envelope.ErrMalformed, MaxSize)
	}
	if err := envelope.Decode(data, &b); err != nil {
		return b, fmt.Errorf("bundle: %w", err)
	}
	if b.Format != format {
		return b, fmt.Errorf("%w bundle: bundle: %.40q is not %q", envelope.ErrMalformed, b.Format, format)
	}
	if !bytes.Equal(b.Marshal(), data) {
		return b, fmt.Errorf("%w bundle: it is not spelt as a registry spells it", envelope.ErrMalformed)
	}
	return b, nil
}

// manifest opens the manifest and checks it against what else the bundle holds.
func (b Bundle) manifest(trust Trust) (m Manifest, err error) {
	payload, _, err := trust.OpenAnswer(envelope.Manifest, []byte(b.Manifest))
	if err != nil {
		return m, fmt.Errorf("manifest: %w", err)
	}
	if err := envelope.Decode(payload, &m); err != nil {
		return m, fmt.Errorf("manifest: %w", err)
	}
	sum := sha256.Sum256([]byte(b.Checkpoint))
	if m.Checkpoint != hex.EncodeToString(sum[:]) {
		return m, fmt.Errorf("%w: the manifest is of another checkpoint", ErrUntrusted)
	}
	held := make([]int64, len(b.Entries))
	for i, e := range b.Entries {
		held[i] = e.Index
	}
	for _, index := range m.All() {
		if !slices.Contains(held, index) {
			return m, fmt.Errorf("%w: entry %d, which the manifest names, is left out", ErrUntrusted, index)
		}
	}
	if !slices.Equal(held, m.All()) {
		return m, fmt.Errorf("%w: it holds other entries than the manifest names", ErrUntrusted)
	}
	return m, nil
}

// replay enters every entry that is in the tree of the head.
func (b Bundle) replay(trust Trust, m Manifest, head tlog.Checkpoint) (*Replay, error) {
	log := replaying(verify.NewExcerpt())
	for i, in := range b.Entries {
		raw := []byte(in.Entry)
		if i == 0 && (in.Index != 0 || !trust.Pins(raw)) {
			return nil, fmt.Errorf("%w: entry 0 is not that of the file: this is another log", ErrUntrusted)
		}
		if err := tlog.CheckInclusion(in.Proof, head.Size, head.Root, in.Index, tlog.LeafHash(raw)); err != nil {
			return nil, err
		}
		e, err := log.EnterAt(in.Index, raw)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", in.Index, err)
		}
		if e.Logged.After(m.Log.Time) {
			return nil, fmt.Errorf("%w: entry %d was logged after the time of the head", ErrUntrusted, in.Index)
		}
	}
	if log.Governance().Origin != trust.Origin {
		return nil, fmt.Errorf("%w: entry 0 is not there", ErrUntrusted)
	}
	return log, nil
}

func (m Manifest) equal(o Manifest) bool {
	a, err := json.Marshal(m)
	b, failed := json.Marshal(o)
	return err == nil && failed == nil && bytes.Equal(a, b)
}
