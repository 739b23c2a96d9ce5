package status

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"tegata/verify"
	"tegata/verify/envelope"
)

// aToken is what is printed on a label; each case says only what it changes.
func aToken(change func(*Token)) Token {
	t := Token{Code: "7K3MQ2ZT9XWE", Number: "DEMO-2026-000123", Expires: verify.Date{Year: 2028, Month: 3, Day: 31}, Status: 4711, By: "ipa"}
	if change != nil {
		change(&t)
	}
	return t
}

func newSigner(tb testing.TB) *envelope.Signer {
	tb.Helper()
	s, err := envelope.NewSigner()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func seal(tb testing.TB, t Token, s *envelope.Signer) string {
	tb.Helper()
	short, err := t.Seal(s)
	if err != nil {
		tb.Fatal(err)
	}
	return short
}

func TestToken(t *testing.T) {
	signer, former := newSigner(t), newSigner(t)
	for _, tt := range []struct {
		token Token
		want  string
	}{
		{aToken(nil), `["7K3MQ2ZT9XWE","DEMO-2026-000123",20280331,4711,"ipa"]`},
		{aToken(func(t *Token) { t.Number = "" }), `["7K3MQ2ZT9XWE","",20280331,4711,"ipa"]`},
		{aToken(func(t *Token) { t.Expires = verify.Date{} }), `["7K3MQ2ZT9XWE","DEMO-2026-000123",0,4711,"ipa"]`},
		{aToken(func(t *Token) { t.Status = 0 }), `["7K3MQ2ZT9XWE","DEMO-2026-000123",20280331,0,"ipa"]`},
		{aToken(func(t *Token) { t.Status = 1<<53 - 1 }), `["7K3MQ2ZT9XWE","DEMO-2026-000123",20280331,9007199254740991,"ipa"]`},
		{aToken(func(t *Token) { t.By = "maker-2" }), `["7K3MQ2ZT9XWE","DEMO-2026-000123",20280331,4711,"maker-2"]`},
	} {
		if got := string(tt.token.Payload()); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
		for _, s := range []*envelope.Signer{signer, former} {
			got, err := OpenToken([]byte(seal(t, tt.token, s)), signer.Key(), former.Key())
			if err != nil || got != tt.token {
				t.Errorf("%s: got %+v, %v", tt.want, got, err)
			}
		}
	}
	short := seal(t, aToken(nil), signer)
	t.Logf("a token of %d bytes", len(short))
	if _, err := OpenToken([]byte(short), former.Key()); !errors.Is(err, envelope.ErrKey) {
		t.Errorf("by another key: got %v, want %v", err, envelope.ErrKey)
	}
}

func TestParseTokenRefuses(t *testing.T) {
	valid := string(aToken(nil).Payload())
	replace := func(old, new string) string {
		if !strings.Contains(valid, old) {
			t.Fatalf("%q is not in %s", old, valid)
		}
		return strings.Replace(valid, old, new, 1)
	}
	for _, tt := range []struct {
		name, payload, want string
	}{
		{"empty", "", "array of five"},
		{"null", "null", "array of five"},
		{"an object", "{}", "array of five"},
		{"four", replace(`,"ipa"`, ``), "array of five"},
		{"six", replace(`"ipa"`, `"ipa",0`), "array of five"},
		{"two arrays", valid + valid, "array of five"},
		{"code with a wrong check symbol", replace("9XWE", "9XWF"), "code, at 0"},
		{"code with hyphens", replace("7K3MQ2ZT9XWE", "7K3M-Q2ZT-9XWE"), "code, at 0"},
		{"code in small letters", replace("7K3MQ2ZT9XWE", "7k3mq2zt9xwe"), "code, at 0"},
		{"code empty", replace("7K3MQ2ZT9XWE", ""), "code, at 0"},
		{"code null", replace(`"7K3MQ2ZT9XWE"`, "null"), "code, at 0"},
		{"code a number", replace(`"7K3MQ2ZT9XWE"`, "1"), "code, at 0"},
		{"number in small letters", replace("DEMO", "demo"), "number, at 1"},
		{"number too long", replace("DEMO", strings.Repeat("D", 61)), "number, at 1"},
		{"number a number", replace(`"DEMO-2026-000123"`, "1"), "number, at 1"},
		{"day that is none", replace("20280331", "20280230"), "last day, at 2"},
		{"day of seven digits", replace("20280331", "2028331"), "last day, at 2"},
		{"day below zero", replace("20280331", "-20280331"), "last day, at 2"},
		{"day before 1900", replace("20280331", "18991231"), "last day, at 2"},
		{"day as a text", replace("20280331", `"2028-03-31"`), "last day, at 2"},
		{"day a fraction", replace("20280331", "20280331.5"), "last day, at 2"},
		{"day in another spelling", replace("20280331", "2.0280331e7"), "last day, at 2"},
		{"place below zero", replace("4711", "-1"), "place in the status lists, at 3"},
		{"place too large", replace("4711", "9007199254740992"), "place in the status lists, at 3"},
		{"place a text", replace("4711", `"4711"`), "place in the status lists, at 3"},
		{"place null", replace("4711", "null"), "not the one spelling"},
		{"party in capitals", replace("ipa", "IPA"), "party, at 4"},
		{"party empty", replace("ipa", ""), "party, at 4"},
		{"party null", replace(`"ipa"`, "null"), "party, at 4"},
		{"several", `["","x",1,-1,""]`, "code, at 0"},
		{"several, the last", `["","x",1,-1,""]`, "party, at 4"},
		{"a space", replace(",20280331", ", 20280331"), "not the one spelling"},
		{"a space after", valid + " ", "not the one spelling"},
		{"an escape", replace("ipa", `\u0069pa`), "not the one spelling"},
		{"number null", replace(`"DEMO-2026-000123"`, "null"), "not the one spelling"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseToken([]byte(tt.payload))
			if !errors.Is(err, envelope.ErrMalformed) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want malformed, with %q", err, tt.want)
			}
			if got != (Token{}) {
				t.Errorf("got %+v beside the error", got)
			}
		})
	}
}

// What could not be read again, or does not fit, is not signed.
func TestSealRefuses(t *testing.T) {
	signer := newSigner(t)
	for name, change := range map[string]func(*Token){
		"no code":         func(t *Token) { t.Code = "" },
		"a quote":         func(t *Token) { t.Number = `A","B` },
		"no party":        func(t *Token) { t.By = "" },
		"place below":     func(t *Token) { t.Status = -1 },
		"too long at all": func(t *Token) { t.By = verify.PartyID(strings.Repeat("a", 63)) },
	} {
		if short, err := aToken(change).Seal(signer); !errors.Is(err, envelope.ErrMalformed) || short != "" {
			t.Errorf("%s: got %q, %v, want malformed", name, short, err)
		}
	}
	// An array that the registry signed and that is no token.
	short, err := signer.SealShort([]byte(`[1]`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenToken([]byte(short), signer.Key()); !errors.Is(err, envelope.ErrMalformed) {
		t.Errorf("got %v, want malformed", err)
	}
}

// changes calls f with every token that differs from token in one byte: each bit
// turned over, a byte left out, a byte put in twice.
func changes(token []byte, f func(changed []byte)) {
	for i := range token {
		for bit := range 8 {
			changed := slices.Clone(token)
			changed[i] ^= 1 << bit
			f(changed)
		}
		f(slices.Delete(slices.Clone(token), i, i+1))
		f(slices.Insert(slices.Clone(token), i, token[i]))
	}
}

// No single byte of a token or of a list can be changed unnoticed.
func TestAllPositions(t *testing.T) {
	signer := newSigner(t)
	refused := func(err error) bool {
		return errors.Is(err, envelope.ErrMalformed) || errors.Is(err, envelope.ErrKey) || errors.Is(err, envelope.ErrSignature)
	}
	changes([]byte(seal(t, aToken(nil), signer)), func(changed []byte) {
		if got, err := OpenToken(changed, signer.Key()); !refused(err) || got != (Token{}) {
			t.Errorf("%s: got %+v, %v", changed, got, err)
		}
	})
	list, err := signer.SealAs(envelope.StatusList, aList(map[int64]Status{4711: Invalid}).Payload())
	if err != nil {
		t.Fatal(err)
	}
	changes([]byte(list), func(changed []byte) {
		e, err := envelope.OpenAs(envelope.StatusList, changed)
		if err == nil {
			err = e.Verify(signer.Key())
		}
		if !refused(err) {
			t.Errorf("%s: got %v", changed, err)
		}
	})
}

func FuzzParseToken(f *testing.F) {
	f.Add(aToken(nil).Payload())
	f.Add(aToken(func(t *Token) { t.Number, t.Expires = "", verify.Date{} }).Payload())
	f.Add([]byte(`["","x",1,-1,""]`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		token, err := ParseToken(payload)
		if err != nil {
			if !errors.Is(err, envelope.ErrMalformed) {
				t.Errorf("got %v, want malformed", err)
			}
			return
		}
		if !bytes.Equal(token.Payload(), payload) {
			t.Errorf("got %s again, want %s", token.Payload(), payload)
		}
	})
}
