package pack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/match"
	"tegata/verify/tlog"
)

// checking is the check of what a pack holds about one code.
type checking struct {
	pack  *Pack
	trust bundle.Trust
	code  verify.Code

	facts   verify.Facts
	entries map[int64]string // of the bundle, each checked to be in the log
	answer  bundle.Answer
	indexes []int64 // of the statements about the code that were known
}

func (c *checking) check() (bundle.Answer, error) {
	for _, part := range []struct {
		name  string
		check func([]byte) error
	}{{BundleName, c.bundle}, {AnswerName, c.verdict}, {RecordName, c.record}} {
		name := join(c.code, part.name)
		data, err := c.pack.File(name)
		if err == nil {
			if err = part.check(data); err != nil {
				err = fmt.Errorf("%s: %w", name, err)
			}
		}
		if err != nil {
			return bundle.Answer{}, err
		}
	}
	for _, index := range c.indexes {
		if err := c.statement(index); err != nil {
			return bundle.Answer{}, err
		}
	}
	return c.answer, nil
}

// bundle opens the bundle, which must be of the pack's own head.
func (c *checking) bundle(data []byte) (err error) {
	if c.facts, err = bundle.Open(data, c.code, c.trust); err != nil {
		return err
	}
	if c.facts.Log != c.pack.Log {
		return errors.New("it is of another head than the pack")
	}
	var b bundle.Bundle
	if err := json.Unmarshal(data, &b); err != nil {
		return err
	}
	c.entries = map[int64]string{}
	for _, e := range b.Entries {
		c.entries[e.Index] = e.Entry
	}
	return nil
}

// verdict works the answer out again from the bundle.
func (c *checking) verdict(token []byte) error {
	payload, _, err := c.trust.OpenAnswer(envelope.Verdict, token)
	if err != nil {
		return err
	}
	if c.answer, err = bundle.ParseAnswer(payload); err != nil {
		return err
	}
	if c.answer.Code != c.code || c.answer.Log != c.pack.Log {
		return errors.New("it is about another code or head than the pack")
	}
	again, err := Again(c.answer, c.facts)
	if err != nil {
		return err
	}
	if differ := Differing(c.answer, again); len(differ) > 0 {
		return fmt.Errorf("worked out again from the bundle, the answer is another: %s", strings.Join(differ, "; "))
	}
	return nil
}

// record writes the history again.
func (c *checking) record(data []byte) error {
	r := c.facts.Record(c.answer.Asked().Known)
	said, err := Statements(r, c.token)
	if err != nil {
		return err
	}
	if want := (Record{c.code, r.Scheme, said, c.facts.Log}).Marshal(); !bytes.Equal(data, want) {
		return errors.New("worked out again from the bundle, the history is another")
	}
	for _, s := range said {
		c.indexes = append(c.indexes, s.Index)
	}
	return nil
}

// token returns the envelope of an entry of the bundle.
func (c *checking) token(index int64) (string, error) {
	e, err := tlog.ParseEntry([]byte(c.entries[index]))
	return e.Token, err
}

// A Receipt is the receipt of a statement: what statements/N.json holds.
type Receipt struct {
	Index      int64       `json:"index"`
	Logged     time.Time   `json:"logged"`
	Status     *int64      `json:"status_index,omitempty"` // of a first statement
	Leaf       tlog.Hash   `json:"leaf"`                   // RFC 6962 hash of the entry
	Proof      []tlog.Hash `json:"proof"`                  // the leaf's sibling first
	Checkpoint string      `json:"checkpoint"`
}

// statement checks a statement and its receipt.
func (c *checking) statement(index int64) error {
	raw := []byte(c.entries[index])
	entry, err := tlog.ParseEntry(raw)
	if err != nil {
		return err
	}
	name := join(c.code, StatementName(index))
	token, err := c.pack.File(name)
	if err != nil {
		return err
	}
	if string(token) != entry.Token {
		return fmt.Errorf("%s: entry %d is another statement", name, index)
	}
	name = join(c.code, ReceiptName(index))
	data, err := c.pack.File(name)
	if err != nil {
		return err
	}
	var r Receipt
	if err := envelope.Decode(data, &r); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	status := int64(tlog.NoStatus)
	if r.Status != nil {
		status = *r.Status
	}
	if r.Index != index || !r.Logged.Equal(entry.Logged) || status != entry.Status || r.Leaf != tlog.LeafHash(raw) {
		return fmt.Errorf("%s: it is of another entry than %d", name, index)
	}
	head, _, err := c.trust.OpenCheckpoint([]byte(r.Checkpoint))
	if err != nil {
		return fmt.Errorf("%s: checkpoint: %w", name, err)
	}
	if head.Size != c.pack.Log.Size || verify.Root(head.Root) != c.pack.Log.Root {
		return fmt.Errorf("%s: it is of another head than the pack", name)
	}
	if err := tlog.CheckInclusion(r.Proof, head.Size, head.Root, index, r.Leaf); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Again answers what a signed answer was asked from facts.
func Again(a bundle.Answer, f verify.Facts) (bundle.Answer, error) {
	v := verify.Judge(f, a.Asked())
	if v.Product != nil && a.Match != nil {
		var model, gtin string
		if a.Match.Model != nil {
			model = a.Match.Model.Asked
		}
		if a.Match.GTIN != nil {
			gtin = a.Match.GTIN.Asked
		}
		var err error
		if v.Match, err = match.Covers(v.Product, model, gtin); err != nil {
			return bundle.Answer{}, err
		}
	}
	again := bundle.NewAnswer(v)
	again.IssuedAt = a.IssuedAt
	return again, nil
}

// Differing names the members in which two answers differ, with what each has.
func Differing(signed, again bundle.Answer) (differ []string) {
	members := func(a bundle.Answer) (m map[string]json.RawMessage) {
		if err := json.Unmarshal(a.Payload(), &m); err != nil {
			panic(err) // it was written the line before
		}
		return m
	}
	a, b := members(signed), members(again)
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if !bytes.Equal(a[name], b[name]) {
			differ = append(differ, fmt.Sprintf("%s: signed %.300s, by the log %.300s", name, orNone(a[name]), orNone(b[name])))
		}
	}
	return differ
}

func orNone(m json.RawMessage) string {
	if m == nil {
		return "-"
	}
	return string(m)
}
