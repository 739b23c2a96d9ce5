package envelope

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"math/big"
	"testing"
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
			input := e.input()
			for b.Loop() {
				if tt.crv == "Ed25519" {
					ed25519.Verify(signer.key.ed25519, input, e.signature)
					continue
				}
				sum := sha256.Sum256(input)
				ecdsa.Verify(signer.key.p256, sum[:], new(big.Int).SetBytes(e.signature[:32]), new(big.Int).SetBytes(e.signature[32:]))
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
