// Package folder keeps what a registry has on disk: its file, its own keys and how they
// were handed over, and the mirrors of other logs beside it. Whatever a crash leaves
// there, it opens again as it was, or as it was about to be.
package folder

import (
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// A Folder holds one registry: its file, and the keys of its log, its cosigner and
// its answers, or in their place where they are. The operator's key is not among
// them. The empty one names the files as they are called inside of any.
type Folder string

// Registry is the registry's file.
func (d Folder) Registry() string { return filepath.Join(string(d), "registry.db") }

// Origin is the file with the log's name and a line feed. Without it no registry is
// there.
func (d Folder) Origin() string { return filepath.Join(string(d), "origin") }

// HandOvers is the file with all hand-overs of keys so far, where there are any.
func (d Folder) HandOvers() string { return filepath.Join(string(d), "handovers.json") }

// Observer is the folder of what the observer saw.
func (d Folder) Observer() string { return filepath.Join(string(d), "observer") }

// Socket is where a server that has the registry open is asked by the folder's owner.
func (d Folder) Socket() string { return filepath.Join(string(d), "control.sock") }

// Key is the file of the key in use for a purpose.
func (d Folder) Key(what bundle.Purpose) string {
	return filepath.Join(string(d), string(what)+".key")
}

// Keys are the files of the registry's own keys, in the order of [bundle.Purposes].
func (d Folder) Keys() (files []string) {
	for _, what := range bundle.Purposes {
		files = append(files, d.Key(what))
	}
	return files
}

// Begun reports whether the folder has a registry of its own.
func (d Folder) Begun() bool {
	_, err := os.Stat(d.Origin())
	return !errors.Is(err, fs.ErrNotExist)
}

// Make makes the folder with its keys: where from names nothing for one, a new one.
// It refuses where the folder has anything in it. A registry is still to be made there.
func (d Folder) Make(origin string, from map[bundle.Purpose]string) (err error) {
	for what, name := range from {
		if err := tryKey(name); err != nil {
			return fmt.Errorf("-%s-key: %w", what, err)
		}
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	inside, err := os.ReadDir(string(d))
	if err != nil {
		return err
	}
	if len(inside) > 0 {
		return fmt.Errorf("%s: it is not empty, and a registry is created where nothing is", d)
	}
	for _, what := range bundle.Purposes {
		text, err := keyText(from[what])
		if err == nil {
			err = putKey(d.Key(what), text)
		}
		if err != nil {
			return err
		}
	}
	return os.WriteFile(d.Origin(), []byte(origin+"\n"), 0o600)
}

// Unmake takes away what Make made, but for the folder.
func (d Folder) Unmake() (err error) {
	for _, name := range append(d.Keys(), d.Origin()) {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// Config is what the registry is opened with: its keys, the name of its log and the
// hand-overs so far. Where a crash cut a hand-over short it ends that first.
func (d Folder) Config() (registry.Config, error) {
	text, err := os.ReadFile(d.Origin())
	if errors.Is(err, os.ErrNotExist) {
		if _, none := os.ReadDir(d.mirrors()); none == nil {
			return registry.Config{}, fmt.Errorf("%s: mirrors of other logs are there, and no registry of its own: this is done where the log is kept", d)
		}
		return registry.Config{}, fmt.Errorf("%s: no registry is there: labeld init creates one", d)
	}
	if err != nil {
		return registry.Config{}, err
	}
	origin := string(text[:max(0, len(text)-1)])
	handOvers, err := d.readHandOvers()
	if err != nil {
		return registry.Config{}, err
	}
	if err := d.finish(origin, handOvers); err != nil {
		return registry.Config{}, err
	}
	c, err := d.signers(origin, "", "")
	c.HandOvers = handOvers
	return c, err
}

// signers reads the keys in use, but for one purpose that in another file; of none,
// where but is empty.
func (d Folder) signers(origin string, but bundle.Purpose, file string) (c registry.Config, err error) {
	private, public := map[bundle.Purpose]crypto.Signer{}, map[verify.JWK]string{}
	for _, what := range bundle.Purposes {
		path := d.Key(what)
		if what == but {
			path = file
		}
		if private[what], err = ReadKey(path); err != nil {
			return c, err
		}
		jwk := publicJWK(private[what])
		if other, taken := public[jwk]; taken {
			return c, fmt.Errorf("%s is the key in %s: what it signs here could pass for what it signs there, so each has its own", path, other)
		}
		public[jwk] = path
	}
	if c.Log, err = tlog.NewLogSigner(origin, private[bundle.LogPurpose]); err != nil {
		return c, err
	}
	if c.Cosigner, err = tlog.NewCosigner(origin+"/cosigner", private[bundle.CosignerPurpose]); err != nil {
		return c, err
	}
	c.Answer, err = envelope.SignerFrom(private[bundle.AnswerPurpose])
	return c, err
}
