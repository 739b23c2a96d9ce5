package envelope

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

const shortPayload = `["7K3MQ2ZT9XWE","DEMO-2026-000123",20280331,4711,"ipa"]`

func shortHeader(alg, id string) string { return fmt.Sprintf(`{"alg":%q,"kid":%q}`, alg, id) }

func TestShort(t *testing.T) {
	for crv, alg := range map[string]string{"Ed25519": "EdDSA", "P-256": "ES256"} {
		signer, other := newSigner(t, crv), newSigner(t, crv)
		token, err := signer.SealShort([]byte(shortPayload))
		if err != nil {
			t.Fatal(err)
		}
		id := string(signer.key.id[:6])
		h, _, _ := strings.Cut(token, ".")
		if want := encode([]byte(shortHeader(alg, id))); h != want {
			t.Errorf("header: got %s, want %s", h, want)
		}
		s, err := OpenShort([]byte(token))
		if err != nil {
			t.Fatal(err)
		}
		if s.ID != id || string(s.Payload) != shortPayload {
			t.Errorf("got %s %s, want %s %s", s.ID, s.Payload, id, shortPayload)
		}
		if k, err := s.Verify(other.key, signer.key); err != nil || k.id != signer.key.id {
			t.Errorf("got %v, %v, want it verified", k, err)
		}
		if _, err := s.Verify(other.key); !errors.Is(err, ErrKey) {
			t.Errorf("by another key: got %v, want %v", err, ErrKey)
		}
		if _, err := s.Verify(); !errors.Is(err, ErrKey) {
			t.Errorf("by no key: got %v, want %v", err, ErrKey)
		}
	}
}

// Two keys whose thumbprints begin alike are told apart by what they signed.
func TestShortVerifyTriesAll(t *testing.T) {
	signer, other := newSigner(t, "Ed25519"), newSigner(t, "Ed25519")
	alike := other.key
	alike.id = signer.key.id[:6] + alike.id[6:]
	token, err := signer.SealShort([]byte(shortPayload))
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenShort([]byte(token))
	if err != nil {
		t.Fatal(err)
	}
	for _, keys := range [][]Key{{alike, signer.key}, {signer.key, alike}} {
		if k, err := s.Verify(keys...); err != nil || k.id != signer.key.id {
			t.Errorf("got %s, %v, want %s", k.id, err, signer.key.id)
		}
	}
	if _, err := s.Verify(alike); !errors.Is(err, ErrSignature) {
		t.Errorf("got %v, want %v", err, ErrSignature)
	}
	p256 := newSigner(t, "P-256").key
	p256.id = signer.key.id[:6] + p256.id[6:]
	if _, err := s.Verify(p256); !errors.Is(err, ErrKey) {
		t.Errorf("EdDSA on P-256: got %v, want %v", err, ErrKey)
	}
}

func TestOpenShortRefuses(t *testing.T) {
	signer := newSigner(t, "Ed25519")
	id := string(signer.key.id[:6])
	valid := signed(t, signer.private, shortHeader("EdDSA", id), shortPayload)
	if _, err := OpenShort([]byte(valid.token())); err != nil {
		t.Fatal(err)
	}
	with := func(member string) func(*parts) {
		return func(p *parts) { p.header = strings.TrimSuffix(p.header, "}") + "," + member + "}" }
	}
	replace := func(old, new string) func(*parts) {
		return func(p *parts) { p.header = strings.Replace(p.header, old, new, 1) }
	}
	payload := func(s string) func(*parts) { return func(p *parts) { p.payload = s } }
	for _, tt := range []struct {
		name   string
		change func(*parts)
		want   string
	}{
		{"header empty", func(p *parts) { p.header = "" }, "header"},
		{"header null", func(p *parts) { p.header = "null" }, "alg"},
		{"header two objects", func(p *parts) { p.header += "{}" }, "header"},
		{"typ", with(`"typ":"JWT"`), `unknown object member name at "/typ"`},
		{"typ of a statement", with(`"typ":"` + Statement.typ + `"`), `unknown object member name at "/typ"`},
		{"crit", with(`"crit":["x"]`), `unknown object member name at "/crit"`},
		{"jwk", with(`"jwk":null`), `unknown object member name at "/jwk"`},
		{"kid twice", with(`"kid":"` + id + `"`), "duplicate"},
		{"alg missing", replace(`"alg":"EdDSA",`, ``), "alg"},
		{"alg none", replace(`EdDSA`, `none`), "alg"},
		{"alg HS256", replace(`EdDSA`, `HS256`), "alg"},
		{"kid missing", replace(`,"kid":"`+id+`"`, ``), "kid"},
		{"kid of five", replace(id, id[1:]), "kid"},
		{"kid of seven", replace(id, id+"A"), "kid"},
		{"kid whole", replace(id, string(signer.key.id)), "kid"},
		{"kid not base64url", replace(id, "a+b/c="), "kid"},
		{"payload empty", payload(""), "payload"},
		{"payload an object", payload(`{"kind":"label.issued"}`), "not a JSON array"},
		{"payload with a member twice", payload(`[{"a":1,"a":1}]`), "duplicate"},
		{"payload not UTF-8", payload("[\"\xff\"]"), "UTF-8"},
		{"payload two arrays", payload(`[][]`), "more follows"},
		{"signature empty", func(p *parts) { p.signature = nil }, "signature of 0"},
		{"signature short", func(p *parts) { p.signature = p.signature[1:] }, "signature of 63"},
		{"a byte too long", payload(`["` + strings.Repeat("A", 255) + `"]`), "at most 255"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := valid
			tt.change(&p)
			refusedShort(t, p.token(), tt.want)
		})
	}

	h, rest, _ := strings.Cut(valid.token(), ".")
	pay, sig, _ := strings.Cut(rest, ".")
	for _, tt := range []struct{ name, token, want string }{
		{"empty", "", "1 segments"},
		{"two segments", h + "." + pay, "2 segments"},
		{"four segments", valid.token() + ".", "4 segments"},
		{"newline after", valid.token() + "\n", "white space"},
		{"newline in the header", h[:4] + "\n" + h[4:] + "." + rest, "white space"},
		{"space after", valid.token() + " ", "white space"},
		{"padding", valid.token() + "==", "base64"},
		{"low bits of the payload", h + "." + loose(encode([]byte(shortPayload+" "))) + "." + sig, "payload: not the one"},
		{"low bits of the signature", h + "." + pay + "." + loose(sig), "signature: not the one"},
	} {
		t.Run(tt.name, func(t *testing.T) { refusedShort(t, tt.token, tt.want) })
	}
}

func refusedShort(t *testing.T, token, want string) {
	t.Helper()
	s, err := OpenShort([]byte(token))
	if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want malformed, with %q: %.300q", err, want, token)
	}
	if s.ID != "" || s.Payload != nil {
		t.Errorf("got %+v beside the error, want nothing", s)
	}
}

// A short token of the largest size is sealed, and none that is larger.
func TestShortSize(t *testing.T) {
	signer := newSigner(t, "Ed25519")
	array := func(n int) []byte { return []byte(`["` + strings.Repeat("A", n-4) + `"]`) }
	most := 0
	for n := 4; n <= 200; n++ {
		token, err := signer.SealShort(array(n))
		switch {
		case err == nil && len(token) > ShortMost:
			t.Fatalf("sealed %d bytes", len(token))
		case err == nil:
			most = n
		case !errors.Is(err, ErrMalformed):
			t.Fatal(err)
		}
	}
	// 40 of header, 86 of signature and two full stops leave 127: 95 bytes.
	if most != 95 {
		t.Errorf("the longest payload has %d bytes, want 95", most)
	}
}

// A token of one form is never taken for one of the other.
func TestShortIsNoOther(t *testing.T) {
	signer := newSigner(t, "Ed25519")
	short, err := signer.SealShort([]byte(shortPayload))
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range []Type{Statement, Verdict, Report, Manifest, StatusList, Yearly, HandOver} {
		if _, err := OpenAs(typ, []byte(short)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want %v", typ.typ, err, ErrMalformed)
		}
		long, err := signer.SealAs(typ, []byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenShort([]byte(long)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want %v", typ.typ, err, ErrMalformed)
		}
	}
	if _, err := signer.SealShort([]byte(`{}`)); !errors.Is(err, ErrMalformed) {
		t.Errorf("sealed an object: got %v", err)
	}
}

// What is accepted is the one spelling of its parts and can be judged; what is
// refused is refused as malformed.
func FuzzOpenShort(f *testing.F) {
	var keys []Key
	for crv, alg := range map[string]string{"Ed25519": "EdDSA", "P-256": "ES256"} {
		signer := newSigner(f, crv)
		keys = append(keys, signer.key)
		p := signed(f, signer.private, shortHeader(alg, string(signer.key.id[:6])), shortPayload)
		f.Add([]byte(p.token()))
		f.Add([]byte(p.token() + "\n"))
		f.Add([]byte(p.input() + "." + loose(encode(p.signature))))
		p.header = strings.Replace(p.header, "{", `{"typ":"JWT",`, 1)
		f.Add([]byte(p.token()))
	}
	f.Fuzz(func(t *testing.T, token []byte) {
		s, err := OpenShort(token)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("got %v, want %v", err, ErrMalformed)
			}
			return
		}
		jws, err := jose.ParseSignedCompact(string(token), algorithms)
		if err != nil || string(jws.UnsafePayloadWithoutVerification()) != string(s.Payload) || jws.Signatures[0].Header.KeyID != s.ID {
			t.Errorf("the JOSE library reads %q otherwise: %v", token, err)
		}
		segments := strings.Split(string(token), ".")
		h, err := base64.RawURLEncoding.DecodeString(segments[0])
		if err != nil {
			t.Fatal(err)
		}
		if again := (parts{string(h), string(s.Payload), s.whole.signature}).token(); again != string(token) {
			t.Errorf("got %q again, want %q", again, token)
		}
		if Identity(s.whole.Token) != sha256.Sum256([]byte(segments[0]+"."+segments[1])) {
			t.Error("the identity is not that of the signing input")
		}
		if _, err := s.Verify(keys...); err != nil && !errors.Is(err, ErrKey) && !errors.Is(err, ErrSignature) {
			t.Errorf("Verify: got %v", err)
		}
	})
}
