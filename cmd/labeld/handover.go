package main

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
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
	d := folder(data)
	c, err := d.config()
	if err != nil {
		return err
	}
	h, err := d.handOver(c, bundle.Purpose(what), signer, to)
	if err != nil {
		return err
	}
	kept := "The old key is kept as " + d.former(h) + ": destroy it, or keep it offline."
	if text, err := os.ReadFile(d.former(h)); err == nil && keys.InToken(string(text)) {
		kept = "The old key stays in its token, as " + d.former(h) + " says: destroy it there."
	}
	fmt.Fprintf(stdout, "the %s key gives way to a new one\n  old  %s\n  new  %s\n  at   %s\n\n%s\nWho has a trust file takes the new key with: labelctl trust -from URL -trust FILE -f\n",
		what, h.Old.Thumbprint(), h.New.Thumbprint(), h.At.Format(time.RFC3339), kept)
	return nil
}

// next is the file of a key that is not in use yet, and former that of the one
// that was.
func (d folder) next(what bundle.Purpose) string { return d.keyFile(what) + ".next" }

func (d folder) former(h bundle.HandOver) string {
	return fmt.Sprintf("%s.%s.%s", d.keyFile(h.What), h.At.Format("20060102T150405Z"), h.Old.Thumbprint()[:8])
}

// handOver puts the next key beside the one in use, then makes the hand-over, then
// a head signed with the new key, and then the next key's file the one in use. A
// crash after the first of these leaves a key that nobody has heard of; after the
// others, finish goes on from there when the folder is opened next.
func (d folder) handOver(c registry.Config, what bundle.Purpose, operator *envelope.Signer, to string) (h bundle.HandOver, err error) {
	origin := c.Log.Key().Name()
	if to != "" {
		if err := tryKey(to); err != nil {
			return h, fmt.Errorf("-to: %w", err)
		}
	}
	text, err := keyText(to)
	if err != nil {
		return h, err
	}
	announced := false
	err = registry.Rekey(d.registry(), c, func(t bundle.Trust, at time.Time) (next registry.Config, err error) {
		if !slices.ContainsFunc(t.OperatorKeys, func(k verify.JWK) bool { return k == operator.Key().JWK() }) {
			return next, fmt.Errorf("%s is no operator key that entry 0 names, and no trust file would follow it", operator.Key().ID())
		}
		if err := os.Remove(d.next(what)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return next, err
		}
		if err := putKey(d.next(what), text); err != nil {
			return next, err
		}
		defer func() {
			if !announced {
				err = errors.Join(err, os.Remove(d.next(what)))
			}
		}()
		if next, err = d.keys(origin, what, d.next(what)); err != nil {
			return next, err
		}
		if h, err = d.seal(t, what, at, operator); err != nil {
			return next, err
		}
		announced = true // or partly so: then finish knows what to do
		return next, writeDurably(d.handOvers(), bundle.MarshalHandOvers(append(slices.Clone(c.HandOvers), h)))
	})
	if announced && err != nil {
		err = fmt.Errorf("%w; the hand-over may be announced already: then it is ended when the registry is opened next", err)
	}
	if err != nil {
		return h, err
	}
	return h, d.use(h)
}

// seal makes a hand-over of the key in use to the next, which a trust file follows.
func (d folder) seal(t bundle.Trust, what bundle.Purpose, at time.Time, operator *envelope.Signer) (h bundle.HandOver, err error) {
	private, err := readKey(d.keyFile(what))
	if err != nil {
		return h, err
	}
	old, err := envelope.SignerFrom(private)
	if err != nil {
		return h, err
	}
	next, err := readKey(d.next(what))
	if err != nil {
		return h, err
	}
	h, err = bundle.SealHandOver(bundle.HandOver{
		Origin: t.Origin, What: what, Old: old.Key().JWK(), New: publicJWK(next), At: at,
	}, old, operator)
	if err == nil {
		_, err = t.Follow(h)
	}
	return h, err
}

// finish ends a hand-over that was announced and not ended: the last of its
// purpose names a key that is not the one in use.
func (d folder) finish(origin string, all []bundle.HandOver) error {
	for i, h := range slices.Backward(all) {
		if slices.ContainsFunc(all[i+1:], func(later bundle.HandOver) bool { return later.What == h.What }) {
			continue
		}
		private, err := readKey(d.keyFile(h.What))
		if err != nil {
			return err
		}
		if publicJWK(private) == h.New {
			continue
		}
		next, err := d.readNext(h.What)
		if err != nil {
			return err
		}
		if publicJWK(private) != h.Old || next != h.New {
			return fmt.Errorf("%s: it is not the %s key %s, which %s says is in use since %s: put that key there (mode 600)",
				d.keyFile(h.What), h.What, h.New.Thumbprint(), d.handOvers(), h.At.Format(time.RFC3339))
		}
		if err := d.rekey(origin, h, all[:i]); err != nil {
			return fmt.Errorf("the hand-over of the %s key was cut short and has to be ended: %w", h.What, err)
		}
		if err := d.use(h); err != nil {
			return err
		}
	}
	return nil
}

// readNext describes the key that is not in use yet; none, where there is none.
func (d folder) readNext(what bundle.Purpose) (verify.JWK, error) {
	if _, err := os.Lstat(d.next(what)); errors.Is(err, fs.ErrNotExist) {
		return verify.JWK{}, nil
	}
	key, err := readKey(d.next(what))
	if err != nil {
		return verify.JWK{}, fmt.Errorf("the hand-over of the %s key was cut short and has to be ended: %w", what, err)
	}
	return publicJWK(key), nil
}

// rekey signs the head with the new key, unless that is done already.
func (d folder) rekey(origin string, h bundle.HandOver, before []bundle.HandOver) error {
	to, err := d.keys(origin, h.What, d.next(h.What))
	if err != nil {
		return err
	}
	old, err := d.keys(origin, "", "")
	if err != nil {
		return err
	}
	old.HandOvers = before
	err = registry.Rekey(d.registry(), old, func(bundle.Trust, time.Time) (registry.Config, error) { return to, nil })
	if !errors.Is(err, registry.ErrDamaged) {
		return err
	}
	r, opened := registry.Open(d.registry(), to)
	if opened != nil {
		return errors.Join(err, opened)
	}
	return r.Close()
}

// use makes the next key's file the one in use, and keeps the old one under
// another name. The file in use is there at every moment.
func (d folder) use(h bundle.HandOver) error {
	if err := os.Link(d.keyFile(h.What), d.former(h)); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(d.next(h.What), d.keyFile(h.What)); err != nil {
		return err
	}
	return syncFolder(string(d))
}

// readHandOvers reads what was handed over in this folder, if anything was.
func (d folder) readHandOvers() ([]bundle.HandOver, error) {
	text, err := os.ReadFile(d.handOvers())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := bundle.ParseHandOvers(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.handOvers(), err)
	}
	return all, nil
}

// publicJWK describes the public half of a key of the registry.
func publicJWK(key crypto.Signer) verify.JWK {
	return verify.JWK{Kty: "OKP", Crv: "Ed25519", X: base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey))}
}

// writeDurably puts a file in the place of what is there, whole or not at all,
// and returns once it would outlast a loss of power, and all else that was
// written to its folder.
func writeDurably(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(name))
}

func syncFolder(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
