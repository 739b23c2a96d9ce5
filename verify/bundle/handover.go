package bundle

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// handOverFormat is the first member of what is signed.
const handOverFormat = "tegata-handover/v1"

// A Purpose is what a key of the registry is for. They are signed: never renamed,
// never reused.
type Purpose string

const (
	LogPurpose      Purpose = "log"      // signs checkpoints
	CosignerPurpose Purpose = "cosigner" // dates them
	AnswerPurpose   Purpose = "answer"   // signs answers, manifests and status lists
)

// Purposes lists them all.
var Purposes = []Purpose{LogPurpose, CosignerPurpose, AnswerPurpose}

// A HandOver says that one key of the registry gives way to another: the old one
// counts for what is dated until At, and the new one from then on. It is said
// twice in the same words, by the old key and by the operator, whose key is not
// on the server: who steals the one still needs the other.
type HandOver struct {
	Format string     `json:"handover"` // tegata-handover/v1
	Origin string     `json:"origin"`   // of the log
	What   Purpose    `json:"what"`
	Old    verify.JWK `json:"old"` // Ed25519, as all keys of the registry are
	New    verify.JWK `json:"new"`
	At     time.Time  `json:"at"` // UTC, whole seconds

	byOld, byOperator string // tokens of envelope.HandOver
}

// signedHandOver is a hand-over as it is kept and sent.
type signedHandOver struct {
	ByOld      string `json:"by_old"`
	ByOperator string `json:"by_operator"`
}

// SealHandOver signs h with the old key and the operator's. The error wraps
// [envelope.ErrMalformed] where h is not one to be signed.
func SealHandOver(h HandOver, old, operator *envelope.Signer) (HandOver, error) {
	h.Format = handOverFormat
	payload := payloadOf(h)
	byOld, err := old.SealAs(envelope.HandOver, payload)
	if err != nil {
		return HandOver{}, err
	}
	byOperator, err := operator.SealAs(envelope.HandOver, payload)
	if err != nil {
		return HandOver{}, err
	}
	sealed, err := openHandOver(signedHandOver{byOld, byOperator})
	if err != nil {
		return HandOver{}, err
	}
	return sealed, sealed.by(operator.Key())
}

// MarshalHandOvers returns hand-overs as a registry keeps and publishes them.
func MarshalHandOvers(all []HandOver) []byte {
	var out struct {
		HandOvers []signedHandOver `json:"handovers"`
	}
	out.HandOvers = []signedHandOver{}
	for _, h := range all {
		out.HandOvers = append(out.HandOvers, signedHandOver{h.byOld, h.byOperator})
	}
	return append(payloadOf(out), '\n')
}

// HandOversSize is the size of the largest file of hand-overs, in bytes.
const HandOversSize = 1 << 20

// ParseHandOvers reads hand-overs, in the order in which they were made. Each has
// the signature of its old key; whether the operator's is that of an operator is
// for [Trust.Follow] to know. The error wraps [envelope.ErrMalformed],
// [envelope.ErrKey] or [envelope.ErrSignature].
func ParseHandOvers(b []byte) ([]HandOver, error) {
	if len(b) > HandOversSize {
		return nil, fmt.Errorf("%w hand-overs: over %d bytes", envelope.ErrMalformed, HandOversSize)
	}
	var in struct {
		HandOvers []signedHandOver `json:"handovers"`
	}
	if err := envelope.Decode(b, &in); err != nil {
		return nil, fmt.Errorf("hand-overs: %w", err)
	}
	if in.HandOvers == nil {
		return nil, fmt.Errorf("%w hand-overs: handovers: it is missing", envelope.ErrMalformed)
	}
	all := make([]HandOver, len(in.HandOvers))
	for i, s := range in.HandOvers {
		h, err := openHandOver(s)
		if err != nil {
			return nil, fmt.Errorf("handovers[%d]: %w", i, err)
		}
		all[i] = h
	}
	return all, nil
}

// openHandOver reads one hand-over and checks its form and the old key's
// signature.
func openHandOver(s signedHandOver) (h HandOver, err error) {
	byOld, err := envelope.OpenAs(envelope.HandOver, []byte(s.ByOld))
	if err != nil {
		return h, fmt.Errorf("by_old: %w", err)
	}
	byOperator, err := envelope.OpenAs(envelope.HandOver, []byte(s.ByOperator))
	if err != nil {
		return h, fmt.Errorf("by_operator: %w", err)
	}
	if !bytes.Equal(byOld.Payload, byOperator.Payload) {
		return h, fmt.Errorf("%w: the old key and the operator say different things", envelope.ErrMalformed)
	}
	if err := envelope.Decode(byOld.Payload, &h); err != nil {
		return h, err
	}
	h.byOld, h.byOperator = s.ByOld, s.ByOperator
	old, err := h.check()
	if err != nil {
		return HandOver{}, err
	}
	if err := byOld.Verify(old); err != nil {
		return HandOver{}, fmt.Errorf("by_old: %w", err)
	}
	return h, nil
}

// check returns the old key, or everything that is wrong with what was signed.
func (h HandOver) check() (old envelope.Key, err error) {
	var f faults
	f.add(h.Format != handOverFormat, "handover: %.40q is not %q", h.Format, handOverFormat)
	f.add(!verify.ValidOrigin(h.Origin), "origin: %.80q is not the name of a log", h.Origin)
	f.add(!slices.Contains(Purposes, h.What), "what: %.40q is none of %q", h.What, Purposes)
	f.add(h.At.Year() < 2000 || h.At.Year() > 9999 || h.At.Nanosecond() != 0 || h.At.Location() != time.UTC, "at: it is no instant of whole seconds in UTC")
	old, err = envelope.ParseKey(h.Old)
	f.add(err != nil || h.Old.Crv != "Ed25519", "old: it is no Ed25519 key")
	_, err = envelope.ParseKey(h.New)
	f.add(err != nil || h.New.Crv != "Ed25519", "new: it is no Ed25519 key")
	f.add(h.Old == h.New, "new: it is the old one")
	return old, f.err("hand-over")
}

// by checks the operator's signature.
func (h HandOver) by(operator envelope.Key) error {
	e, err := envelope.OpenAs(envelope.HandOver, []byte(h.byOperator))
	if err == nil {
		err = e.Verify(operator)
	}
	if err != nil {
		return fmt.Errorf("by_operator: %w", err)
	}
	return nil
}

// Follow returns the trust file after the hand-overs, in their order: each by the
// key that was in use until then, and by an operator of the file. One that the file
// has followed already changes nothing. The error wraps [ErrUntrusted] and says which
// does not follow, and why.
func (t Trust) Follow(all ...HandOver) (Trust, error) {
	for _, h := range all {
		if err := t.follow(h); err != nil {
			return Trust{}, fmt.Errorf("%w: hand-over of the %s key of %s: %w", ErrUntrusted, h.What, h.At.Format(time.RFC3339), err)
		}
	}
	return t, nil
}

func (t *Trust) follow(h HandOver) error {
	if h.Origin != t.Origin {
		return fmt.Errorf("it is of %q, the file is of %q", h.Origin, t.Origin)
	}
	signed := func(k verify.JWK) bool {
		key, err := envelope.ParseKey(k)
		return err == nil && h.by(key) == nil
	}
	if !slices.ContainsFunc(t.OperatorKeys, signed) {
		return errors.New("no operator key of the file signed it")
	}
	var err error
	switch h.What {
	case LogPurpose:
		t.LogKeys, err = after(t.LogKeys, h, func(k tlog.LogKey) verify.JWK { return jwkOf(k.Ed25519()) },
			func() tlog.LogKey { return t.LogKeys[0].Key.With(publicOf(h.New)) })
	case CosignerPurpose:
		t.CosignerKeys, err = after(t.CosignerKeys, h, func(k tlog.CosignerKey) verify.JWK { return jwkOf(k.Ed25519()) },
			func() tlog.CosignerKey { return t.CosignerKeys[0].Key.With(publicOf(h.New)) })
	case AnswerPurpose:
		t.AnswerKeys, err = after(t.AnswerKeys, h, func(k verify.JWK) verify.JWK { return k }, func() verify.JWK { return h.New })
	}
	return err
}

// after returns the keys of a list after a hand-over, the present one first.
func after[K any](keys []Pinned[K], h HandOver, jwk func(K) verify.JWK, next func() K) ([]Pinned[K], error) {
	at := func(k verify.JWK) int {
		return slices.IndexFunc(keys, func(p Pinned[K]) bool { return jwk(p.Key) == k })
	}
	switch old, new := at(h.Old), at(h.New); {
	case old > 0 && new == old-1 && keys[old].Until.Equal(h.At):
		return keys, nil // followed already
	case old != 0:
		return nil, fmt.Errorf("the old key %s is not the one in use", h.Old.Thumbprint())
	case new >= 0:
		return nil, fmt.Errorf("the new key %s was given up before", h.New.Thumbprint())
	case len(keys) > 1 && h.At.Before(keys[1].Until):
		return nil, errors.New("it is dated before the one that went before it")
	}
	former := slices.Clone(keys)
	former[0].Until = h.At
	return append([]Pinned[K]{{Key: next()}}, former...), nil
}

// Before returns the trust file as it was before the hand-overs: the first old
// key of each purpose, or the present one where it was never handed over. It
// checks nothing; [Trust.Follow] does, on the way back.
func (t Trust) Before(all ...HandOver) Trust {
	t.LogKeys, t.CosignerKeys, t.AnswerKeys = slices.Clone(t.LogKeys[:1]), slices.Clone(t.CosignerKeys[:1]), slices.Clone(t.AnswerKeys[:1])
	for _, h := range slices.Backward(all) {
		switch h.What {
		case LogPurpose:
			t.LogKeys[0].Key = t.LogKeys[0].Key.With(publicOf(h.Old))
		case CosignerPurpose:
			t.CosignerKeys[0].Key = t.CosignerKeys[0].Key.With(publicOf(h.Old))
		case AnswerPurpose:
			t.AnswerKeys[0].Key = h.Old
		}
	}
	return t
}

// jwkOf returns the JWK of a key of the log.
func jwkOf(key ed25519.PublicKey) verify.JWK {
	return verify.JWK{Kty: "OKP", Crv: "Ed25519", X: base64.RawURLEncoding.EncodeToString(key)}
}

// publicOf returns the key that a JWK of a checked hand-over is.
func publicOf(k verify.JWK) ed25519.PublicKey {
	b, err := base64.RawURLEncoding.DecodeString(k.X)
	if err != nil {
		panic(err) // its x was read when the hand-over was
	}
	return b
}
