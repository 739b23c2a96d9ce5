package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/tlog"
	"tegata/web/i18n"
)

const trustUsage = `usage: labelctl trust -from URL -o FILE
       labelctl trust -from URL -trust FILE (-o NEW | -f)

Writes a registry's trust file: which log it is, and whose signatures count. All
other evidence is checked against it, so take it once, compare the fingerprints
with somebody there, by voice or on paper and not by the way the file came, and
keep it. Before it is written it is checked against what the registry serves.

Where a trust file is there already it is followed: a key may have changed only
by a hand-over that the former key and an operator of that file have signed.
Anything else is refused. A file is never written over, but for -f.

  -from URL      the registry
  -trust FILE    the trust file that there is
  -o FILE        where to write
  -f             write over the file of -trust, in place of -o
  -witness VKEY  count this witness's cosignatures; may be repeated. Whom you
                 believe to have seen one log only is your choice: those that the
                 registry names are shown, and not taken
  -quorum N      how many of the witnesses must have cosigned a checkpoint
  -lang          en or ja; by default the language of your system

  labelctl trust -from https://labels.example -o labels.trust
`

// takeTrust writes a registry's trust file, or follows one.
func takeTrust(ctx context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	from := f.String("from", "", "")
	had := f.String("trust", "", "")
	out := f.String("o", "", "")
	over := f.Bool("f", false, "")
	quorum := f.Int("quorum", -1, "")
	var witnesses []tlog.CosignerKey
	f.Func("witness", "", func(s string) error {
		k, err := tlog.ParseCosignerKey(s)
		witnesses = append(witnesses, k)
		return err
	})
	lang := languageFlag(f)
	if err := parse(f, args, 0, 0, ""); err != nil {
		return 0, err
	}
	if err := need(f, "from"); err != nil {
		return 0, err
	}
	switch {
	case *over && *had == "":
		return 0, misusef("-f writes over the file of -trust, which is missing")
	case *over == (*out != ""):
		return 0, misusef("flag -o is missing, or -f with -trust: where to write")
	}
	registry, err := newClient("from", *from, *lang)
	if err != nil {
		return 0, err
	}
	told, err := registry.trust(ctx)
	if err != nil {
		return c.untrusted(err)
	}
	t := told
	if *had != "" {
		old, err := c.trust(*had)
		if err != nil {
			return 0, err
		}
		if t, err = registry.follow(ctx, old, told); err != nil {
			return c.untrusted(err)
		}
	} else {
		t.Witnesses, t.Quorum = nil, 0
	}
	for _, w := range witnesses {
		if !slices.Contains(t.Witnesses, w) {
			t.Witnesses = append(t.Witnesses, w)
		}
	}
	if *quorum >= 0 {
		t.Quorum = *quorum
	}
	if t, err = bundle.ParseTrust(t.Marshal()); err != nil {
		return 0, err
	}
	if *over {
		info, err := os.Stat(*had)
		if err != nil {
			return 0, err
		}
		err = writeOver(*had, t.Marshal(), info.Mode().Perm())
		if err != nil {
			return 0, err
		}
	} else if err := writeNew(*out, t.Marshal(), 0o644); err != nil {
		return 0, err
	}
	named, err := registry.witnesses(ctx)
	if err != nil {
		c.say("trust: witnesses of the registry: %v", err)
	}
	c.fingerprints(i18n.Language(*lang), t, append(named, told.Witnesses...))
	return exitDone, nil
}

// untrusted tells a refusal from an accident.
func (c *console) untrusted(err error) (int, error) {
	var fault *logFault
	if errors.As(err, &fault) || errors.Is(err, bundle.ErrUntrusted) {
		c.say("trust: %v; nothing is written", err)
		return exitNo, nil
	}
	return 0, err
}

// trust fetches the trust file that a registry states of itself, and checks it
// against all that it serves: the checkpoint, entry 0 and that it is in the tree,
// a signed manifest, and the hand-overs that made former keys former.
func (c *client) trust(ctx context.Context) (t bundle.Trust, err error) {
	_, text, err := c.get(ctx, "/api/v1/trust")
	if err != nil {
		return t, err
	}
	if t, err = bundle.ParseTrust(text); err != nil {
		return t, faultf("%v", err)
	}
	_, signed, err := c.get(ctx, "/checkpoint")
	if err != nil {
		return t, err
	}
	head, _, err := t.OpenCheckpoint(signed)
	if err != nil {
		return t, faultf("checkpoint: %v", err)
	}
	if err := c.checkEntry0(ctx, t, head); err != nil {
		return t, err
	}
	const any verify.Code = "000000000012" // a bundle of any code has a manifest
	_, data, err := c.get(ctx, "/api/v1/bundles/"+string(any))
	if err != nil {
		return t, err
	}
	if _, err := bundle.Open(data, any, t); err != nil {
		return t, faultf("bundle: %v", err)
	}
	all, err := c.handOvers(ctx)
	if err != nil {
		return t, err
	}
	return t, explained(t.Before(all...), t, all)
}

// checkEntry0 checks that the file tells of the log's first entry what it is.
func (c *client) checkEntry0(ctx context.Context, t bundle.Trust, head tlog.Checkpoint) error {
	if head.Size < 1 {
		return faultf("checkpoint: the log is empty")
	}
	entries, err := c.entries(ctx, tlog.TilePath{Level: tlog.EntriesLevel, Width: int(min(tlog.TileWidth, head.Size))})
	if err != nil {
		return err
	}
	if !t.Pins(entries[0]) {
		return faultf("entry 0: it is not the one the file pins")
	}
	stored := tlog.TileReader(head.Size, head.Root, func(p tlog.TilePath) ([]byte, error) {
		_, b, err := c.get(ctx, "/"+p.String())
		return b, err
	})
	leaf, err := stored.ReadHashes([]int64{tlog.StoredHashIndex(0, 0)})
	if errors.Is(err, tlog.ErrProof) || err == nil && leaf[0] != t.Entry0 {
		return faultf("entry 0: it is not in the tree of the checkpoint")
	}
	if err != nil {
		return err
	}
	e, err := bundle.NewReplay().Enter(entries[0])
	if err != nil {
		return faultf("entry 0: %v", err)
	}
	created, ok := e.Body.(*verify.Created)
	if !ok || e.Origin != t.Origin {
		return faultf("entry 0: it does not begin the log %q", t.Origin)
	}
	if !slices.Equal(created.Party.Keys, t.OperatorKeys) {
		return faultf("entry 0: it names other operator keys than the file")
	}
	return nil
}

// handOvers fetches how former keys gave way to those in use.
func (c *client) handOvers(ctx context.Context) ([]bundle.HandOver, error) {
	_, text, err := c.get(ctx, "/api/v1/handovers")
	if err != nil {
		return nil, err
	}
	all, err := bundle.ParseHandOvers(text)
	if err != nil {
		return nil, faultf("%v", err)
	}
	return all, nil
}

// follow returns the trust file after an old one: that of the same registry, and
// every key that changed by hand-overs. Witnesses and quorum are the old one's.
func (c *client) follow(ctx context.Context, old, told bundle.Trust) (bundle.Trust, error) {
	if old.Origin != told.Origin {
		return told, faultf("this is the registry %s, the file is of %s", told.Origin, old.Origin)
	}
	if old.Entry0 != told.Entry0 {
		return told, faultf("entry 0 is another than that of the file: this is another registry of the same name")
	}
	if !slices.Equal(old.OperatorKeys, told.OperatorKeys) {
		return told, faultf("the operator keys are others than those of the file, and nothing can change them: this may be another registry")
	}
	all, err := c.handOvers(ctx)
	if err != nil {
		return told, err
	}
	told.Witnesses, told.Quorum = old.Witnesses, old.Quorum
	return told, explained(old, told, all)
}

// explained checks that hand-overs, and nothing else, make one trust file of
// another. It names the first key that changed without one.
func explained(old, now bundle.Trust, all []bundle.HandOver) error {
	followed, err := old.Follow(all...)
	if err != nil {
		return err
	}
	for _, key := range []struct {
		name string
		same bool
	}{
		{"log", slices.Equal(followed.LogKeys, now.LogKeys)},
		{"cosigner", slices.Equal(followed.CosignerKeys, now.CosignerKeys)},
		{"answer", slices.Equal(followed.AnswerKeys, now.AnswerKeys)},
	} {
		if !key.same {
			return faultf("the %s key changed without a hand-over by the former key and the operator: this may be another registry", key.name)
		}
	}
	return nil
}

// witnesses asks a registry who cosigns its log.
func (c *client) witnesses(ctx context.Context) (named []tlog.CosignerKey, err error) {
	_, text, err := c.get(ctx, "/api/v1/log")
	if err != nil {
		return nil, err
	}
	var log struct {
		Witnesses []struct {
			Key tlog.CosignerKey `json:"key"`
		} `json:"witnesses"`
	}
	if err := json.Unmarshal(text, &log); err != nil {
		return nil, err
	}
	for _, w := range log.Witnesses {
		named = append(named, w.Key)
	}
	return named, nil
}

// fingerprints prints what to compare by voice: of the file but for witnesses,
// and of every key, each in one line.
func (c *console) fingerprints(l i18n.Language, t bundle.Trust, named []tlog.CosignerKey) {
	line := func(what, groups string, until time.Time) {
		c.print("  " + what)
		if !until.IsZero() {
			former := l.T("trust.until", l.Instant(until, time.UTC))
			c.print("  " + former)
		}
		c.print("    " + groups)
	}
	c.print(t.Origin)
	line(l.T("check.keys.fingerprint"), t.Fingerprint(), time.Time{})
	for _, k := range t.LogKeys {
		line(l.T("check.key.log"), fingerprint(ed25519JWK(k.Key.Ed25519())), k.Until)
	}
	for _, k := range t.CosignerKeys {
		line(l.T("check.key.cosigner"), fingerprint(ed25519JWK(k.Key.Ed25519())), k.Until)
	}
	for _, k := range t.AnswerKeys {
		line(l.T("check.key.answer"), fingerprint(k.Key), k.Until)
	}
	for _, k := range t.OperatorKeys {
		line(l.T("trust.operator"), fingerprint(k), time.Time{})
	}
	c.print("")
	c.print(l.T("trust.compare"))
	c.print(l.T("trust.quorum", t.Quorum, len(t.Witnesses)))
	for _, w := range t.Witnesses {
		c.print("  " + w.String())
	}
	named = slices.DeleteFunc(named, func(k tlog.CosignerKey) bool { return slices.Contains(t.Witnesses, k) })
	if len(named) > 0 {
		c.print(l.T("trust.proposed"))
	}
	for i, w := range named {
		if !slices.Contains(named[:i], w) {
			c.print("  " + w.String())
		}
	}
}

// fingerprint is the RFC 7638 thumbprint of a key, in sixteen groups of four
// hexadecimal digits.
func fingerprint(k verify.JWK) string {
	sum, err := base64.RawURLEncoding.DecodeString(string(k.Thumbprint()))
	if err != nil {
		panic(err) // a thumbprint is base64url
	}
	var groups []string
	for pair := range slices.Chunk(sum, 2) {
		groups = append(groups, fmt.Sprintf("%x", pair))
	}
	return strings.Join(groups, " ")
}

func ed25519JWK(key ed25519.PublicKey) verify.JWK {
	return verify.JWK{Kty: "OKP", Crv: "Ed25519", X: base64.RawURLEncoding.EncodeToString(key)}
}
