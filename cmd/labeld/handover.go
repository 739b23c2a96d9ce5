package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/verify/bundle"
	"tegata/verify/keys"
)

// handOver puts a new key in the place of one of the registry's own. The old one
// and the operator sign that it is so, and whoever keeps a trust file can follow.
func handOver(_ context.Context, args []string, stdout, stderr io.Writer) error {
	var data, operator, what, to string
	err := flags("handover", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the registry's `folder`; no server may have it open")
		f.StringVar(&operator, "operator", "", "`file` of the operator's private key, one that entry 0 names, or its pkcs11: URI; used here, then kept offline")
		f.StringVar(&what, "key", "", "`which` key gives way to a new one: log, cosigner or answer")
		f.StringVar(&to, "to", "", "the new `key`: the pkcs11: URI of one in a token (labeld keygen makes it), or a file, which is copied (default: a new key, made here)")
	}, "data", "operator", "key")
	if err != nil {
		return err
	}
	if !slices.Contains(bundle.Purposes, bundle.Purpose(what)) {
		return fmt.Errorf("-key %q: log, cosigner or answer", what)
	}
	signer, err := readSigner(operator)
	if err != nil {
		return err
	}
	d := folder.Folder(data)
	c, err := d.Config()
	if err != nil {
		return err
	}
	h, err := d.HandOver(c, bundle.Purpose(what), signer, to)
	if err != nil {
		return err
	}
	kept := "The old key is kept as " + d.Former(h) + ": destroy it, or keep it offline."
	if text, err := os.ReadFile(d.Former(h)); err == nil && keys.InToken(string(text)) {
		kept = "The old key stays in its token, as " + d.Former(h) + " says: destroy it there."
	}
	fmt.Fprintf(stdout, "the %s key gives way to a new one\n  old  %s\n  new  %s\n  at   %s\n\n%s\nOther nodes of this registry, where there are any, need %s and %s before they are started.\nWho has a trust file takes the new key with: labelctl trust -from URL -trust FILE -f\n",
		what, h.Old.Thumbprint(), h.New.Thumbprint(), h.At.Format(time.RFC3339), kept, d.HandOvers(), d.Key(h.What))
	return nil
}
