package bundle_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// This file makes the vectors of what the registry answers: bundles and receipts.

func (m *vectorMaker) bundles() {
	t, k := m.t, m.k
	add := func(refused, name string, data []byte, code verify.Code, trust members) {
		t.Helper()
		m.add("bundles.json", name, &givenBundle{string(data), code, trust}, refused)
	}
	whole := k.Bundle(t, based0)
	add("", "a label that rests on a declaration", whole, based0, nil)
	add("", "a declaration, with labels of the same trade item", k.Bundle(t, declared), declared, nil)
	add("", "a label that was revoked", k.Bundle(t, star), star, nil)
	add("", "old: the same label before it was revoked", m.earlier, star, nil)
	none := k.Bundle(t, absent)
	add("", "a code that is not in this registry", none, absent, nil)

	// From here on the small one serves where it shows the same.
	add("untrusted", "asked for another code", whole, star, nil)
	add("untrusted", "asked for a code that is not in the registry", whole, absent, nil)
	last := func(b *bundle.Bundle) int { return len(b.Entries) - 1 }
	add("untrusted", "an entry left out", parts(t, whole, func(b *bundle.Bundle) { b.Entries = b.Entries[:last(b)] }), based0, nil)
	add("untrusted", "entry 0 left out", parts(t, none, func(b *bundle.Bundle) { b.Entries = b.Entries[1:] }), absent, nil)
	add("untrusted", "an entry twice", parts(t, none, func(b *bundle.Bundle) { b.Entries = append(b.Entries, b.Entries[last(b)]) }), absent, nil)
	add("untrusted", "entries in another order", parts(t, whole, func(b *bundle.Bundle) { slices.Reverse(b.Entries) }), based0, nil)
	add("proof", "an altered byte of an entry", parts(t, whole, func(b *bundle.Bundle) {
		e := &b.Entries[last(b)]
		e.Entry = e.Entry[:40] + altered(e.Entry[40:])
	}), based0, nil)
	add("untrusted", "an altered byte of entry 0", parts(t, none, func(b *bundle.Bundle) {
		b.Entries[0].Entry = b.Entries[0].Entry[:40] + altered(b.Entries[0].Entry[40:])
	}), absent, nil)
	add("proof", "an altered proof", parts(t, none, func(b *bundle.Bundle) { b.Entries[0].Proof[0][7] ^= 1 }), absent, nil)
	add("proof", "a proof cut short", parts(t, none, func(b *bundle.Bundle) { b.Entries[0].Proof = b.Entries[0].Proof[1:] }), absent, nil)
	add("proof", "an entry at another index: the registry lies", lie(t, k, whole, func(c *bundle.Manifest, b *bundle.Bundle) {
		at := last(b)
		b.Entries[at].Index++
		list := &c.Entries
		if !slices.Contains(*list, b.Entries[at].Index-1) {
			list = &c.Governance
		}
		(*list)[slices.Index(*list, b.Entries[at].Index-1)]++
	}), based0, nil)
	add("signature", "an altered manifest", parts(t, none, func(b *bundle.Bundle) {
		at := strings.LastIndexByte(b.Manifest, '.') + 1
		b.Manifest = b.Manifest[:at] + altered(b.Manifest[at:])
	}), absent, nil)
	add("untrusted", "an older checkpoint than the manifest's", parts(t, none, func(b *bundle.Bundle) { b.Checkpoint = string(m.checkpoints[10]) }), absent, nil)
	add("untrusted", "another checkpoint of the same head than the manifest's", parts(t, none, func(b *bundle.Bundle) {
		b.Checkpoint = string(must(tlog.Cosign([]byte(b.Checkpoint), k.Config.Cosigner, k.Clock.Now().Add(time.Minute)))(t))
	}), absent, nil)
	add("malformed", "a line end more", append(slices.Clone(none), '\n'), absent, nil)
	add("malformed", "without its line end", none[:len(none)-1], absent, nil)
	add("malformed", "spelt in another way", []byte(strings.Replace(string(none), ":", ": ", 1)), absent, nil)
	add("malformed", "a member that there is not", []byte(strings.Replace(string(none), "{", `{"note":"",`, 1)), absent, nil)
	add("malformed", "another format", []byte(strings.Replace(string(none), "tegata-bundle/v1", "tegata-bundle/v2", 1)), absent, nil)
	add("malformed", "empty", nil, absent, nil)
	add("malformed", "not JSON", []byte("trust me\n"), absent, nil)

	stranger := m.signer("stranger")
	add("untrusted", "another answer key", none, absent, replace("answer_keys", []any{map[string]any{"key": stranger.Key().JWK()}}))
	add("untrusted", "another entry 0", none, absent, replace("entry_0", m.leaves[1]))
	add("signature", "another log key", none, absent, replace("log_keys", []any{map[string]any{"key": must(tlog.NewLogSigner(registrytest.Origin, vectorKey("stranger")))(t).Key()}}))
	add("untrusted", "a quorum of witnesses, none saw it", none, absent, members{
		"witnesses": encoded([]any{must(tlog.NewCosigner("witness-1.example", vectorKey("witness-1")))(t).Key()}), "quorum": encoded(1)})

	// What the registry itself signs and is not so.
	lies := func(refused, name string, change func(*bundle.Manifest, *bundle.Bundle)) {
		t.Helper()
		add(refused, "the registry lies: "+name, lie(t, k, whole, change), based0, nil)
	}
	dropped := func(b *bundle.Bundle, indexes ...int64) {
		b.Entries = slices.DeleteFunc(b.Entries, func(e bundle.Included) bool { return slices.Contains(indexes, e.Index) })
	}
	lies("entry", "it leaves out the party that issued", func(c *bundle.Manifest, b *bundle.Bundle) {
		issuer := m.enrolled("ipa")
		c.Governance = slices.DeleteFunc(c.Governance, func(i int64) bool { return i == issuer })
		dropped(b, issuer)
	})
	lies("untrusted", "it leaves out the declaration", func(c *bundle.Manifest, b *bundle.Bundle) {
		for _, list := range c.Basis {
			dropped(b, list...)
		}
		c.Basis = [][]int64{}
	})
	lies("untrusted", "the manifest's time is before an entry's", func(c *bundle.Manifest, b *bundle.Bundle) {
		c.Log.Time = c.Log.Time.AddDate(-4, 0, 0)
		c.IssuedAt = c.Log.Time.Unix()
	})
	lies("untrusted", "the manifest's size is another than the checkpoint's", func(c *bundle.Manifest, b *bundle.Bundle) { c.Log.Size-- })
	lies("untrusted", "an index twice", func(c *bundle.Manifest, b *bundle.Bundle) { c.Entries = append(c.Entries, c.Entries[0]) })
	lies("untrusted", "indexes in another order", func(c *bundle.Manifest, b *bundle.Bundle) { slices.Reverse(c.Governance) })
	lies("untrusted", "an entry of the label as one of another", func(c *bundle.Manifest, b *bundle.Bundle) {
		c.Related, c.Entries = append(c.Related, c.Entries), []int64{}
	})
	add("signature", "the registry lies: it forges a statement", m.forged("ipa", "stranger"), star, nil)
	add("entry", "the registry lies: it enters a stranger's statement", m.forged("stranger", "stranger"), star, nil)
	add("entry", "the registry lies: it enters a statement by another party's key", m.forged("meti", "meti"), star, nil)
	add("", "the registry lies and leaves out a revocation: nothing in the bundle shows it, and it has signed the lie",
		lie(t, k, k.Bundle(t, star), func(c *bundle.Manifest, b *bundle.Bundle) {
			gone := c.Entries[len(c.Entries)-1]
			c.Entries = c.Entries[:len(c.Entries)-1]
			dropped(b, gone)
		}), star, nil)
}

// forged is the bundle of star from a log to which the registry itself added a
// statement that the label is valid again, under a key and signed by another.
func (m *vectorMaker) forged(under, by string) []byte {
	t, k := m.t, m.k
	now := k.Clock.Now()
	payload := k.Make(t, verify.LabelStatus, star, func(s map[string]any) { s["status"], s["from"] = "valid", "2030-01-10" })
	header := fmt.Sprintf(`{"alg":"EdDSA","kid":"%s","typ":"tegata-statement+jws"}`, m.signer(under).Key().ID())
	entry := tlog.Entry{Logged: now, Status: tlog.NoStatus, Token: m.envelopeOf(by, header, string(payload))}.Marshal()
	entries := append(slices.Clone(m.entries), entry)
	_, hashes := tree(t, entries)
	size := int64(len(entries))
	head := tlog.Checkpoint{Origin: registrytest.Origin, Size: size, Root: must(tlog.TreeHash(size, hashes))(t)}
	signed := must(tlog.Cosign(must(tlog.Sign(head, k.Config.Log))(t), k.Config.Cosigner, now))(t)
	return lie(t, k, k.Bundle(t, star), func(c *bundle.Manifest, b *bundle.Bundle) {
		b.Entries = append(b.Entries, bundle.Included{Index: size - 1, Entry: string(entry)})
		for i := range b.Entries {
			b.Entries[i].Proof = must(tlog.Inclusion(size, b.Entries[i].Index, hashes))(t)
		}
		sum := sha256.Sum256(signed)
		b.Checkpoint, c.Checkpoint = string(signed), fmt.Sprintf("%x", sum)
		c.Entries = append(c.Entries, size-1)
		c.Log.Size, c.Log.Root = size, verify.Root(head.Root)
	})
}

// enrolled is the index at which a party was enrolled.
func (m *vectorMaker) enrolled(id verify.PartyID) int64 {
	for i, raw := range m.entries {
		e, _, err := bundle.ParseEntry(int64(i), raw)
		if err != nil {
			m.t.Fatal(err)
		}
		if b, ok := e.Body.(*verify.Enrolled); ok && b.Party.ID == id {
			return e.Index
		}
	}
	m.t.Fatalf("%s was not enrolled", id)
	return 0
}

func (m *vectorMaker) receipts() {
	t, k := m.t, m.k
	add := func(refused, name string, g *givenReceipt) {
		t.Helper()
		m.add("receipts.json", name, g, refused)
	}
	judged := func(code verify.Code, q verify.Question) bundle.Answer {
		return bundle.NewAnswer(verify.Judge(m.lookup(code), q))
	}
	sealed := func(as envelope.Type, by *envelope.Signer, payload []byte) string {
		return must(by.SealAs(as, payload))(t)
	}
	answer := k.Config.Answer
	day := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	known := must(k.Registry.KnownAt(15))(t)
	a := judged(star, verify.Question{In: verify.InGB, At: day})
	good := sealed(envelope.Verdict, answer, a.Payload())
	add("", "a label, of a day in the past", &givenReceipt{Answer: good})
	add("", "a label, now", &givenReceipt{Answer: sealed(envelope.Verdict, answer, judged(star, verify.Question{}).Payload())})
	add("", "a label, as the registry knew it then", &givenReceipt{Answer: sealed(envelope.Verdict, answer, judged(star, verify.Question{At: day, Known: known}).Payload())})
	add("", "a declaration, asked in Japan", &givenReceipt{Answer: sealed(envelope.Verdict, answer, judged(declared, verify.Question{In: verify.InJP, At: day}).Payload())})
	add("", "a code that is not in this registry", &givenReceipt{Answer: sealed(envelope.Verdict, answer, judged(absent, verify.Question{}).Payload())})
	at := strings.LastIndexByte(good, '.') + 1
	add("signature", "an altered signature", &givenReceipt{Answer: good[:at] + altered(good[at:])})
	add("malformed", "cut off", &givenReceipt{Answer: good[:len(good)-1]})
	add("malformed", "a statement is no receipt", &givenReceipt{Answer: must(k.Registry.Envelope(0))(t)})
	stranger := m.signer("stranger")
	add("untrusted", "signed by a stranger", &givenReceipt{Answer: sealed(envelope.Verdict, stranger, a.Payload())})
	add("untrusted", "issued by another", &givenReceipt{Answer: sealed(envelope.Verdict, answer, with(a.Payload(), "iss", "other.example"))})
	add("malformed", "no iat", &givenReceipt{Answer: sealed(envelope.Verdict, answer, with(a.Payload(), "iat", nil))})
	add("malformed", "iat before the head", &givenReceipt{Answer: sealed(envelope.Verdict, answer, with(a.Payload(), "iat", 1))})
	add("malformed", "no state of the log is named", &givenReceipt{Answer: sealed(envelope.Verdict, answer, with(a.Payload(), "question.known", 0))})
	handedOver := func(until time.Time) members {
		return replace("answer_keys", []any{map[string]any{"key": stranger.Key().JWK()}, map[string]any{"key": answer.Key().JWK(), "until": until}})
	}
	issued := time.Unix(a.IssuedAt, 0).UTC()
	add("", "by an answer key that was given up that second", &givenReceipt{Answer: good, Trust: handedOver(issued)})
	add("untrusted", "by an answer key that was given up before", &givenReceipt{Answer: good, Trust: handedOver(issued.Add(-time.Second))})

	const input = "code\n7K3M-Q2ZT-9XWE\n4HD8-RVN1-C5PE\n7K3M-Q2ZT-9XWF\n"
	output := fmt.Sprintf("%s\n%s\n", judged(star, verify.Question{}).Code, judged(declared, verify.Question{}).Code)
	digest := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
	first, second := verify.Judge(m.lookup(star), verify.Question{}), verify.Judge(m.lookup(declared), verify.Question{})
	said := bundle.Report{
		Issuer: registrytest.Origin, IssuedAt: first.Log.Time.Unix(), Input: digest(input), Output: digest(output), Items: 3, Faults: 1,
		Statuses: map[verify.Status]int64{first.Validity.Status: 1}, Outcomes: map[verify.Outcome]int64{first.Recognition.Outcome: 1}, Log: first.Log,
	}
	said.Statuses[second.Validity.Status]++
	said.Outcomes[second.Recognition.Outcome]++
	token := sealed(envelope.Report, answer, said.Payload())
	add("", "a report", &givenReceipt{Report: &report{token, input, output}})
	add("untrusted", "a report about other input", &givenReceipt{Report: &report{token, input + "\n", output}})
	add("untrusted", "a report about other output", &givenReceipt{Report: &report{token, input, ""}})
	add("malformed", "a report whose counts do not add up", &givenReceipt{Report: &report{sealed(envelope.Report, answer, with(said.Payload(), "items", 4)), input, output}})
	add("malformed", "a verdict is no report", &givenReceipt{Report: &report{good, input, output}})
	add("untrusted", "a report signed by a stranger", &givenReceipt{Report: &report{sealed(envelope.Report, stranger, said.Payload()), input, output}})

	index := m.index(star)
	r := must(k.Registry.Receipt(index))(t)
	p := tlog.Proof{Index: index, Hashes: r.Proof, Checkpoint: r.Checkpoint}
	entry, text := string(m.entries[index]), string(p.Marshal())
	add("", "of a write", &givenReceipt{Write: &write{entry, text}})
	add("proof", "of a write: another entry", &givenReceipt{Write: &write{string(m.entries[index+1]), text}})
	add("proof", "of a write: another index", &givenReceipt{Write: &write{entry, strings.Replace(text, fmt.Sprintf("index %d", index), fmt.Sprintf("index %d", index+1), 1)}})
	add("malformed", "of a write: an index outside the tree", &givenReceipt{Write: &write{entry, strings.Replace(text, fmt.Sprintf("index %d", index), "index 1000", 1)}})
	add("malformed", "of a write: an extra line", &givenReceipt{Write: &write{entry, strings.Replace(text, "\nindex", "\nextra AAAA\nindex", 1)}})
	add("malformed", "of a write: another format", &givenReceipt{Write: &write{entry, strings.Replace(text, "@v1", "@v2", 1)}})
	add("signature", "of a write: an altered checkpoint", &givenReceipt{Write: &write{entry, strings.Replace(text, fmt.Sprintf("\n%d\n", len(m.entries)), fmt.Sprintf("\n%d\n", len(m.entries)-1), 1)}})
}
