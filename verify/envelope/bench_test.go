package envelope

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"tegata/verify"
)

// What a token of usual size costs, beside the bare check of its signature.
func BenchmarkVerify(b *testing.B) {
	for _, tt := range []struct{ crv, alg string }{{"Ed25519", "EdDSA"}, {"P-256", "ES256"}} {
		signer := newSigner(b, tt.crv)
		token, err := signer.Seal(label(b))
		if err != nil {
			b.Fatal(err)
		}
		e := open(b, token)
		b.Run(tt.alg+"/raw", func(b *testing.B) {
			input := e.input
			public, _ := signer.private.Public().(ed25519.PublicKey)
			for b.Loop() {
				if tt.crv == "Ed25519" {
					ed25519.Verify(public, input, e.signature)
					continue
				}
				sum := sha256.Sum256(input)
				ecdsa.Verify(signer.key.p256, sum[:], new(big.Int).SetBytes(e.signature[:32]), new(big.Int).SetBytes(e.signature[32:]))
			}
		})
		// The least anybody can do: decode the three parts, read the header and
		// the payload as JSON, check the signature.
		b.Run(tt.alg+"/raw and parsing", func(b *testing.B) {
			for b.Loop() {
				if !least(b, signer.key, token) {
					b.Fatal("refused")
				}
			}
		})
		b.Run(tt.alg+"/go-jose", func(b *testing.B) {
			public := signer.private.Public()
			for b.Loop() {
				jws, err := jose.ParseSignedCompact(token, algorithms)
				if err != nil {
					b.Fatal(err)
				}
				payload, err := jws.Verify(public)
				if err != nil || !json.Valid(payload) {
					b.Fatal("refused")
				}
			}
		})
		b.Run(tt.alg+"/open", func(b *testing.B) {
			for b.Loop() {
				Open([]byte(token))
			}
		})
		b.Run(tt.alg+"/open and verify", func(b *testing.B) {
			for b.Loop() {
				e, err := Open([]byte(token))
				if err != nil || e.Verify(signer.key) != nil {
					b.Fatal("refused")
				}
			}
		})
		// Many at once: the time of each, on all cores.
		b.Run(tt.alg+"/many", func(b *testing.B) {
			tokens := slices.Repeat([]string{token}, 1024)
			keys := func(verify.KeyID) (Key, bool) { return signer.key, true }
			for b.Loop() {
				for _, c := range VerifyAll(tokens, keys) {
					if c.Err != nil {
						b.Fatal(c.Err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(tokens)), "ns/token")
		})
		b.Run(tt.alg+"/seal", func(b *testing.B) {
			for b.Loop() {
				signer.Seal(label(b))
			}
		})
		b.Run(tt.alg+"/parse key", func(b *testing.B) {
			for b.Loop() {
				ParseKey(signer.key.jwk)
			}
		})
	}
}

func least(b *testing.B, k Key, token string) bool {
	segments := strings.Split(token, ".")
	var decoded [3][]byte
	for i, s := range segments {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(s); err != nil {
			b.Fatal(err)
		}
	}
	var h struct{ Alg, Kid, Typ string }
	if err := json.Unmarshal(decoded[0], &h); err != nil || !json.Valid(decoded[1]) {
		b.Fatal(err)
	}
	input, sig := []byte(segments[0]+"."+segments[1]), decoded[2]
	if k.ed25519 != nil {
		return ed25519.Verify(k.ed25519.Public(), input, sig)
	}
	sum := sha256.Sum256(input)
	return ecdsa.Verify(k.p256, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
}
