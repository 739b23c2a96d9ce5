package bundle_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

func TestParseTrust(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	good := k.Trust(t)
	file := string(good.Marshal())
	member := func(name, value string) func(string) string {
		return func(s string) string {
			var m map[string]json.RawMessage
			if err := json.Unmarshal([]byte(s), &m); err != nil {
				t.Fatal(err)
			}
			if m[name] = json.RawMessage(value); value == "" {
				delete(m, name)
			}
			b, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
	}
	other := registrytest.New(t)
	witness := other.Config.Cosigner.Key().String()
	renamed := func(k tlog.CosignerKey) string {
		c, err := tlog.NewCosigner("renamed.example", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
		if err != nil {
			t.Fatal(err)
		}
		return c.Key().With(k.Ed25519()).String()
	}
	for _, c := range []struct {
		name   string
		change func(string) string
		want   string // in the refusal; empty: it is taken
	}{
		{"as it is", func(s string) string { return s }, ""},
		{"a witness", member("witnesses", `["`+witness+`"]`), ""},
		{"another format", member("trust", `"tegata-trust/v2"`), "trust:"},
		{"no format", member("trust", ""), "trust:"},
		{"no origin", member("origin", ""), "origin:"},
		{"no entry 0", member("entry_0", ""), "entry_0:"},
		{"no log key", member("log_keys", "[]"), "log_keys:"},
		{"log key of another log", func(s string) string { return strings.Replace(s, `"labels.example"`, `"other.example"`, 1) }, "log_keys[0]:"},
		{"log key given up", member("log_keys", `[{"key":"`+good.LogKeys[0].Key.String()+`","until":"2026-01-01T00:00:00Z"}]`), "log_keys:"},
		{"log key is a cosigner's", member("log_keys", `[{"key":"`+witness+`"}]`), "log_keys"},
		{"no cosigner key", member("cosigner_keys", "[]"), "cosigner_keys:"},
		{"no answer key", member("answer_keys", "[]"), "answer_keys:"},
		{"two present answer keys", member("answer_keys", pinned(t, good, "", "")), "answer_keys:"},
		{"a former answer key", member("answer_keys", pinned(t, good, "", "2026-01-01T00:00:00Z")), ""},
		{"the former key first", member("answer_keys", pinned(t, good, "2026-01-01T00:00:00Z", "")), "answer_keys:"},
		{"answer key off its curve", member("answer_keys", `[{"key":{"kty":"OKP","crv":"Ed25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}]`), "answer_keys[0]:"},
		{"no operator key", member("operator_keys", "[]"), "operator_keys:"},
		{"a quorum of more than there are", member("quorum", "1"), "quorum: 1 of 0"},
		{"a quorum below nothing", member("quorum", "-1"), "quorum:"},
		{"a witness twice", member("witnesses", `["`+witness+`","`+witness+`"]`), "witnesses[1]: it is there twice"},
		{"a witness under two names", member("witnesses", `["`+witness+`","`+renamed(other.Config.Cosigner.Key())+`"]`), "witnesses[1]: it is there twice"},
		{"its own witness under another name", member("witnesses", `["`+renamed(good.CosignerKeys[0].Key)+`"]`), "no witness of itself"},
		{"its own witness", member("witnesses", `["`+good.CosignerKeys[0].Key.String()+`"]`), "no witness of itself"},
		{"an unknown member", member("more", "1"), "more"},
		{"a member twice", func(s string) string { return strings.Replace(s, "{", `{"quorum":0,`, 1) }, "quorum"},
		{"several faults", func(s string) string { return member("origin", "")(member("quorum", "1")(s)) }, "quorum: 1 of 0"},
		{"not JSON", func(string) string { return "trust me" }, "payload"},
		{"too large", func(s string) string { return s + strings.Repeat(" ", bundle.TrustSize) }, "over"},
	} {
		got, err := bundle.ParseTrust([]byte(c.change(file)))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want == "" && got.Origin != good.Origin:
			t.Errorf("%s: got %+v", c.name, got)
		case c.want != "" && (!errors.Is(err, envelope.ErrMalformed) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// pinned is a list of two answer keys, each given up at an instant or in use.
func pinned(t *testing.T, of bundle.Trust, until ...string) string {
	t.Helper()
	var list []map[string]any
	for i, at := range until {
		s, err := envelope.NewSigner()
		if err != nil {
			t.Fatal(err)
		}
		entry := map[string]any{"key": s.Key().JWK()}
		if i == 0 {
			entry["key"] = of.AnswerKeys[0].Key
		}
		if at != "" {
			entry["until"] = at
		}
		list = append(list, entry)
	}
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Witnesses are each verifier's own choice, so two who compare fingerprints may
// differ in them and in nothing else.
func TestFingerprint(t *testing.T) {
	k, other := registrytest.New(t), registrytest.New(t)
	k.Begin(t)
	other.Begin(t)
	trust := k.Trust(t)
	said := trust.Fingerprint()
	if groups := strings.Fields(said); len(groups) != 16 || len(said) != 16*4+15 {
		t.Errorf("got %q, want sixteen groups of four", said)
	}
	trust.Witnesses, trust.Quorum = []tlog.CosignerKey{other.Config.Cosigner.Key()}, 1
	if got := trust.Fingerprint(); got != said {
		t.Errorf("with a witness: got %s, want %s", got, said)
	}
	if got := other.Trust(t).Fingerprint(); got == said {
		t.Errorf("of another registry: got the same, %s", got)
	}
}

func TestOpenAnswer(t *testing.T) {
	k, other := registrytest.New(t), registrytest.New(t)
	k.Begin(t)
	at := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	claims := map[string]any{"iss": registrytest.Origin, "iat": at.Unix()}
	for _, c := range []struct {
		name   string
		change func(map[string]any, *bundle.Trust)
		by     *envelope.Signer
		as     envelope.Type
		want   error
	}{
		{name: "as it should be"},
		{name: "another issuer", change: func(m map[string]any, _ *bundle.Trust) { m["iss"] = "other.example" }, want: bundle.ErrUntrusted},
		{name: "no issuer", change: func(m map[string]any, _ *bundle.Trust) { delete(m, "iss") }, want: bundle.ErrUntrusted},
		{name: "no time", change: func(m map[string]any, _ *bundle.Trust) { delete(m, "iat") }, want: envelope.ErrMalformed},
		{name: "time as text", change: func(m map[string]any, _ *bundle.Trust) { m["iat"] = "now" }, want: envelope.ErrMalformed},
		{name: "another's key", by: other.Config.Answer, want: bundle.ErrUntrusted},
		{name: "another type", as: envelope.Manifest, want: envelope.ErrMalformed},
		{name: "key given up since", change: func(_ map[string]any, t *bundle.Trust) { t.AnswerKeys[0].Until = at }},
		{name: "key given up before", change: func(_ map[string]any, t *bundle.Trust) { t.AnswerKeys[0].Until = at.Add(-time.Second) }, want: bundle.ErrUntrusted},
	} {
		trust, by, as := k.Trust(t), k.Config.Answer, envelope.Verdict
		if c.by != nil {
			by = c.by
		}
		if c.as != (envelope.Type{}) {
			as = c.as
		}
		m := map[string]any{"iss": claims["iss"], "iat": claims["iat"]}
		if c.change != nil {
			c.change(m, &trust)
		}
		payload, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		token, err := by.SealAs(as, payload)
		if err != nil {
			t.Fatal(err)
		}
		got, issued, err := trust.OpenAnswer(envelope.Verdict, []byte(token))
		switch {
		case c.want == nil && (err != nil || !issued.Equal(at) || string(got) != string(payload)):
			t.Errorf("%s: got %q, %v, %v", c.name, got, issued, err)
		case c.want != nil && !errors.Is(err, c.want):
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

func FuzzParseTrust(f *testing.F) {
	k := registrytest.New(f)
	k.Begin(f)
	f.Add(k.Trust(f).Marshal())
	f.Add([]byte(`{"trust":"tegata-trust/v1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		trust, err := bundle.ParseTrust(b)
		if err != nil {
			return
		}
		again, err := bundle.ParseTrust(trust.Marshal())
		if err != nil || string(again.Marshal()) != string(trust.Marshal()) {
			t.Errorf("%s does not read as it was written: %v", trust.Marshal(), err)
		}
	})
}
