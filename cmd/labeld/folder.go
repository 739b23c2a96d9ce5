package main

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tegata/registry"
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
func (d folder) socket() string      { return filepath.Join(string(d), "control.sock") }

// make makes the folder with new keys. It refuses where the folder has anything
// in it.
func (d folder) make(origin string) (err error) {
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
	for _, path := range []string{d.logKey(), d.cosignerKey(), d.answerKey()} {
		if err := keys.New(path); err != nil {
			return err
		}
	}
	return os.WriteFile(d.origin(), []byte(origin+"\n"), 0o600)
}

// config reads the keys and names the log. Where a crash cut a hand-over short
// it ends that first.
func (d folder) config() (registry.Config, error) {
	text, err := os.ReadFile(d.origin())
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
	c, err := d.inUse(origin)
	c.HandOvers = handOvers
	return c, err
}

// inUse reads the keys in use.
func (d folder) inUse(origin string) (registry.Config, error) {
	logKey, err := readKey(d.logKey())
	if err != nil {
		return registry.Config{}, err
	}
	cosignerKey, err := readKey(d.cosignerKey())
	if err != nil {
		return registry.Config{}, err
	}
	answerKey, err := readKey(d.answerKey())
	if err != nil {
		return registry.Config{}, err
	}
	return config(origin, logKey, cosignerKey, answerKey)
}

func config(origin string, logKey, cosignerKey, answerKey crypto.Signer) (c registry.Config, err error) {
	if c.Log, err = tlog.NewLogSigner(origin, logKey); err != nil {
		return c, err
	}
	if c.Cosigner, err = tlog.NewCosigner(origin+"/cosigner", cosignerKey); err != nil {
		return c, err
	}
	c.Answer, err = envelope.SignerFrom(answerKey)
	return c, err
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
