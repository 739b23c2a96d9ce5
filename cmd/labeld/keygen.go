package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"tegata/verify/envelope"
	"tegata/verify/keys"
)

// makeKey makes a key of the registry's own in a token.
func makeKey(_ context.Context, args []string, stdout, stderr io.Writer) error {
	var token string
	err := flags("keygen", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&token, "pkcs11", "", "the `URI` (RFC 7512) of the key to make: token or serial, object (its label), module-path, and pin-source, a file of mode 600 with the PIN")
	}, "pkcs11")
	if err != nil {
		return err
	}
	u, err := keys.ParseURI(token)
	if err != nil {
		return err
	}
	key, err := keys.Generate(u, keys.Ed25519)
	if err != nil {
		return err
	}
	made, err := envelope.SignerFrom(key)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "made an Ed25519 key, which cannot be taken out\n  key  %s\n  URI  %s\n\nNext: labeld init -log-key, -cosigner-key or -answer-key URI, or labeld handover -to URI. A registry has three keys, each its own.\n",
		made.Key().ID(), u)
	return nil
}
