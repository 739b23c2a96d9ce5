package bundle_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// signer returns a new key.
func signer(tb testing.TB) *envelope.Signer {
	tb.Helper()
	s, err := envelope.NewSigner()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// handOver hands a key over.
func handOver(tb testing.TB, h bundle.HandOver, old, operator *envelope.Signer) bundle.HandOver {
	tb.Helper()
	h, err := bundle.SealHandOver(h, old, operator)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

var givenUp = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// TestFollow starts from hand-overs that follow and changes one thing.
func TestFollow(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	trust, operator, old := k.Trust(t), k.Signers["operator"], k.Config.Answer
	second, third, stranger := signer(t), signer(t), signer(t)
	first := bundle.HandOver{Origin: trust.Origin, What: bundle.AnswerPurpose, Old: old.Key().JWK(), New: second.Key().JWK(), At: givenUp}
	next := bundle.HandOver{Origin: trust.Origin, What: bundle.AnswerPurpose, Old: second.Key().JWK(), New: third.Key().JWK(), At: givenUp.Add(time.Hour)}
	with := func(h bundle.HandOver, change func(*bundle.HandOver)) bundle.HandOver { change(&h); return h }
	a, b := handOver(t, first, old, operator), handOver(t, next, second, operator)
	for _, c := range []struct {
		name string
		all  []bundle.HandOver
		keys int // answer keys after it
		want string
	}{
		{"none", nil, 1, ""},
		{"one", []bundle.HandOver{a}, 2, ""},
		{"two", []bundle.HandOver{a, b}, 3, ""},
		{"the same twice", []bundle.HandOver{a, a, b, b, a}, 3, ""},
		{"the second alone", []bundle.HandOver{b}, 0, "is not the one in use"},
		{"the second first", []bundle.HandOver{b, a}, 0, "is not the one in use"},
		{"not by an operator", []bundle.HandOver{handOver(t, first, old, stranger)}, 0, "no operator key of the file signed it"},
		{"not by an operator, but the old key", []bundle.HandOver{handOver(t, first, old, old)}, 0, "no operator key of the file signed it"},
		{"of another log", []bundle.HandOver{handOver(t, with(first, func(h *bundle.HandOver) { h.Origin = "fables.example" }), old, operator)}, 0, `it is of "fables.example"`},
		{"of a key for something else", []bundle.HandOver{handOver(t, with(first, func(h *bundle.HandOver) { h.What = bundle.LogPurpose }), old, operator)}, 0, "is not the one in use"},
		{"back to the first key", []bundle.HandOver{a, handOver(t, with(next, func(h *bundle.HandOver) { h.New = old.Key().JWK() }), second, operator)}, 0, "was given up before"},
		{"the same at another time", []bundle.HandOver{a, handOver(t, with(first, func(h *bundle.HandOver) { h.At = givenUp.Add(1e9) }), old, operator)}, 0, "is not the one in use"},
		{"back in time", []bundle.HandOver{a, handOver(t, with(next, func(h *bundle.HandOver) { h.At = givenUp.Add(-1e9) }), second, operator)}, 0, "dated before the one that went before it"},
	} {
		got, err := trust.Follow(c.all...)
		if c.want != "" {
			if !errors.Is(err, bundle.ErrUntrusted) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, want %q in it", c.name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if len(got.AnswerKeys) != c.keys || len(got.LogKeys) != 1 || len(got.CosignerKeys) != 1 {
			t.Errorf("%s: got %d answer keys, want %d", c.name, len(got.AnswerKeys), c.keys)
		}
		if again, err := bundle.ParseTrust(got.Marshal()); err != nil || string(again.Marshal()) != string(got.Marshal()) {
			t.Errorf("%s: the file that follows is not read back: %v", c.name, err)
		}
		for i, former := range slices.Backward(got.AnswerKeys[1:]) {
			if want := []bundle.HandOver{a, b}[c.keys-2-i]; former.Key != want.Old || !former.Until.Equal(want.At) {
				t.Errorf("%s: got a key until %v, want %v", c.name, former.Until, want.At)
			}
		}
		if before := got.Before([]bundle.HandOver{a, b}[:c.keys-1]...); string(before.Marshal()) != string(trust.Marshal()) {
			t.Errorf("%s: before it, it was another file", c.name)
		}
	}
	if string(trust.Marshal()) != string(k.Trust(t).Marshal()) {
		t.Error("following changed the file that was followed")
	}

	// What the old key signed until then still holds, and nothing later.
	now, err := trust.Follow(a)
	if err != nil {
		t.Fatal(err)
	}
	said := func(s *envelope.Signer, at time.Time) error {
		payload, err := json.Marshal(map[string]any{"iss": trust.Origin, "iat": at.Unix()})
		if err != nil {
			t.Fatal(err)
		}
		token, err := s.SealAs(envelope.Verdict, payload)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = now.OpenAnswer(envelope.Verdict, []byte(token))
		return err
	}
	if err := said(old, givenUp); err != nil {
		t.Errorf("the old key at its last instant: %v", err)
	}
	if err := said(old, givenUp.Add(1e9)); !errors.Is(err, bundle.ErrUntrusted) {
		t.Errorf("the old key after its last instant: got %v, want %v", err, bundle.ErrUntrusted)
	}
	if err := said(second, givenUp.Add(1e9)); err != nil {
		t.Errorf("the new key: %v", err)
	}
}

// TestParseHandOvers starts from a file that is read and changes one thing.
func TestParseHandOvers(t *testing.T) {
	old, next, operator, stranger := signer(t), signer(t), signer(t), signer(t)
	h := handOver(t, bundle.HandOver{Origin: "labels.example", What: bundle.LogPurpose, Old: old.Key().JWK(), New: next.Key().JWK(), At: givenUp}, old, operator)
	file := bundle.MarshalHandOvers([]bundle.HandOver{h})
	if _, err := followed(t, []bundle.HandOver{h}, operator, old); err != nil {
		t.Fatal(err)
	}
	read, err := bundle.ParseHandOvers(file)
	if err != nil || len(read) != 1 || read[0] != h || string(bundle.MarshalHandOvers(read)) != string(file) {
		t.Fatalf("got %+v, %v, want what was written", read, err)
	}
	if none, err := bundle.ParseHandOvers(bundle.MarshalHandOvers(nil)); err != nil || len(none) != 0 {
		t.Errorf("of none: got %v, %v", none, err)
	}
	// signed is the file with a payload of which one member is another, whoever
	// signs it in the old key's place.
	signed := func(by *envelope.Signer, member string, value any) string {
		text, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		if m[member] = value; value == nil {
			delete(m, member)
		}
		payload, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		tokens := make([]string, 2)
		for i, s := range []*envelope.Signer{by, operator} {
			if tokens[i], err = s.SealAs(envelope.HandOver, payload); err != nil {
				t.Fatal(err)
			}
		}
		return `{"handovers":[{"by_old":"` + tokens[0] + `","by_operator":"` + tokens[1] + `"}]}`
	}
	var said struct {
		HandOvers []struct {
			ByOld      string `json:"by_old"`
			ByOperator string `json:"by_operator"`
		} `json:"handovers"`
	}
	if err := json.Unmarshal(file, &said); err != nil {
		t.Fatal(err)
	}
	good := said.HandOvers[0]
	statement, err := old.Seal([]byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	p256 := verify.JWK{Kty: "EC", Crv: "P-256", X: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", Y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
	for _, c := range []struct {
		name, file, want string
		is               error
	}{
		{"no list", `{}`, "handovers: it is missing", envelope.ErrMalformed},
		{"another member", `{"handovers":[],"x":1}`, "unknown", envelope.ErrMalformed},
		{"by nobody", `{"handovers":[{}]}`, "by_old", envelope.ErrMalformed},
		{"by the old key only", `{"handovers":[{"by_old":"` + good.ByOld + `"}]}`, "by_operator", envelope.ErrMalformed},
		{"a statement's token", `{"handovers":[{"by_old":"` + statement + `","by_operator":"` + statement + `"}]}`, "by_old", envelope.ErrMalformed},
		{"different things", strings.Replace(string(file), good.ByOperator, strings.Split(strings.Split(signed(old, "origin", "fables.example"), `"by_operator":"`)[1], `"`)[0], 1), "say different things", envelope.ErrMalformed},
		{"not signed by the old key", signed(stranger, "handover", "tegata-handover/v1"), "by_old", envelope.ErrKey},
		{"another format", signed(old, "handover", "tegata-handover/v2"), "handover:", envelope.ErrMalformed},
		{"no origin", signed(old, "origin", nil), "origin:", envelope.ErrMalformed},
		{"of no key there is", signed(old, "what", "operator"), "what:", envelope.ErrMalformed},
		{"no old key", signed(old, "old", nil), "old:", envelope.ErrMalformed},
		{"no new key", signed(old, "new", nil), "new:", envelope.ErrMalformed},
		{"to itself", signed(old, "new", old.Key().JWK()), "new: it is the old one", envelope.ErrMalformed},
		{"to a key of another kind", signed(old, "new", p256), "new: it is no Ed25519 key", envelope.ErrMalformed},
		{"no instant", signed(old, "at", nil), "at:", envelope.ErrMalformed},
		{"a part of a second", signed(old, "at", "2026-11-23T10:00:00.5Z"), "at:", envelope.ErrMalformed},
		{"in another zone", signed(old, "at", "2026-11-23T10:00:00+09:00"), "at:", envelope.ErrMalformed},
		{"a member too many", signed(old, "x", 1), "unknown", envelope.ErrMalformed},
		{"too large", string(make([]byte, bundle.HandOversSize+1)), "over", envelope.ErrMalformed},
	} {
		if got, err := bundle.ParseHandOvers([]byte(c.file)); !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) || got != nil {
			t.Errorf("%s: got %v, want %v with %q in it", c.name, err, c.is, c.want)
		}
	}
	// No letter of it can be another.
	for i, b := range file {
		changed := slices.Clone(file)
		if changed[i] = b ^ 1; b == '\n' {
			continue
		}
		read, err := bundle.ParseHandOvers(changed)
		if err == nil {
			_, err = followed(t, read, operator, old)
		}
		if err == nil {
			t.Errorf("byte %d %q as %q: it is taken", i, b, changed[i])
		}
	}
}

// followed follows hand-overs from a trust file of that log key and operator.
func followed(t *testing.T, all []bundle.HandOver, operator, old *envelope.Signer) (bundle.Trust, error) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(old.Key().JWK().X)
	if err != nil {
		t.Fatal(err)
	}
	log := registrytest.New(t).Config.Log.Key().With(raw)
	return bundle.Trust{
		Origin: "labels.example", OperatorKeys: []verify.JWK{operator.Key().JWK()},
		LogKeys: []bundle.Pinned[tlog.LogKey]{{Key: log}},
	}.Follow(all...)
}

// FuzzParseHandOvers: what is read is written the same again.
func FuzzParseHandOvers(f *testing.F) {
	old, next, operator := signer(f), signer(f), signer(f)
	h := handOver(f, bundle.HandOver{Origin: "labels.example", What: bundle.LogPurpose, Old: old.Key().JWK(), New: next.Key().JWK(), At: givenUp}, old, operator)
	f.Add(bundle.MarshalHandOvers([]bundle.HandOver{h}))
	f.Add(bundle.MarshalHandOvers(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := bundle.ParseHandOvers(b)
		if err != nil {
			return
		}
		again, err := bundle.ParseHandOvers(bundle.MarshalHandOvers(all))
		if err != nil || !slices.Equal(again, all) {
			t.Errorf("%q: read again: %v, %v, want %v", b, again, err, all)
		}
	})
}
