package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"tegata/verify/envelope"
)

const keygenUsage = `usage: labelctl keygen -o KEY [-p256]

Makes a private key, readable by you alone, and prints the public key as it goes
into party.keys of a party.enrolled statement. Its kid, which names the key in
everything it signs, is said beside it. A file that is there is never written
over.

  -o KEY   the file of the private key, a JWK
  -p256    a key on P-256, which signs ES256, in place of Ed25519

  labelctl keygen -o maker.jwk > maker-public.jwk
`

// keygen makes a key and hands out its public half.
func keygen(_ context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	file := f.String("o", "", "")
	p256 := f.Bool("p256", false, "")
	if err := parse(f, args, 0, 0, ""); err != nil {
		return 0, err
	}
	if err := need(f, "o"); err != nil {
		return 0, err
	}
	signer, err := newKey(*p256)
	if err != nil {
		return 0, err
	}
	private, err := signer.PrivateJWK()
	if err != nil {
		return 0, err
	}
	public, err := json.Marshal(signer.Key().JWK())
	if err != nil {
		return 0, err
	}
	if err := writeNew(*file, append(private, '\n'), 0o600); err != nil {
		return 0, err
	}
	fmt.Fprintf(c.out, "%s\n", public)
	c.say("kid %s", signer.Key().ID())
	return exitDone, nil
}

func newKey(p256 bool) (*envelope.Signer, error) {
	if !p256 {
		return envelope.NewSigner()
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return envelope.SignerFrom(private)
}
