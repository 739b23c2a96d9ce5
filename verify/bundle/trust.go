package bundle

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// trustFormat is the first member of a trust file.
const trustFormat = "tegata-trust/v1"

// ErrUntrusted says that evidence is well formed and not what the trust file
// vouches for. It is wrapped with what is wrong.
var ErrUntrusted = errors.New("not what the trust file vouches for")

// ErrQuorum says that fewer witnesses have cosigned a checkpoint than the trust
// file asks for. They may not have seen it yet. It is wrapped beside
// [ErrUntrusted].
var ErrQuorum = errors.New("too few witnesses")

// Trust is what a verifier brings and compared once with somebody it believes:
// which log it is, and whose signatures count. Everything else is evidence, and
// may come from anywhere.
type Trust struct {
	Format       string                     `json:"trust"` // tegata-trust/v1
	Origin       string                     `json:"origin"`
	Entry0       tlog.Hash                  `json:"entry_0"` // leaf hash of entry 0: no other log has it
	LogKeys      []Pinned[tlog.LogKey]      `json:"log_keys"`
	CosignerKeys []Pinned[tlog.CosignerKey] `json:"cosigner_keys"` // of the registry itself, which dates its checkpoints
	AnswerKeys   []Pinned[verify.JWK]       `json:"answer_keys"`
	OperatorKeys []verify.JWK               `json:"operator_keys"` // as entry 0 names them; they sign hand-overs
	Witnesses    []tlog.CosignerKey         `json:"witnesses"`     // whom the verifier believes to have seen one log only
	Quorum       int                        `json:"quorum"`        // how many of them must have cosigned
}

// A Pinned key is one that counts. The first of a list is the present one; those
// after it were handed over and count for what is dated before that.
type Pinned[K any] struct {
	Key   K         `json:"key"`
	Until time.Time `json:"until,omitzero"` // zero: it is still in use
}

func (p Pinned[K]) counts(at time.Time) bool { return p.Until.IsZero() || !at.After(p.Until) }

// TrustSize is the size of the largest trust file, in bytes.
const TrustSize = 64 << 10

// ParseTrust reads a trust file. The error wraps [envelope.ErrMalformed] and
// names everything that is wrong with it.
func ParseTrust(b []byte) (t Trust, err error) {
	if len(b) > TrustSize {
		return t, fmt.Errorf("%w trust file: over %d bytes", envelope.ErrMalformed, TrustSize)
	}
	if err := envelope.Decode(b, &t); err != nil {
		return t, fmt.Errorf("trust file: %w", err)
	}
	var faults []string
	add := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	add(t.Format != trustFormat, "trust: %.40q is not %q", t.Format, trustFormat)
	add(!verify.ValidOrigin(t.Origin), "origin: %.80q is not the name of a log", t.Origin)
	add(t.Entry0 == tlog.Hash{}, "entry_0: it is missing")
	add(!present(t.LogKeys), "log_keys: the first must be in use, and all others have an until")
	add(!present(t.CosignerKeys), "cosigner_keys: the first must be in use, and all others have an until")
	add(!present(t.AnswerKeys), "answer_keys: the first must be in use, and all others have an until")
	for i, k := range t.LogKeys {
		add(k.Key.Name() != t.Origin, "log_keys[%d]: it is a key of %q", i, k.Key.Name())
	}
	for i, k := range t.AnswerKeys {
		_, err := envelope.ParseKey(k.Key)
		add(err != nil, "answer_keys[%d]: %v", i, err)
	}
	add(len(t.OperatorKeys) == 0, "operator_keys: there is none")
	for i, k := range t.OperatorKeys {
		_, err := envelope.ParseKey(k)
		add(err != nil, "operator_keys[%d]: %v", i, err)
	}
	for i, w := range t.Witnesses {
		// A cosignature does not cover the name: under two names a key is one witness.
		same := func(k tlog.CosignerKey) bool { return k.Ed25519().Equal(w.Ed25519()) }
		add(slices.ContainsFunc(t.Witnesses[:i], same), "witnesses[%d]: it is there twice", i)
		own := func(k Pinned[tlog.CosignerKey]) bool { return same(k.Key) }
		add(slices.ContainsFunc(t.CosignerKeys, own), "witnesses[%d]: the registry is no witness of itself", i)
	}
	add(t.Quorum < 0 || t.Quorum > len(t.Witnesses), "quorum: %d of %d witnesses", t.Quorum, len(t.Witnesses))
	if len(faults) > 0 {
		return Trust{}, fmt.Errorf("%w trust file: %s", envelope.ErrMalformed, strings.Join(faults, "; "))
	}
	return t, nil
}

// present reports whether the first key of a list is in use and no other is.
func present[K any](keys []Pinned[K]) bool {
	for i, k := range keys {
		if k.Until.IsZero() != (i == 0) {
			return false
		}
	}
	return len(keys) > 0
}

// Marshal returns the trust file.
func (t Trust) Marshal() []byte {
	t.Format = trustFormat
	if t.Witnesses == nil {
		t.Witnesses = []tlog.CosignerKey{}
	}
	b, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		panic(err) // texts and numbers only
	}
	return append(b, '\n')
}

// Fingerprint is what two people compare by voice: the SHA-256 of the file but
// for the witnesses, whom each verifier chooses, in sixteen groups of four
// hexadecimal digits.
func (t Trust) Fingerprint() string {
	t.Witnesses, t.Quorum = nil, 0
	sum := sha256.Sum256(t.Marshal())
	groups := make([]string, 0, len(sum)/2)
	for pair := range slices.Chunk(sum[:], 2) {
		groups = append(groups, fmt.Sprintf("%x", pair))
	}
	return strings.Join(groups, " ")
}

// OpenAnswer returns the payload of a token of that type by the registry, and
// when it was issued: the members iss and iat of the payload. The error wraps
// [envelope.ErrMalformed], [envelope.ErrSignature] or [ErrUntrusted].
func (t Trust) OpenAnswer(as envelope.Type, token []byte) (payload []byte, issued time.Time, err error) {
	e, err := envelope.OpenAs(as, token)
	if err != nil {
		return nil, issued, err
	}
	var who struct {
		Issuer   string `json:"iss"`
		IssuedAt int64  `json:"iat"`
	}
	if err := json.Unmarshal(e.Payload, &who); err != nil || who.IssuedAt <= 0 {
		return nil, issued, fmt.Errorf("%w: payload: no iat in seconds", envelope.ErrMalformed)
	}
	issued = time.Unix(who.IssuedAt, 0).UTC()
	if who.Issuer != t.Origin {
		return nil, issued, fmt.Errorf("%w: it was issued by %.80q, the file is of %q", ErrUntrusted, who.Issuer, t.Origin)
	}
	if err := t.answered(e, issued); err != nil {
		return nil, issued, err
	}
	return e.Payload, issued, nil
}

// OpenCredential returns the credential in a token by the registry, and when it
// was signed: its member iat. The issuer that a credential names is an address, so
// that it is by its key that it is the registry's. The errors are those of
// [Trust.OpenAnswer].
func (t Trust) OpenCredential(token []byte) (payload []byte, issued time.Time, err error) {
	e, err := envelope.OpenAs(envelope.Credential, token)
	if err != nil {
		return nil, issued, err
	}
	var when struct {
		IssuedAt int64 `json:"iat"`
	}
	if err := json.Unmarshal(e.Payload, &when); err != nil || when.IssuedAt <= 0 {
		return nil, issued, fmt.Errorf("%w: payload: no iat in seconds", envelope.ErrMalformed)
	}
	issued = time.Unix(when.IssuedAt, 0).UTC()
	if err := t.answered(e, issued); err != nil {
		return nil, issued, err
	}
	return e.Payload, issued, nil
}

// answered returns nil if an answer key that counted at that time signed e.
func (t Trust) answered(e envelope.Envelope, issued time.Time) error {
	for _, k := range t.AnswerKeys {
		if k.Key.Thumbprint() != e.KeyID {
			continue
		}
		key, err := envelope.ParseKey(k.Key)
		if err != nil {
			return err
		}
		if err := e.Verify(key); err != nil {
			return err
		}
		if !k.counts(issued) {
			return fmt.Errorf("%w: the key %s was given up %s", ErrUntrusted, e.KeyID, k.Until.Format(time.RFC3339))
		}
		return nil
	}
	return fmt.Errorf("%w: the key %s is no answer key of %s", ErrUntrusted, e.KeyID, t.Origin)
}

// OpenCheckpoint returns the head of the log that a signed checkpoint names, and
// all cosignatures by keys of the file: one at least by the registry itself, and
// as many by witnesses as the quorum asks. The error wraps [tlog.ErrMalformed],
// [tlog.ErrSignature] or [ErrUntrusted].
func (t Trust) OpenCheckpoint(signed []byte) (head tlog.Checkpoint, cosigned []tlog.Cosignature, err error) {
	cosigners := slices.Clone(t.Witnesses)
	for _, k := range t.CosignerKeys {
		cosigners = append(cosigners, k.Key)
	}
	at := -1
	for i, k := range t.LogKeys {
		if head, cosigned, err = tlog.OpenCheckpoint(signed, k.Key, cosigners...); err == nil {
			at = i
			break
		}
	}
	if at < 0 {
		return tlog.Checkpoint{}, nil, err
	}
	dated, seen := t.dated(cosigned), 0
	for _, c := range cosigned {
		if slices.Contains(t.Witnesses, c.By) {
			seen++
		}
	}
	switch {
	case dated.IsZero():
		return tlog.Checkpoint{}, nil, fmt.Errorf("%w: the checkpoint is not dated by the registry", ErrUntrusted)
	case !t.LogKeys[at].counts(dated):
		return tlog.Checkpoint{}, nil, fmt.Errorf("%w: the log key was given up %s", ErrUntrusted, t.LogKeys[at].Until.Format(time.RFC3339))
	case seen < t.Quorum:
		return tlog.Checkpoint{}, nil, fmt.Errorf("%w: %w: cosigned by %d witnesses of the file, it asks for %d", ErrUntrusted, ErrQuorum, seen, t.Quorum)
	}
	return head, cosigned, nil
}

// dated is the latest date that the registry itself put under a checkpoint; zero
// where it put none.
func (t Trust) dated(cosigned []tlog.Cosignature) (at time.Time) {
	for _, c := range cosigned {
		own := func(k Pinned[tlog.CosignerKey]) bool { return k.Key == c.By && k.counts(c.Time) }
		if slices.ContainsFunc(t.CosignerKeys, own) && c.Time.After(at) {
			at = c.Time
		}
	}
	return at
}

// Pins reports whether the bytes are those of entry 0.
func (t Trust) Pins(entry0 []byte) bool { return tlog.LeafHash(entry0) == t.Entry0 }
