package bundle_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// object is what comes of a vector.
type object map[string]any

// members are those of the trust file that a vector replaces.
type members map[string]json.RawMessage

// open reads the trust file with the vector's own members in it.
func (m members) open(file []byte) (bundle.Trust, error) {
	var all members
	if err := json.Unmarshal(file, &all); err != nil {
		return bundle.Trust{}, err
	}
	for name, value := range m {
		all[name] = value
	}
	return bundle.ParseTrust(encoded(all))
}

type givenCode struct {
	Text string `json:"text"`
}

func (g *givenCode) run([]byte) (any, error) {
	code, err := verify.ParseCode(g.Text)
	return object{"code": code, "printed": code.Printed()}, err
}

type givenKey struct {
	JWK verify.JWK `json:"jwk"`
}

func (g *givenKey) run([]byte) (any, error) {
	k, err := envelope.ParseKey(g.JWK)
	return object{"thumbprint": k.ID()}, err
}

type givenStatement struct {
	Payload string `json:"payload"`
}

// statementFaults are those of a statement that asks to be entered.
type statementFaults verify.Faults

func (f statementFaults) Error() string { return verify.Faults(f).Error() }

func (g *givenStatement) run([]byte) (any, error) {
	if err := envelope.CheckJSON([]byte(g.Payload)); err != nil {
		return nil, err
	}
	s, faults := verify.ParseStatement([]byte(g.Payload))
	if len(faults) > 0 {
		return nil, statementFaults(faults)
	}
	return s.Head, nil
}

type givenEnvelope struct {
	Type  string     `json:"type"`
	Token string     `json:"token"`
	Key   verify.JWK `json:"key"`
}

var tokenTypes = map[string]envelope.Type{
	"tegata-statement+jws": envelope.Statement,
	"tegata-verdict+jwt":   envelope.Verdict,
	"tegata-report+jwt":    envelope.Report,
	"tegata-manifest+jwt":  envelope.Manifest,
	"statuslist+jwt":       envelope.StatusList,
	"tegata-handover+jws":  envelope.HandOver,
}

func (g *givenEnvelope) run([]byte) (any, error) {
	as, ok := tokenTypes[g.Type]
	if !ok {
		panic("no type " + g.Type)
	}
	e, err := envelope.OpenAs(as, []byte(g.Token))
	if err != nil {
		return nil, err
	}
	k, err := envelope.ParseKey(g.Key)
	if err != nil {
		return nil, err
	}
	if err := e.Verify(k); err != nil {
		return nil, err
	}
	identity := envelope.Identity(e.Token)
	return object{"alg": e.Algorithm, "kid": e.KeyID, "payload": string(e.Payload), "identity": hex.EncodeToString(identity[:])}, nil
}

type givenEntry struct {
	Entry string `json:"entry"`
}

func (g *givenEntry) run([]byte) (any, error) {
	e, err := tlog.ParseEntry([]byte(g.Entry))
	if err != nil {
		return nil, err
	}
	return object{"logged": e.Logged.UnixMilli(), "status": e.Status, "leaf": tlog.LeafHash([]byte(g.Entry)), "token": e.Token}, nil
}

type givenProof struct {
	Inclusion   *inclusion   `json:"inclusion,omitempty"`
	Consistency *consistency `json:"consistency,omitempty"`
}

type inclusion struct {
	Leaf  tlog.Hash   `json:"leaf"`
	Index int64       `json:"index"`
	Size  int64       `json:"size"`
	Root  tlog.Hash   `json:"root"`
	Proof []tlog.Hash `json:"proof"`
}

type consistency struct {
	OldSize int64       `json:"old_size"`
	OldRoot tlog.Hash   `json:"old_root"`
	Size    int64       `json:"size"`
	Root    tlog.Hash   `json:"root"`
	Proof   []tlog.Hash `json:"proof"`
}

func (g *givenProof) run([]byte) (any, error) {
	if i := g.Inclusion; i != nil {
		return object{"holds": true}, tlog.CheckInclusion(i.Proof, i.Size, i.Root, i.Index, i.Leaf)
	}
	c := g.Consistency
	return object{"holds": true}, tlog.CheckConsistency(c.Proof, c.Size, c.Root, c.OldSize, c.OldRoot)
}

type givenCheckpoint struct {
	Checkpoint string  `json:"checkpoint"`
	Trust      members `json:"trust,omitempty"`
	Kept       *kept   `json:"kept,omitempty"`
}

// kept is a checkpoint that the verifier saw earlier, with the proof that the
// later one continues it.
type kept struct {
	Checkpoint string      `json:"checkpoint"`
	Proof      []tlog.Hash `json:"proof"`
}

func (g *givenCheckpoint) run(file []byte) (any, error) {
	trust, err := g.Trust.open(file)
	if err != nil {
		return nil, err
	}
	head, cosigned, err := trust.OpenCheckpoint([]byte(g.Checkpoint))
	if err != nil {
		return nil, err
	}
	if g.Kept != nil {
		old, _, err := trust.OpenCheckpoint([]byte(g.Kept.Checkpoint))
		if err != nil {
			return nil, err
		}
		if err := tlog.CheckConsistency(g.Kept.Proof, head.Size, head.Root, old.Size, old.Root); err != nil {
			return nil, err
		}
	}
	lines := []object{}
	for _, c := range cosigned {
		lines = append(lines, object{"key": c.By, "time": c.Time})
	}
	return object{"origin": head.Origin, "size": head.Size, "root": head.Root, "cosigned": lines}, nil
}

type givenTrust struct {
	File string `json:"file"`
}

func (g *givenTrust) run([]byte) (any, error) {
	t, err := bundle.ParseTrust([]byte(g.File))
	if err != nil {
		return nil, err
	}
	return object{"origin": t.Origin, "fingerprint": t.Fingerprint()}, nil
}

type givenBundle struct {
	Bundle string      `json:"bundle"`
	Code   verify.Code `json:"code"`
	Trust  members     `json:"trust,omitempty"`
}

func (g *givenBundle) run(file []byte) (any, error) {
	trust, err := g.Trust.open(file)
	if err != nil {
		return nil, err
	}
	f, err := bundle.Open([]byte(g.Bundle), g.Code, trust)
	if err != nil {
		return nil, err
	}
	m, v := bundle.NewManifest(f, nil), verify.Judge(f, verify.Question{})
	return object{
		"log": f.Log, "governance": m.Governance, "entries": m.Entries, "basis": m.Basis, "related": m.Related,
		"status": v.Validity.Status, "outcome": v.Recognition.Outcome,
	}, nil
}

type givenReceipt struct {
	Answer string  `json:"answer,omitempty"` // a token of a verdict
	Report *report `json:"report,omitempty"`
	Write  *write  `json:"write,omitempty"`
	Trust  members `json:"trust,omitempty"`
}

type report struct {
	Token  string `json:"token"`
	Input  string `json:"input"`
	Output string `json:"output"`
}

type write struct {
	Entry string `json:"entry"`
	Proof string `json:"proof"` // c2sp.org/tlog-proof
}

func (g *givenReceipt) run(file []byte) (any, error) {
	trust, err := g.Trust.open(file)
	if err != nil {
		return nil, err
	}
	switch {
	case g.Report != nil:
		return g.Report.run(trust)
	case g.Write != nil:
		return g.Write.run(trust)
	}
	payload, _, err := trust.OpenAnswer(envelope.Verdict, []byte(g.Answer))
	if err != nil {
		return nil, err
	}
	a, err := bundle.ParseAnswer(payload)
	if err != nil {
		return nil, err
	}
	return object{
		"iat": a.IssuedAt, "code": a.Code, "status": a.Validity.Status, "outcome": a.Recognition.Outcome,
		"question": a.Question, "log": a.Log,
	}, nil
}

func (r *report) run(trust bundle.Trust) (any, error) {
	payload, _, err := trust.OpenAnswer(envelope.Report, []byte(r.Token))
	if err != nil {
		return nil, err
	}
	said, err := bundle.ParseReport(payload)
	if err != nil {
		return nil, err
	}
	digest := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
	if said.Input != digest(r.Input) || said.Output != digest(r.Output) {
		return nil, fmt.Errorf("%w: the report is about other files", bundle.ErrUntrusted)
	}
	return object{
		"iat": said.IssuedAt, "items": said.Items, "faults": said.Faults, "ambiguous": said.Ambiguous,
		"statuses": said.Statuses, "outcomes": said.Outcomes, "log": said.Log,
	}, nil
}

func (w *write) run(trust bundle.Trust) (any, error) {
	p, err := tlog.ParseProof([]byte(w.Proof))
	if err != nil {
		return nil, err
	}
	head, _, err := trust.OpenCheckpoint(p.Checkpoint)
	if err != nil {
		return nil, err
	}
	leaf := tlog.LeafHash([]byte(w.Entry))
	if err := tlog.CheckInclusion(p.Hashes, head.Size, head.Root, p.Index, leaf); err != nil {
		return nil, err
	}
	return object{"index": p.Index, "size": head.Size, "root": head.Root, "leaf": leaf}, nil
}
