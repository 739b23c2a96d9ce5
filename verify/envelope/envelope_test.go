package envelope

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"tegata/verify"
)

// parts are what a token is made of. Tests start from valid ones, and change one
// thing.
type parts struct {
	header, payload string
	signature       []byte
}

func (p parts) input() string {
	return encode([]byte(p.header)) + "." + encode([]byte(p.payload))
}

func (p parts) token() string { return p.input() + "." + encode(p.signature) }

// signed returns the parts of a token that private signed, with the header as
// given, alg and all.
func signed(t testing.TB, private crypto.Signer, header, payload string) parts {
	t.Helper()
	p := parts{header: header, payload: payload}
	switch private := private.(type) {
	case ed25519.PrivateKey:
		p.signature = ed25519.Sign(private, []byte(p.input()))
	case *ecdsa.PrivateKey:
		sum := sha256.Sum256([]byte(p.input()))
		r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		p.signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	return p
}

func header(alg string, kid verify.KeyID) string {
	return fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":%q}`, alg, kid, Statement.typ)
}

func newSigner(t testing.TB, crv string) *Signer {
	t.Helper()
	s, err := NewSigner()
	if crv == "P-256" {
		private, e := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if e != nil {
			t.Fatal(e)
		}
		s, err = SignerFrom(private)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// label is a statement of usual size.
func label(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/label.issued.json")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t testing.TB, token string) Envelope {
	t.Helper()
	e, err := Open([]byte(token))
	if err != nil {
		t.Fatalf("Open(%q): %v", token, err)
	}
	return e
}

func TestOpen(t *testing.T) {
	ed, p256 := newSigner(t, "Ed25519"), newSigner(t, "P-256")
	payload := `{"kind":"label.issued"}`
	for _, tt := range []struct {
		name   string
		signer *Signer
		alg    string
		header func(string) string
	}{
		{"EdDSA", ed, "EdDSA", nil},
		{"Ed25519", ed, "Ed25519", nil},
		{"ES256", p256, "ES256", nil},
		{"members in another order", ed, "EdDSA", func(string) string {
			return fmt.Sprintf(`{"typ":%q,"kid":%q,"alg":"EdDSA"}`, Statement.typ, ed.key.id)
		}},
		{"white space in the header", ed, "EdDSA", func(h string) string { return strings.ReplaceAll(h, ":", " :\n") }},
		{"escapes in the header", ed, "EdDSA", func(h string) string { return strings.Replace(h, "+jws", `\u002bjws`, 1) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := header(tt.alg, tt.signer.key.id)
			if tt.header != nil {
				h = tt.header(h)
			}
			p := signed(t, tt.signer.private, h, payload)
			e := open(t, p.token())
			if e.Token != p.token() || e.Algorithm != tt.alg || e.KeyID != tt.signer.key.id || string(e.Payload) != payload {
				t.Errorf("got %+v, want the parts of %+v", e, p)
			}
			if want := sha256.Sum256([]byte(p.input())); Identity(e.Token) != want {
				t.Errorf("identity: got %x, want %x", Identity(e.Token), want)
			}
			if err := e.Verify(tt.signer.key); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

// The header that was opened last is known again, and only as what it was opened.
func TestOpenAfterAnother(t *testing.T) {
	one, two := newSigner(t, "Ed25519"), newSigner(t, "P-256")
	tokens := []string{signed(t, one.private, header("EdDSA", one.key.id), `{}`).token(), signed(t, one.private, header("Ed25519", one.key.id), `{}`).token(), signed(t, two.private, header("ES256", two.key.id), `{}`).token()}
	keys, algorithms := []Key{one.key, one.key, two.key}, []string{"EdDSA", "Ed25519", "ES256"}
	for _, i := range []int{0, 0, 1, 0, 2, 2, 1, 1, 0} {
		e := open(t, tokens[i])
		if err := e.Verify(keys[i]); err != nil || e.KeyID != keys[i].id || e.Algorithm != algorithms[i] {
			t.Errorf("token %d: got %s by %s, %v", i, e.Algorithm, e.KeyID, err)
		}
		for _, other := range []Type{Verdict, Credential} {
			if _, err := OpenAs(other, []byte(tokens[i])); !errors.Is(err, ErrMalformed) {
				t.Errorf("token %d as a %s: got %v", i, other.typ, err)
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	signer := newSigner(t, "Ed25519")
	kid := string(signer.key.id)
	valid := signed(t, signer.private, header("EdDSA", signer.key.id), `{"kind":"label.issued"}`)
	open(t, valid.token())

	// with adds a member to the header.
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
		{"header an array", func(p *parts) { p.header = "[" + p.header + "]" }, "header"},
		{"header null", func(p *parts) { p.header = "null" }, "alg"},
		{"header not JSON", func(p *parts) { p.header += "x" }, "header"},
		{"header two objects", func(p *parts) { p.header += p.header }, "header"},
		{"header not UTF-8", with("\"a\xff\":1"), "UTF-8"},
		{"alg twice", with(`"alg":"EdDSA"`), "duplicate"},
		{"kid twice, once escaped", with(`"\u006bid":"` + kid + `"`), "duplicate"},
		{"jwk", with(`"jwk":{"kty":"OKP","crv":"Ed25519","x":"` + signer.key.jwk.X + `"}`), `unknown object member name at "/jwk"`},
		{"jwk null", with(`"jwk":null`), `unknown object member name at "/jwk"`},
		{"jku", with(`"jku":"https://keys.example"`), `unknown object member name at "/jku"`},
		{"x5u", with(`"x5u":"https://keys.example"`), `unknown object member name at "/x5u"`},
		{"x5c", with(`"x5c":[]`), `unknown object member name at "/x5c"`},
		{"x5t", with(`"x5t":""`), `unknown object member name at "/x5t"`},
		{"crit", with(`"crit":["typ"]`), `unknown object member name at "/crit"`},
		{"b64", with(`"b64":true`), `unknown object member name at "/b64"`},
		{"cty", with(`"cty":"json"`), `unknown object member name at "/cty"`},
		{"nonce", with(`"nonce":""`), `unknown object member name at "/nonce"`},
		{"member in capitals", with(`"ALG":"none"`), `unknown object member name at "/ALG"`},
		{"alg missing", replace(`"alg":"EdDSA",`, ``), "alg"},
		{"alg null", replace(`"EdDSA"`, `null`), "alg"},
		{"alg a number", replace(`"EdDSA"`, `1`), `wrong type at "/alg"`},
		{"alg none", replace(`EdDSA`, `none`), "alg"},
		{"alg HS256", replace(`EdDSA`, `HS256`), "alg"},
		{"alg ES384", replace(`EdDSA`, `ES384`), "alg"},
		{"alg eddsa", replace(`EdDSA`, `eddsa`), "alg"},
		{"typ missing", replace(`,"typ":"`+Statement.typ+`"`, ``), "typ"},
		{"typ another", replace(Statement.typ, "statuslist+jwt"), "typ"},
		{"typ in capitals", replace(Statement.typ, strings.ToUpper(Statement.typ)), "typ"},
		{"typ in full", replace(Statement.typ, "application/"+Statement.typ), "typ"},
		{"kid missing", replace(`"kid":"`+kid+`",`, ``), "kid"},
		{"kid a name", replace(kid, "ipa-2026"), "kid"},
		{"kid with padding", replace(kid, kid+"="), "kid"},
		{"kid of 42 characters", replace(kid, kid[1:]), "kid"},
		{"kid in a second spelling", replace(kid, loose(kid)), "kid"},

		{"payload detached", payload(""), "detached"},
		{"payload an array", payload(`[1]`), "not a JSON object"},
		{"payload with a member twice", payload(`{"a":{"b":1,"b":2}}`), `at "/a/b"`},
		{"payload not UTF-8", payload("{\"a\":\"\xff\"}"), "UTF-8"},
		{"payload two objects", payload(`{}{}`), "more follows"},

		{"signature empty", func(p *parts) { p.signature = nil }, "signature of 0"},
		{"signature short", func(p *parts) { p.signature = p.signature[1:] }, "signature of 63"},
		{"signature long", func(p *parts) { p.signature = append([]byte{0}, p.signature...) }, "signature of 65"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := valid
			tt.change(&p)
			refused(t, p.token(), tt.want)
		})
	}

	h, rest, _ := strings.Cut(valid.token(), ".")
	pay, sig, _ := strings.Cut(rest, ".")
	for _, tt := range []struct{ name, token, want string }{
		{"empty", "", "1 segments"},
		{"two segments", h + "." + pay, "2 segments"},
		{"four segments", valid.token() + ".", "4 segments"},
		{"encrypted", valid.token() + "." + sig + "." + sig, "5 segments"},
		{"newline after", valid.token() + "\n", "white space"},
		{"CR LF after", valid.token() + "\r\n", "white space"},
		{"newline before", "\n" + valid.token(), "white space"},
		{"newline in the header", h[:4] + "\n" + h[4:] + "." + rest, "white space"},
		{"carriage return in the payload", h + "." + pay[:4] + "\r" + pay[4:] + "." + sig, "white space"},
		{"newline in the signature", h + "." + pay + "." + sig[:4] + "\n" + sig[4:], "white space"},
		{"space after", valid.token() + " ", "white space"},
		{"space within", h + ". " + pay + "." + sig, "white space"},
		{"tab before", "\t" + valid.token(), "white space"},
		{"NUL after", valid.token() + "\x00", "base64"},
		{"padding on the header", h + "=." + rest, "base64"},
		{"padding on the payload", h + "." + pay + "=." + sig, "base64"},
		{"padding on the signature", valid.token() + "==", "base64"},
		{"standard alphabet", h + "." + pay + "." + "+/" + sig[2:], "base64"},
		{"low bits of the header", loose(encode([]byte(valid.header+" "))) + "." + rest, "header: not the one"},
		{"low bits of the payload", h + "." + loose(pay) + "." + sig, "payload: not the one"},
		{"low bits of the signature", h + "." + pay + "." + loose(sig), "signature: not the one"},
		{"flattened", fmt.Sprintf(`{"payload":%q,"protected":%q,"signature":%q}`, pay, h, sig), "1 segments"},
		{"general", fmt.Sprintf(`{"payload":%q,"signatures":[{"protected":%q,"signature":%q}]}`, pay, h, sig), "1 segments"},
		{"unprotected header", fmt.Sprintf(`{"payload":%q,"protected":%q,"header":{"kid":"a.b.c"},"signature":%q}`, pay, h, sig), "base64"},
	} {
		t.Run(tt.name, func(t *testing.T) { refused(t, tt.token, tt.want) })
	}
}

// loose returns base64url text that decodes to the same bytes, where the last
// character has bits to spare, which it must.
func loose(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	if len(s)%4 == 0 {
		panic("no bits to spare in " + s)
	}
	last := strings.IndexByte(alphabet, s[len(s)-1])
	return s[:len(s)-1] + string(alphabet[last^1])
}

func refused(t *testing.T, token, want string) {
	t.Helper()
	e, err := Open([]byte(token))
	if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want malformed, with %q: %.200q", err, want, token)
	}
	if e.Token != "" || e.Payload != nil {
		t.Errorf("got %+v beside the error, want nothing", e)
	}
	again, s, whole, other := OpenStatement([]byte(token))
	if other == nil || err == nil || other.Error() != err.Error() || again.Token != "" || whole || s.Body != nil {
		t.Errorf("OpenStatement: got %v, want %v, and nothing beside it: %+v, %+v, %t", other, err, again, s, whole)
	}
}

func TestOpenSize(t *testing.T) {
	signer := newSigner(t, "Ed25519")
	h := header("EdDSA", signer.key.id)
	room := base64.RawURLEncoding.DecodedLen(MaxSize - len(signed(t, signer.private, h, "").token()))
	largest := signed(t, signer.private, h, `{"a":"`+strings.Repeat("x", room-8)+`"}`).token()
	if len(largest) != MaxSize {
		t.Fatalf("got a token of %d bytes, want %d", len(largest), MaxSize)
	}
	if e, err := Open([]byte(largest)); err != nil || e.Verify(signer.key) != nil {
		t.Errorf("token of %d bytes: got %v, want it opened and verified", len(largest), err)
	}
	refused(t, largest+"A", "61441 bytes")
}

// What is accepted is the one spelling of its parts and can be judged; what is
// refused is refused as malformed.
func FuzzOpen(f *testing.F) {
	var keys []Key
	for crv, alg := range map[string]string{"Ed25519": "EdDSA", "P-256": "ES256"} {
		signer := newSigner(f, crv)
		keys = append(keys, signer.key)
		p := signed(f, signer.private, header(alg, signer.key.id), `{"kind":"label.issued","a":[1,{"b":null}]}`)
		f.Add([]byte(p.token()))
		f.Add([]byte(p.token() + "\n"))
		f.Add([]byte(p.input() + "." + loose(encode(p.signature))))
		f.Add([]byte(`{"payload":"e30","protected":"e30","signature":""}`))
		p.header = strings.Replace(p.header, "{", `{"jwk":null,`, 1)
		f.Add([]byte(p.token()))
	}
	f.Fuzz(func(t *testing.T, token []byte) {
		e, err := Open(token)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("got %v, want %v", err, ErrMalformed)
			}
			return
		}
		segments := strings.Split(e.Token, ".")
		h, err := base64.RawURLEncoding.DecodeString(segments[0])
		if err != nil {
			t.Fatal(err)
		}
		jws, err := jose.ParseSignedCompact(e.Token, algorithms)
		if err != nil || !bytes.Equal(jws.UnsafePayloadWithoutVerification(), e.Payload) || !bytes.Equal(jws.Signatures[0].Signature, e.signature) {
			t.Errorf("the JOSE library reads %q otherwise: %v", token, err)
		}
		if again := (parts{string(h), string(e.Payload), e.signature}).token(); again != string(token) {
			t.Errorf("got %q again, want %q", again, token)
		}
		for _, k := range keys {
			if err := e.Verify(k); err != nil && !errors.Is(err, ErrKey) && !errors.Is(err, ErrSignature) {
				t.Errorf("Verify: got %v", err)
			}
		}
	})
}

// A credential has a content type in its header, and nothing else has.
func TestContentType(t *testing.T) {
	signer := newSigner(t, "Ed25519")
	sealed, err := signer.SealAs(Credential, label(t))
	if err != nil {
		t.Fatal(err)
	}
	e, err := OpenAs(Credential, []byte(sealed))
	if err != nil || e.Verify(signer.key) != nil || string(e.Payload) != string(label(t)) {
		t.Errorf("got %+v, %v", e, err)
	}
	for _, tt := range []struct {
		as          Type
		header, why string
	}{
		{Credential, `{"alg":"EdDSA","kid":%q,"typ":"vc+jwt"}`, `cty "" is not "vc"`},
		{Credential, `{"alg":"EdDSA","kid":%q,"typ":"vc+jwt","cty":null}`, `cty "" is not "vc"`},
		{Credential, `{"alg":"EdDSA","kid":%q,"typ":"vc+jwt","cty":"vp"}`, `cty "vp" is not "vc"`},
		{Credential, `{"alg":"EdDSA","kid":%q,"typ":"vc+jwt","cty":"vc","iss":"x"}`, `"/iss"`},
		{Credential, `{"alg":"EdDSA","kid":%q,"typ":"vp+jwt","cty":"vc"}`, "typ"},
		{Verdict, `{"alg":"EdDSA","kid":%q,"typ":"tegata-verdict+jwt","cty":""}`, `"/cty"`},
		{Verdict, `{"alg":"EdDSA","kid":%q,"typ":"tegata-verdict+jwt","cty":null}`, `"/cty"`},
	} {
		p := signed(t, signer.private, fmt.Sprintf(tt.header, signer.key.id), `{}`)
		if _, err := OpenAs(tt.as, []byte(p.token())); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%s: got %v, want %v, with %s", tt.header, err, ErrMalformed, tt.why)
		}
	}
}
