package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"tegata/cmd/labeld/folder"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/keys"
)

// operatorID is the party that init makes.
const operatorID verify.PartyID = "operator"

// initialise creates a registry with entry 0.
func initialise(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var data, origin, key, name, nameJA, country string
	from := map[bundle.Purpose]string{}
	var in clustered
	err = flags("init", args, stderr, func(f *flag.FlagSet) {
		f.StringVar(&data, "data", "", "the `folder` to make; nothing may be in it")
		f.StringVar(&origin, "origin", "", "the log's `name` for ever, such as labels.example: a host in small letters, with or without a path")
		f.StringVar(&key, "operator", "", "`file` of the operator's private key (labelctl keygen), or the pkcs11: URI of it; used here, then kept offline")
		for _, what := range bundle.Purposes {
			f.Func(string(what)+"-key", fmt.Sprintf("the %s `key`: the pkcs11: URI of one in a token (labeld keygen makes it), or a file, which is copied (default: a new key, made here)", what), func(name string) error {
				from[what] = name
				return nil
			})
		}
		f.StringVar(&name, "name", "", "the operator's `name` in English (default: Operator of ORIGIN)")
		f.StringVar(&nameJA, "name-ja", "", "the operator's `name` in Japanese")
		f.StringVar(&country, "country", "GB", "the operator's country, JP or GB")
		in.flags(f)
	}, "data", "origin", "operator")
	if err != nil {
		return err
	}
	if !verify.ValidOrigin(origin) {
		return fmt.Errorf("-origin %q: small letters, digits, . - _ : and / only, without https://", origin)
	}
	operator, err := readSigner(key)
	if err != nil {
		return err
	}
	if name == "" {
		name = "Operator of " + origin
	}
	if err := errors.Join(in.faults()...); err != nil {
		return err
	}
	d := folder.Folder(data)
	if err := d.Make(origin, from); err != nil {
		return err
	}
	defer func() {
		if err != nil { // what init made is of no use without the rest of it
			err = errors.Join(err, d.Unmake())
		}
	}()
	c, err := d.Config()
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Second)
	party := verify.Party{
		ID: operatorID, Name: verify.Text{EN: name, JA: nameJA}, Role: verify.Operator,
		Jurisdiction: verify.Country(country), Keys: []verify.JWK{operator.Key().JWK()}, From: now,
	}
	token, err := operator.SealStatement(verify.Statement{
		Head: verify.Head{Kind: verify.RegistryCreated, Origin: origin, By: operatorID, Made: now},
		Body: &verify.Created{Party: party, Accord: verify.Memorandum},
	})
	if err != nil {
		return err
	}
	defer in.end()
	r, err := in.create(ctx, d, c, token)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "created %s\n  origin        %s\n  log key       %s\n  cosigner key  %s\n  answer key    %s\n\nPublish the three keys: whoever checks the log needs them.\nNext: keep %s offline, and run: labeld serve -data %s -url https://YOUR-HOST%s\n",
		data, origin, r.LogKey(), r.CosignerKey(), r.Answer().Key().ID(), key, data, in.again())
	return r.Close()
}

// readSigner returns a party's private key: a JWK in a file that nobody but its
// owner can read, or one in a token by its URI.
func readSigner(name string) (*envelope.Signer, error) {
	if keys.InToken(name) {
		key, err := keys.Open(name)
		if err != nil {
			return nil, err
		}
		return envelope.SignerFrom(key)
	}
	text, err := keys.ReadSecret(name)
	if err != nil {
		return nil, err
	}
	s, err := envelope.ParsePrivate(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}
