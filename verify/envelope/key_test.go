package envelope

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"testing"

	"tegata/verify"
)

// The key of RFC 8037, appendix A.2, and its thumbprint, A.3.
var rfc8037 = verify.JWK{Kty: "OKP", Crv: "Ed25519", X: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}

// The key of RFC 7515, appendix A.3.1.
var rfc7515 = verify.JWK{
	Kty: "EC", Crv: "P-256",
	X: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
	Y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}

func TestParseKey(t *testing.T) {
	for _, tt := range []struct {
		jwk verify.JWK
		id  verify.KeyID
	}{
		{rfc8037, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
		{rfc7515, rfc7515.Thumbprint()},
	} {
		k, err := ParseKey(tt.jwk)
		if err != nil || k.ID() != tt.id || k.JWK() != tt.jwk {
			t.Errorf("got %v %+v, %v, want %v %+v", k.ID(), k.JWK(), err, tt.id, tt.jwk)
		}
	}
}

func TestParseKeyRefuses(t *testing.T) {
	ed := func(change func(*verify.JWK)) verify.JWK { j := rfc8037; change(&j); return j }
	ec := func(change func(*verify.JWK)) verify.JWK { j := rfc7515; change(&j); return j }
	for _, tt := range []struct {
		name string
		jwk  verify.JWK
	}{
		{"empty", verify.JWK{}},
		{"kty of another kind", ed(func(j *verify.JWK) { j.Kty = "EC" })},
		{"kty in small letters", ed(func(j *verify.JWK) { j.Kty = "okp" })},
		{"X25519", ed(func(j *verify.JWK) { j.Crv = "X25519" })},
		{"Ed448", ed(func(j *verify.JWK) { j.Crv = "Ed448" })},
		{"Ed25519 with y", ed(func(j *verify.JWK) { j.Y = j.X })},
		{"x missing", ed(func(j *verify.JWK) { j.X = "" })},
		{"x short", ed(func(j *verify.JWK) { j.X = j.X[:42] })},
		{"x with padding", ed(func(j *verify.JWK) { j.X += "=" })},
		{"x with a newline", ed(func(j *verify.JWK) { j.X += "\n" })},
		{"x in a second spelling", ed(func(j *verify.JWK) { j.X = loose(j.X) })},
		{"x not UTF-8", ed(func(j *verify.JWK) { j.X += "\xff" })},
		{"y = 2, off the curve", ed(func(j *verify.JWK) { j.X = little(2) })},
		{"P-256 off the curve", ec(func(j *verify.JWK) { j.Y = j.X })},
		{"P-256 at zero", ec(func(j *verify.JWK) { j.X, j.Y = little(0), little(0) })},
		{"P-256 without y", ec(func(j *verify.JWK) { j.Y = "" })},
		{"P-256 y in a second spelling", ec(func(j *verify.JWK) { j.Y = loose(j.Y) })},
		{"P-384", ec(func(j *verify.JWK) { j.Crv = "P-384" })},
		{"secp256k1", ec(func(j *verify.JWK) { j.Crv = "secp256k1" })},
		{"RSA", ec(func(j *verify.JWK) { j.Kty = "RSA" })},
		{"a secret", ec(func(j *verify.JWK) { j.Kty = "oct" })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if k, err := ParseKey(tt.jwk); !errors.Is(err, ErrKey) || k.ID() != "" {
				t.Errorf("got %v, %v, want %v: %+v", k.ID(), err, ErrKey, tt.jwk)
			}
		})
	}
}

// little returns the base64url text of n in 32 bytes, least first.
func little(n byte) string { return encode(append([]byte{n}, make([]byte, 31)...)) }

// The points of Ed25519 whose order divides 8, in every encoding, the
// non-canonical ones too. With such a key, and the signature R = identity,
// S = 0, a message in eight verifies, or every one.
func TestLowOrder(t *testing.T) {
	for _, y := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		for _, sign := range []byte{0, 0x80} {
			x, err := hex.DecodeString(y)
			if err != nil {
				t.Fatal(err)
			}
			x[31] |= sign
			if _, err := ParseKey(verify.JWK{Kty: "OKP", Crv: "Ed25519", X: encode(x)}); !errors.Is(err, ErrKey) {
				t.Errorf("%x: got %v, want %v", x, err, ErrKey)
			}
			forged := func() bool {
				signature := append([]byte{1}, make([]byte, 63)...)
				for m := byte(0); m < 200; m++ {
					if ed25519.Verify(x, []byte{m}, signature) {
						return true
					}
				}
				return false
			}
			if !forged() {
				t.Errorf("%x: nothing could be forged: not of low order", x)
			}
		}
	}
}

func TestKeyOfOtherCurve(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := SignerFrom(private); !errors.Is(err, ErrKey) {
		t.Errorf("P-384: got %v, want %v", err, ErrKey)
	}
}
