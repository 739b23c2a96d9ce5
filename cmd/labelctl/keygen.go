package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"tegata/verify/envelope"
	"tegata/verify/keys"
)

const keygenUsage = `usage: labelctl keygen -o KEY [-p256]
       labelctl keygen -pkcs11 URI [-p256]

Makes a private key, readable by you alone, and prints the public key as it goes
into party.keys of a party.enrolled statement. Its kid, which names the key in
everything it signs, is said beside it. A key that is there is never written
over.

  -o KEY        the file of the private key, a JWK
  -pkcs11 URI   make the key in a token instead, from where it cannot be taken: a
                security module or smart card, reached by PKCS #11 (RFC 7512). The
                same URI is then the -key of seal and import. Its attributes are
                token (label) or serial, object (the label of the key), id,
                module-path and pin-source: a file of mode 600 with the PIN
  -p256         a key on P-256, which signs ES256, in place of Ed25519

  labelctl keygen -o maker.jwk > maker-public.jwk
  labelctl keygen -p256 -pkcs11 'pkcs11:token=maker;object=labels?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/home/maker/pin' > maker-public.jwk
`

// keygen makes a key and hands out its public half.
func keygen(_ context.Context, c *console, args []string) (int, error) {
	f := newFlags()
	file := f.String("o", "", "")
	token := f.String("pkcs11", "", "")
	p256 := f.Bool("p256", false, "")
	if err := parse(f, args, 0, 0, ""); err != nil {
		return 0, err
	}
	if (*file == "") == (*token == "") {
		return 0, misusef("one of -o and -pkcs11 is needed")
	}
	kind := keys.Ed25519
	if *p256 {
		kind = keys.P256
	}
	signer, err := newKey(*file, *token, kind)
	if err != nil {
		return 0, err
	}
	public, err := json.Marshal(signer.Key().JWK())
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(c.out, "%s\n", public)
	c.say("kid %s", signer.Key().ID())
	return exitDone, nil
}

// newKey makes a key in a file, or in a token where that is named.
func newKey(file, token string, kind keys.Kind) (*envelope.Signer, error) {
	if token != "" {
		u, err := keys.ParseURI(token)
		if err != nil {
			return nil, err
		}
		key, err := keys.Generate(u, kind)
		if err != nil {
			return nil, err
		}
		return envelope.SignerFrom(key)
	}
	signer, err := envelope.NewSigner()
	if kind == keys.P256 {
		var private *ecdsa.PrivateKey
		if private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err == nil {
			signer, err = envelope.SignerFrom(private)
		}
	}
	if err != nil {
		return nil, err
	}
	private, err := signer.PrivateJWK()
	if err != nil {
		return nil, err
	}
	return signer, writeNew(file, append(private, '\n'), 0o600)
}
