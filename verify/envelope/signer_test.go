package envelope

import (
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"tegata/verify"
)

func TestSeal(t *testing.T) {
	for crv, alg := range map[string]string{"Ed25519": "EdDSA", "P-256": "ES256"} {
		signer := newSigner(t, crv)
		held, err := SignerFrom(device{signer.private})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*Signer{signer, held} {
			token, err := s.Seal(label(t))
			if err != nil {
				t.Fatal(err)
			}
			e := open(t, token)
			if e.Algorithm != alg || e.KeyID != signer.key.id || string(e.Payload) != string(label(t)) {
				t.Errorf("%s: got %+v, want the label, %s by %s", crv, e, alg, signer.key.id)
			}
			if err := e.Verify(signer.Key()); err != nil {
				t.Errorf("%s: %v", crv, err)
			}
			want := encode([]byte(header(alg, signer.key.id)))
			if got, _, _ := strings.Cut(token, "."); got != want {
				t.Errorf("%s: header: got %s, want %s", crv, got, want)
			}
		}
	}
}

// A key that is here puts its tokens together itself: they are what go-jose makes of
// the same key in a device, to the byte.
func TestSealAsGoJose(t *testing.T) {
	here := newSigner(t, "Ed25519")
	held, err := SignerFrom(device{here.private})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []Type{Statement, Verdict, Report, Manifest, Pack, StatusList, Yearly, HandOver, Credential} {
		for n := range 128 { // ends anywhere in the groups that base64 and SHA-512 take at once
			payload := []byte(`{"名":"` + strings.Repeat("x", 37*n) + `"}`)
			got, err := here.SealAs(kind, payload)
			if err != nil {
				t.Fatal(err)
			}
			want, err := held.SealAs(kind, payload)
			if err != nil || got != want {
				t.Fatalf("%s of %d bytes: got %s, want %s, %v", kind.typ, len(payload), got, want, err)
			}
		}
	}
	got, err := here.SealShort([]byte(`["QK180KQ1DQ3N",1]`))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := held.SealShort([]byte(`["QK180KQ1DQ3N",1]`)); err != nil || got != want {
		t.Errorf("short: got %s, want %s, %v", got, want, err)
	}
}

// device is a private key of which one sees only what a security module shows.
type device struct{ crypto.Signer }

// faulty is a device that signs something else.
type faulty struct{ crypto.Signer }

func (f faulty) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	digest[0] ^= 1
	return f.Signer.Sign(r, digest, opts)
}

// absent is a device that has been pulled out.
type absent struct{ crypto.Signer }

var errAbsent = errors.New("device absent")

func (absent) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errAbsent }

func TestSealRefuses(t *testing.T) {
	for _, crv := range []string{"Ed25519", "P-256"} {
		signer := newSigner(t, crv)
		for _, tt := range []struct {
			name    string
			private crypto.Signer
			payload string
			want    error
		}{
			{"not JSON", signer.private, `label`, ErrMalformed},
			{"empty", signer.private, ``, ErrMalformed},
			{"member twice", signer.private, `{"a":1,"a":2}`, ErrMalformed},
			{"too large", signer.private, `{"a":"` + strings.Repeat("x", MaxSize*3/4) + `"}`, ErrMalformed},
			{"device signs something else", faulty{signer.private}, `{}`, ErrSigner},
			{"device absent", absent{signer.private}, `{}`, errAbsent},
		} {
			s, err := SignerFrom(tt.private)
			if err != nil {
				t.Fatal(err)
			}
			token, err := s.Seal([]byte(tt.payload))
			if !errors.Is(err, tt.want) || token != "" {
				t.Errorf("%s, %s: got %q, %v, want %v", crv, tt.name, token, err, tt.want)
			}
			if tt.want == ErrMalformed {
				continue
			}
			// An accident, and no fault of a token that somebody sent.
			short, err := s.SealShort([]byte(`[]`))
			if !errors.Is(err, ErrSigner) || errors.Is(err, ErrSignature) || short != "" {
				t.Errorf("%s, %s, short: got %q, %v, want %v", crv, tt.name, short, err, ErrSigner)
			}
		}
	}
}

// The private keys of RFC 8037, appendix A.1, and RFC 7515, appendix A.3.1.
var (
	private8037 = privateJWK{rfc8037, "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}
	private7515 = privateJWK{rfc7515, "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}
)

func text(t testing.TB, j privateJWK) string {
	t.Helper()
	b, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParsePrivate(t *testing.T) {
	for _, j := range []privateJWK{private8037, private7515} {
		s, err := ParsePrivate([]byte(text(t, j)))
		if err != nil {
			t.Fatal(err)
		}
		if s.Key().JWK() != j.JWK {
			t.Errorf("got %+v, want %+v", s.Key().JWK(), j.JWK)
		}
		if got, err := s.PrivateJWK(); err != nil || string(got) != text(t, j) {
			t.Errorf("got %s, %v, want %s", got, err, text(t, j))
		}
	}

	// RFC 8037, appendix A.4: what the key signs there it signs here.
	s, err := ParsePrivate([]byte(text(t, private8037)))
	if err != nil {
		t.Fatal(err)
	}
	const input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
	const want = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
	signature, err := s.private.Sign(nil, []byte(input), crypto.Hash(0))
	if err != nil || encode(signature) != want {
		t.Errorf("got %s, %v, want %s", encode(signature), err, want)
	}
}

func TestParsePrivateRefuses(t *testing.T) {
	ed, ec := text(t, private8037), text(t, private7515)
	zero := strings.Repeat("A", 43)
	const order = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE" // of P-256
	for _, tt := range []struct{ name, jwk string }{
		{"empty", ""},
		{"public", `{"kty":"OKP","crv":"Ed25519","x":"` + rfc8037.X + `"}`},
		{"array", "[" + ed + "]"},
		{"null", "null"},
		{"two", ed + ed},
		{"d twice", strings.Replace(ed, "}", `,"d":"`+private8037.D+`"}`, 1)},
		{"kid", strings.Replace(ed, "}", `,"kid":"a"}`, 1)},
		{"D in capitals", strings.Replace(ed, `"d"`, `"D"`, 1)},
		{"d null", strings.Replace(ed, `"`+private8037.D+`"`, "null", 1)},
		{"d a number", strings.Replace(ed, `"`+private8037.D+`"`, "1", 1)},
		{"d with padding", strings.Replace(ed, private8037.D, private8037.D+"=", 1)},
		{"d in a second spelling", strings.Replace(ed, private8037.D, loose(private8037.D), 1)},
		{"d short", strings.Replace(ed, private8037.D, private8037.D[:42], 1)},
		{"d of another key", strings.Replace(ed, private8037.D, zero, 1)},
		{"x in a second spelling", strings.Replace(ed, rfc8037.X, loose(rfc8037.X), 1)},
		{"x missing", strings.Replace(ed, rfc8037.X, "", 1)},
		{"y on Ed25519", strings.Replace(ed, "}", `,"y":"`+rfc8037.X+`"}`, 1)},
		{"kty of another kind", strings.Replace(ed, "OKP", "EC", 1)},
		{"P-256 d zero", strings.Replace(ec, private7515.D, zero, 1)},
		{"P-256 d the order", strings.Replace(ec, private7515.D, order, 1)},
		{"P-256 d of another key", strings.Replace(ec, private7515.D, private8037.D, 1)},
		{"P-256 y of another key", strings.Replace(ec, rfc7515.Y, rfc7515.X, 1)},
		{"P-384", strings.Replace(ec, "P-256", "P-384", 1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParsePrivate([]byte(tt.jwk))
			if !errors.Is(err, ErrKey) {
				t.Fatalf("got %v, want %v: %s", err, ErrKey, tt.jwk)
			}
			for _, d := range []string{private8037.D, private7515.D} {
				if strings.Contains(err.Error(), d[:8]) {
					t.Errorf("the error shows the private key: %v", err)
				}
			}
		})
	}
}

func TestPrivateJWKOfDevice(t *testing.T) {
	s, err := SignerFrom(device{newSigner(t, "P-256").private})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.PrivateJWK(); !errors.Is(err, ErrKey) || got != nil {
		t.Errorf("got %s, %v, want %v", got, err, ErrKey)
	}
}

// A key that is accepted is written and read back the same, and what it seals is
// its own.
func FuzzParsePrivate(f *testing.F) {
	for _, j := range []privateJWK{private8037, private7515} {
		f.Add([]byte(text(f, j)))
		f.Add([]byte(text(f, privateJWK{j.JWK, loose(j.D)})))
		f.Add([]byte(text(f, privateJWK{j.JWK, ""})))
	}
	f.Add([]byte(text(f, privateJWK{verify.JWK{Kty: "OKP", Crv: "Ed25519", X: little(1)}, little(0)})))
	f.Fuzz(func(t *testing.T, jwk []byte) {
		s, err := ParsePrivate(jwk)
		if err != nil {
			if !errors.Is(err, ErrKey) {
				t.Errorf("got %v, want %v", err, ErrKey)
			}
			return
		}
		written, err := s.PrivateJWK()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePrivate(written)
		if err != nil || again.key.jwk != s.key.jwk {
			t.Errorf("got %+v, %v, want %+v", again, err, s.key.jwk)
		}
		if _, err := s.Seal([]byte(`{}`)); err != nil {
			t.Errorf("Seal: %v", err)
		}
	})
}

// A key of two halves that do not belong together makes no signature that holds.
func TestSignerFromHalves(t *testing.T) {
	_, one, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	mixed := append(one.Seed(), other[ed25519.SeedSize:]...)
	if _, err := SignerFrom(ed25519.PrivateKey(mixed)); !errors.Is(err, ErrKey) {
		t.Errorf("got %v, want ErrKey", err)
	}
	if _, err := SignerFrom(one); err != nil {
		t.Error(err)
	}
}
