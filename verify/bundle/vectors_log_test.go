package bundle_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/tlog"
)

// This file makes the vectors of the log: entries, proofs, checkpoints, and the
// trust files that they are checked with.

func (m *vectorMaker) entriesAndProofs() {
	first := string(m.entries[0])
	token := first[strings.LastIndexByte(first, '\n')+1:]
	for _, c := range []struct{ name, entry, refused string }{
		{"entry 0", first, ""},
		{"a first statement, with its place in the status lists", string(m.entries[m.index(star)]), ""},
		{"1970", "tegata-entry/v1\n0\n-\n" + token, ""},
		{"the last instant of 9999", "tegata-entry/v1\n253402300799999\n0\n" + token, ""},
		{"after it", "tegata-entry/v1\n253402300800000\n-\n" + token, "malformed"},
		{"a line end at the end", first + "\n", "malformed"},
		{"another format", strings.Replace(first, "v1", "v2", 1), "malformed"},
		{"an instant with a leading zero", "tegata-entry/v1\n01\n-\n" + token, "malformed"},
		{"an instant with a sign", "tegata-entry/v1\n+1\n-\n" + token, "malformed"},
		{"no status", "tegata-entry/v1\n1\n\n" + token, "malformed"},
		{"a status of -1", "tegata-entry/v1\n1\n-1\n" + token, "malformed"},
		{"a token with a space", "tegata-entry/v1\n1\n-\n" + token + " ", "malformed"},
		{"no token", "tegata-entry/v1\n1\n-\n", "malformed"},
		{"over 65,535 bytes", "tegata-entry/v1\n1\n-\n" + strings.Repeat("x", 1<<16), "malformed"},
	} {
		m.add("entries.json", c.name, &givenEntry{c.entry}, c.refused)
	}

	root := func(size int64) tlog.Hash { return must(tlog.TreeHash(size, m.hashes))(m.t) }
	in := func(size, index int64) *inclusion {
		proof := must(tlog.Inclusion(size, index, m.hashes))(m.t)
		return &inclusion{m.leaves[index], index, size, root(size), append([]tlog.Hash{}, proof...)}
	}
	add := func(refused, name string, i *inclusion, c *consistency) {
		m.t.Helper()
		m.add("proofs.json", name, &givenProof{i, c}, refused)
	}
	whole := int64(len(m.entries))
	for _, at := range [][2]int64{{1, 0}, {2, 1}, {3, 2}, {7, 0}, {8, 7}, {whole, 0}, {whole, 16}, {whole, whole - 1}} {
		add("", fmt.Sprintf("entry %d in the tree of %d", at[1], at[0]), in(at[0], at[1]), nil)
	}
	for _, c := range []named[inclusion]{
		{"another leaf", func(i *inclusion) { i.Leaf = m.leaves[4] }},
		{"the entry before", func(i *inclusion) { i.Index-- }},
		{"the index of nothing", func(i *inclusion) { i.Index = i.Size }},
		{"an index below 0", func(i *inclusion) { i.Index = -1 }},
		{"a larger tree", func(i *inclusion) { i.Size += 16 }},
		{"another root", func(i *inclusion) { i.Root = root(9) }},
		{"a hash too few", func(i *inclusion) { i.Proof = i.Proof[1:] }},
		{"a hash too many", func(i *inclusion) { i.Proof = append(i.Proof, i.Proof[0]) }},
		{"two hashes swapped", func(i *inclusion) { i.Proof[0], i.Proof[1] = i.Proof[1], i.Proof[0] }},
		{"no proof", func(i *inclusion) { i.Proof = []tlog.Hash{} }},
	} {
		i := in(whole, 5)
		c.change(i)
		add("proof", "inclusion: "+c.name, i, nil)
	}
	double := in(8, 0)
	double.Size *= 2
	add("proof", "inclusion: a tree twice as large with the same root", double, nil)
	on := func(size, old int64) *consistency {
		proof := must(tlog.Consistency(size, old, m.hashes))(m.t)
		return &consistency{old, root(old), size, root(size), append([]tlog.Hash{}, proof...)}
	}
	for _, at := range [][2]int64{{1, 1}, {2, 1}, {7, 4}, {8, 8}, {whole, 0}, {whole, 6}, {whole, 16}, {whole, whole - 1}} {
		add("", fmt.Sprintf("the tree of %d begins with that of %d", at[0], at[1]), nil, on(at[0], at[1]))
	}
	for _, c := range []named[consistency]{
		{"another old root", func(c *consistency) { c.OldRoot = root(7) }},
		{"another root", func(c *consistency) { c.Root = root(9) }},
		{"the same size, another root", func(c *consistency) { c.OldSize, c.Proof = c.Size, []tlog.Hash{} }},
		{"a shorter tree after a longer one", func(c *consistency) { c.Size, c.OldSize = c.OldSize, c.Size }},
		{"a hash too few", func(c *consistency) { c.Proof = c.Proof[1:] }},
		{"a hash too many", func(c *consistency) { c.Proof = append(c.Proof, c.Proof[0]) }},
		{"an empty tree with another root", func(c *consistency) { c.OldSize, c.Proof = 0, []tlog.Hash{} }},
	} {
		on := on(whole, 6)
		c.change(on)
		add("proof", "consistency: "+c.name, nil, on)
	}
	twice := on(8, 4)
	twice.Size *= 2
	add("proof", "consistency: a tree twice as large with the same root", nil, twice)
}

// named is a change with its name.
type named[T any] struct {
	name   string
	change func(*T)
}

// index is where a code was first spoken of.
func (m *vectorMaker) index(code verify.Code) int64 { return m.lookup(code).Entries[0].Index }

func (m *vectorMaker) checkpointVectors() {
	t, k := m.t, m.k
	whole := int64(len(m.entries))
	now := k.Clock.Now()
	witness := func(n string) *tlog.Cosigner {
		return must(tlog.NewCosigner("witness-"+n+".example", vectorKey("witness-"+n)))(t)
	}
	one, two := witness("1"), witness("2")
	both := func(quorum int) members {
		return members{"witnesses": encoded([]tlog.CosignerKey{one.Key(), two.Key()}), "quorum": encoded(quorum)}
	}
	cosign := func(signed []byte, by *tlog.Cosigner) []byte { return must(tlog.Cosign(signed, by, now))(t) }
	sign := func(c tlog.Checkpoint) []byte {
		return cosign(must(tlog.Sign(c, k.Config.Log))(t), k.Config.Cosigner)
	}
	head := must(tlog.ParseCheckpoint(bodyOf(m.checkpoints[whole])))(t)
	present := m.checkpoints[whole]
	seenByOne := cosign(present, one)
	seenByBoth := cosign(seenByOne, two)
	add := func(refused, name string, signed []byte, trust members, old *kept) {
		t.Helper()
		m.add("checkpoints.json", name, &givenCheckpoint{string(signed), trust, old}, refused)
	}
	add("", "as it is published", present, nil, nil)
	add("", "a witness that the file does not name", seenByOne, nil, nil)
	add("", "a quorum of one, met", seenByOne, both(1), nil)
	add("", "a quorum of two, met", seenByBoth, both(2), nil)
	add("untrusted", "a quorum of two, one is missing", seenByOne, both(2), nil)
	add("untrusted", "a quorum of one, nobody saw it", present, both(1), nil)
	text := string(present)
	lines := strings.SplitAfter(text, "\n") // origin, size, root, empty, two signatures, nothing
	add("untrusted", "not dated by the registry", []byte(strings.Join(lines[:5], "")), nil, nil)
	add("signature", "not signed by the log", []byte(strings.Join(lines[:4], "")+lines[5]), nil, nil)
	add("malformed", "not signed at all", []byte(strings.Join(lines[:4], "")), nil, nil)
	add("malformed", "without its empty line", []byte(strings.Join(lines[:3], "")+lines[4]), nil, nil)
	add("malformed", "without the line end after it", []byte(strings.TrimSuffix(text, "\n")), nil, nil)
	add("malformed", "empty", nil, nil, nil)
	add("signature", "another size", []byte(strings.Replace(text, fmt.Sprintf("\n%d\n", whole), fmt.Sprintf("\n%d\n", whole-1), 1)), nil, nil)
	add("malformed", "a size with a leading zero", []byte(strings.Replace(text, fmt.Sprintf("\n%d\n", whole), fmt.Sprintf("\n0%d\n", whole), 1)), nil, nil)
	add("signature", "another origin", []byte(strings.Replace(text, "labels.example\n", "labels.invalid\n", 1)), nil, nil)
	add("malformed", "a control character", []byte(strings.Replace(text, "labels.example\n", "labels.example\t\n", 1)), nil, nil)
	add("malformed", "an extension line", []byte(strings.Replace(text, "\n\n", "\nmore\n\n", 1)), nil, nil)
	add("signature", "an altered signature of the log", []byte(strings.Join(lines[:4], "")+bent(lines[4])+lines[5]), nil, nil)
	add("signature", "an altered cosignature by the registry", []byte(strings.Join(lines[:5], "")+bent(lines[5])), nil, nil)
	add("signature", "an altered cosignature by a witness", []byte(string(present)+bent(strings.SplitAfter(string(seenByOne), "\n")[6])), both(0), nil)
	foreign := must(tlog.NewLogSigner(registrytest.Origin, vectorKey("stranger")))(t)
	add("signature", "by another key of the same name", cosign(must(tlog.Sign(head, foreign))(t), k.Config.Cosigner), nil, nil)
	elsewhere := head
	elsewhere.Origin = "other.example"
	add("signature", "of another origin, by this log's key", m.signNote(elsewhere), nil, nil)
	former := func(name, key string, until time.Time) members {
		fresh := map[string]any{"key": foreign.Key()}
		if name == "cosigner_keys" {
			fresh["key"] = two.Key()
		}
		return replace(name, []any{fresh, map[string]any{"key": key, "until": until}})
	}
	log, cosigner := k.Config.Log.Key().String(), k.Config.Cosigner.Key().String()
	add("", "by a log key that was given up that second", present, former("log_keys", log, now), nil)
	add("untrusted", "by a log key that was given up before", present, former("log_keys", log, now.Add(-time.Second)), nil)
	add("", "dated by a cosigner key that was given up that second", present, former("cosigner_keys", cosigner, now), nil)
	add("untrusted", "dated by a cosigner key that was given up before", present, former("cosigner_keys", cosigner, now.Add(-time.Second)), nil)

	// What a verifier notices who kept a checkpoint.
	proof := func(size, old int64) []tlog.Hash {
		return append([]tlog.Hash{}, must(tlog.Consistency(size, old, m.hashes))(t)...)
	}
	keptAt := func(size int64) *kept { return &kept{string(m.checkpoints[size]), proof(whole, size)} }
	add("", "it continues the one that was kept", present, nil, keptAt(10))
	add("", "it is the one that was kept", present, nil, keptAt(whole))
	entries := slices.Clone(m.entries)
	entries[3] = append(slices.Clone(entries[3][:len(entries[3])-1]), '-')
	_, hashes := tree(t, entries)
	fork := func(size int64) []byte {
		return sign(tlog.Checkpoint{Origin: head.Origin, Size: size, Root: must(tlog.TreeHash(size, hashes))(t)})
	}
	add("", "of a fork: nothing shows it to who kept none", fork(whole), nil, nil)
	add("proof", "forked: the same size, another root", fork(whole), nil, keptAt(whole))
	add("proof", "forked: another past", fork(whole), nil, &kept{string(m.checkpoints[10]), append([]tlog.Hash{}, must(tlog.Consistency(whole, 10, hashes))(t)...)})
	add("proof", "rolled back: shorter than the one that was kept", m.checkpoints[10], nil, &kept{text, proof(whole, 10)})
}

// signNote signs a checkpoint that the log's own signer would not sign.
func (m *vectorMaker) signNote(c tlog.Checkpoint) []byte {
	key := m.k.Config.Log.Key()
	line := binary.BigEndian.AppendUint32(nil, key.KeyHash())
	line = append(line, ed25519.Sign(vectorKey("log"), []byte(c.Marshal()))...)
	signed := fmt.Appendf(nil, "%s\n\u2014 %s %s\n", c.Marshal(), key.Name(), base64.StdEncoding.EncodeToString(line))
	return must(tlog.Cosign(signed, m.k.Config.Cosigner, m.k.Clock.Now()))(m.t)
}

// bodyOf is the text of a checkpoint without its signatures.
func bodyOf(signed []byte) string {
	body, _, _ := strings.Cut(string(signed), "\n\n")
	return body + "\n"
}

// bent is a signature line with a bit of the signature changed.
func bent(line string) string {
	at := strings.LastIndexByte(line, ' ') + 1
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line[at:]))
	if err != nil {
		panic(err)
	}
	b[len(b)-20] ^= 1
	return line[:at] + base64.StdEncoding.EncodeToString(b) + "\n"
}

func (m *vectorMaker) trusts() {
	text := string(m.trust)
	log := m.k.Config.Log.Key().String()
	witness := must(tlog.NewCosigner("witness-1.example", vectorKey("witness-1")))(m.t).Key().String()
	set := func(name string, value any) string { return string(with(m.trust, name, value)) }
	former := map[string]any{"key": m.signer("stranger").Key().JWK(), "until": "2026-01-01T00:00:00Z"}
	answer := map[string]any{"key": m.signer("answer").Key().JWK()}
	for _, c := range []struct{ name, file, refused string }{
		{"trust.json", text, ""},
		{"in one line", set("quorum", 0), ""},
		{"a witness: the fingerprint is the same", string(with([]byte(set("witnesses", []string{witness})), "quorum", 1)), ""},
		{"a former answer key", set("answer_keys", []any{answer, former}), ""},
		{"a member that there is not", set("expires", "2030-01-01"), "malformed"},
		{"a member twice", strings.Replace(text, "{", `{"quorum":0,`, 1), "malformed"},
		{"another format", strings.Replace(text, "tegata-trust/v1", "tegata-trust/v2", 1), "malformed"},
		{"no entry 0", set("entry_0", nil), "malformed"},
		{"no log key", set("log_keys", []any{}), "malformed"},
		{"the log key of another origin", set("origin", "other.example"), "malformed"},
		{"the former answer key first", set("answer_keys", []any{former, answer}), "malformed"},
		{"two present answer keys", set("answer_keys", []any{answer, answer}), "malformed"},
		{"a cosigner key for a log key", set("log_keys", []any{map[string]any{"key": witness}}), "malformed"},
		{"a log key under the id of another", strings.Replace(text, log, log[:15]+"00000000"+log[23:], 1), "malformed"},
		{"no operator key", set("operator_keys", []any{}), "malformed"},
		{"an answer key of low order", set("answer_keys", []any{map[string]any{"key": verify.JWK{Kty: "OKP", Crv: "Ed25519", X: strings.Repeat("A", 43)}}}), "malformed"},
		{"a witness twice", set("witnesses", []string{witness, witness}), "malformed"},
		{"the registry as its own witness", set("witnesses", []string{m.k.Config.Cosigner.Key().String()}), "malformed"},
		{"a quorum of more than there are", set("quorum", 1), "malformed"},
		{"a quorum below 0", set("quorum", -1), "malformed"},
	} {
		m.add("trusts.json", c.name, &givenTrust{c.file}, c.refused)
	}
}
