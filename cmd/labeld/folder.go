package main

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tegata/registry"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/keys"
	"tegata/verify/tlog"
)

// A folder holds one registry: its file, and the keys of its log, its cosigner and
// its answers, or in their place where they are. The operator's key is not among
// them.
type folder string

func (d folder) registry() string    { return filepath.Join(string(d), "registry.db") }
func (d folder) logKey() string      { return filepath.Join(string(d), "log.key") }
func (d folder) cosignerKey() string { return filepath.Join(string(d), "cosigner.key") }
func (d folder) answerKey() string   { return filepath.Join(string(d), "answer.key") }
func (d folder) handOvers() string   { return filepath.Join(string(d), "handovers.json") }
func (d folder) origin() string      { return filepath.Join(string(d), "origin") }
func (d folder) observer() string    { return filepath.Join(string(d), "observer") }
func (d folder) mirrors() string     { return filepath.Join(string(d), "mirrors") }
func (d folder) socket() string      { return filepath.Join(string(d), "control.sock") }

// make makes the folder with its keys: where from names nothing for one, a new one.
// It refuses where the folder has anything in it.
func (d folder) make(origin string, from map[bundle.Purpose]string) (err error) {
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
			err = putKey(d.keyFile(what), text)
		}
		if err != nil {
			return err
		}
	}
	return os.WriteFile(d.origin(), []byte(origin+"\n"), 0o600)
}

// config reads the keys and names the log. Where a crash cut a hand-over short
// it ends that first.
func (d folder) config() (registry.Config, error) {
	text, err := os.ReadFile(d.origin())
	if errors.Is(err, os.ErrNotExist) && isFolder(d.mirrors()) {
		return registry.Config{}, fmt.Errorf("%s: mirrors of other logs are there, and no registry of its own: this is done where the log is kept", d)
	}
	if errors.Is(err, os.ErrNotExist) {
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
	c, err := d.keys(origin, "", "")
	c.HandOvers = handOvers
	return c, err
}

// keyFile is the file of the key in use.
func (d folder) keyFile(what bundle.Purpose) string {
	return map[bundle.Purpose]string{bundle.LogPurpose: d.logKey(), bundle.CosignerPurpose: d.cosignerKey(), bundle.AnswerPurpose: d.answerKey()}[what]
}

// keys reads the keys in use, but for one purpose that in another file; of none,
// where but is empty.
func (d folder) keys(origin string, but bundle.Purpose, file string) (c registry.Config, err error) {
	private, public := map[bundle.Purpose]crypto.Signer{}, map[verify.JWK]string{}
	for _, what := range bundle.Purposes {
		path := d.keyFile(what)
		if what == but {
			path = file
		}
		if private[what], err = readKey(path); err != nil {
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

// keyText returns what the file of a key is to hold: in which token it is, or a copy
// of the file named; nothing, where none is named, and a new key is to be made.
func keyText(from string) ([]byte, error) {
	switch {
	case from == "":
		return nil, nil
	case keys.InToken(from):
		return []byte(from + "\n"), nil
	}
	return keys.ReadSecret(from)
}

// putKey writes the file of a key where nothing is.
func putKey(path string, text []byte) error {
	if text == nil {
		return keys.New(path)
	}
	return keys.WriteSecret(path, text)
}

// tryKey has a key sign something, before anybody relies on it.
func tryKey(name string) error {
	key, err := readKey(name)
	if err != nil {
		return err
	}
	s, err := envelope.SignerFrom(key)
	if err == nil {
		_, err = s.SealAs(envelope.HandOver, []byte("{}"))
	}
	return err
}

// readKey returns one of the registry's own keys, from its file or from the token
// that this names.
func readKey(path string) (crypto.Signer, error) {
	key, err := keys.Open(path)
	if err != nil {
		return nil, err
	}
	if _, ok := key.Public().(ed25519.PublicKey); !ok {
		return nil, fmt.Errorf("%s: the registry's own keys are Ed25519, this is another kind", path)
	}
	return key, nil
}
