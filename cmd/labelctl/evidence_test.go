package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/pack"
	"tegata/verify/tlog"
	"tegata/web/i18n"
)

// spoil FILE NEW: writes a bundle of which one letter in an entry is another.
func spoil(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	at := strings.LastIndex(text, `"entry":`) + 200
	b := []byte(text)
	if b[at]++; b[at] == text[at] {
		ts.Fatalf("nothing is changed")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o666))
}

// append FILE NEW: writes the file with a byte more.
func appendByte(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(ts.ReadFile(args[0])+"x"), 0o666))
}

// repage FILE NEW WAS IS: has the registry sign a pack again in which every page
// says IS in the place of WAS.
func repage(ts *testscript.TestScript, _ bool, args []string) {
	k := ts.Value("kit").(*registrytest.Kit)
	text := ts.ReadFile(args[0])
	z, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
	ts.Check(err)
	var out bytes.Buffer
	w := pack.NewWriter(&out, k.Registry.Head().Time)
	for _, f := range z.File[:len(z.File)-2] {
		r, err := f.Open()
		ts.Check(err)
		data, err := io.ReadAll(r)
		ts.Check(err)
		if strings.HasSuffix(f.Name, ".html") {
			data = bytes.ReplaceAll(data, []byte(args[2]), []byte(args[3]))
		}
		ts.Check(w.Add(f.Name, data))
	}
	ts.Check(w.Close([]verify.Code{"7K3MQ2ZT9XWE"}, k.Registry.Head(), k.Config.Answer.SealAs))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o666))
}

// omit FILE NEW: writes a bundle without its last entry.
func omit(ts *testscript.TestScript, _ bool, args []string) {
	var b bundle.Bundle
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &b))
	b.Entries = b.Entries[:len(b.Entries)-1]
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Marshal(), 0o666))
}

// lie FILE NEW measures|known|time: has the registry sign the answer again without
// its measures, of a state of the log that stood longer than it did, or as of a
// head of another time.
func lie(ts *testscript.TestScript, _ bool, args []string) {
	e, err := envelope.OpenAs(envelope.Verdict, []byte(ts.ReadFile(args[0])))
	ts.Check(err)
	a, err := bundle.ParseAnswer(e.Payload)
	ts.Check(err)
	switch args[2] {
	case "measures":
		a.Measures = []verify.MeasureInForce{}
	case "known":
		a.KnownAt = a.KnownAt.Add(time.Second)
	case "time":
		a.Log.Time = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	}
	token, err := ts.Value("kit").(*registrytest.Kit).Config.Answer.SealAs(envelope.Verdict, a.Payload())
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(token), 0o666))
}

// report QUESTIONS ANSWERS REPORT: asks them, and keeps what comes.
func askMany(ts *testscript.TestScript, _ bool, args []string) {
	answer, err := http.Post(ts.Getenv("URL")+"/api/v1/verify", "application/x-ndjson", strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o666))
	link := answer.Header.Get("Link") + answer.Trailer.Get("Link")
	_, link, _ = strings.Cut(link, "<")
	path, _, _ := strings.Cut(link, ">")
	fetch(ts, false, []string{path, args[2]})
}

// rekey log|cosigner|answer [unannounced]: puts a new key in the place of that
// one, behind the same address. Before the first, old.checkpoint and old.bundle
// are kept.
func rekey(ts *testscript.TestScript, _ bool, args []string) {
	k := ts.Value("kit").(*registrytest.Kit)
	if len(k.Config.HandOvers) == 0 {
		fetch(ts, false, []string{"/checkpoint", "old.checkpoint"})
		fetch(ts, false, []string{"/api/v1/bundles/7K3MQ2ZT9XWE", "old.bundle"})
	}
	k.Clock.Set(k.Clock.Now().Add(time.Hour))
	ts.Check(k.Registry.Close())
	old := ts.Value("keys").(map[bundle.Purpose]ed25519.PrivateKey)
	what := bundle.Purpose(args[0])
	_, private, err := ed25519.GenerateKey(rand.Reader)
	ts.Check(err)
	next := k.Config
	err = registry.Rekey(k.Path, k.Config, func(_ bundle.Trust, at time.Time) (registry.Config, error) {
		h := bundle.HandOver{Origin: registrytest.Origin, What: what, Old: ed25519JWK(old[what].Public().(ed25519.PublicKey)),
			New: ed25519JWK(private.Public().(ed25519.PublicKey)), At: at}
		signer, err := envelope.SignerFrom(old[what])
		ts.Check(err)
		h, err = bundle.SealHandOver(h, signer, k.Signers["operator"])
		ts.Check(err)
		if len(args) == 1 {
			next.HandOvers = append(next.HandOvers, h)
		} else {
			next.HandOvers = nil
		}
		old[what] = private
		switch what {
		case bundle.LogPurpose:
			next.Log, err = tlog.NewLogSigner(registrytest.Origin, private)
		case bundle.CosignerPurpose:
			next.Cosigner, err = tlog.NewCosigner(k.Config.Cosigner.Key().Name(), private)
		case bundle.AnswerPurpose:
			next.Answer, err = envelope.SignerFrom(private)
		}
		return next, err
	})
	ts.Check(err)
	k.Config = next
	k.Registry, err = registry.Open(k.Path, k.Config)
	ts.Check(err)
	ts.Value("swap").(*swap).registry(ts, k.Registry)
}

// ownKeys gives a kit keys of its registry that a script can hand over.
func ownKeys(env *testscript.Env, k *registrytest.Kit) (err error) {
	keys := map[bundle.Purpose]ed25519.PrivateKey{}
	for _, what := range bundle.Purposes {
		if _, keys[what], err = ed25519.GenerateKey(rand.Reader); err != nil {
			return err
		}
	}
	env.Values["keys"] = keys
	if k.Config.Log, err = tlog.NewLogSigner(registrytest.Origin, keys[bundle.LogPurpose]); err != nil {
		return err
	}
	if k.Config.Cosigner, err = tlog.NewCosigner(k.Config.Cosigner.Key().Name(), keys[bundle.CosignerPurpose]); err != nil {
		return err
	}
	k.Config.Answer, err = envelope.SignerFrom(keys[bundle.AnswerPurpose])
	return err
}

// TestAge: evidence says how old it is, also where the clocks do not agree.
func TestAge(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "less than one day old"},
		{24*time.Hour - 1, "less than one day old"},
		{24 * time.Hour, "one day old"},
		{48 * time.Hour, ": 2 days old"},
		{4000 * 24 * time.Hour, ": 4,000 days old"},
		{-time.Second, "after this computer’s own time"},
	} {
		var out bytes.Buffer
		c0 := &console{out: bufio.NewWriter(&out), now: func() time.Time { return at.Add(c.after) }}
		c0.age(i18n.English, at)
		c0.out.Flush()
		if got := out.String(); !strings.Contains(got, c.want) || !strings.Contains(got, "as of 10:00 on 23 November 2026 (UTC)") {
			t.Errorf("%v later: got %q, want %q in it", c.after, got, c.want)
		}
	}
}
