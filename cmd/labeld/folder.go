package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tegata/registry"
	"tegata/verify/envelope"
	"tegata/verify/tlog"
)

// A folder holds one registry: its file, the keys of its log and
// the key of its answers. The operator's
// key is not among them.
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
		if err := newKey(path); err != nil {
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
	c, err := d.keys(origin)
	c.HandOvers = handOvers
	return c, err
}

// keys reads the keys in use.
func (d folder) keys(origin string) (registry.Config, error) {
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

func config(origin string, logKey, cosignerKey, answerKey ed25519.PrivateKey) (c registry.Config, err error) {
	if c.Log, err = tlog.NewLogSigner(origin, logKey); err != nil {
		return c, err
	}
	if c.Cosigner, err = tlog.NewCosigner(origin+"/cosigner", cosignerKey); err != nil {
		return c, err
	}
	c.Answer, err = envelope.SignerFrom(answerKey)
	return c, err
}

// keyBlock is the PEM type of a PKCS #8 private key.
const keyBlock = "PRIVATE KEY"

// newKey writes a new Ed25519 key, readable by its owner only.
func newKey(path string) error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(pem.Encode(f, &pem.Block{Type: keyBlock, Bytes: der}), f.Sync(), f.Close())
}

// readKey reads a key that nobody but its owner can read.
func readKey(path string) (ed25519.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: others can read this key: chmod 600 it, and think about who has", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != keyBlock {
		return nil, fmt.Errorf("%s: not a private key in PEM", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s: the registry's own keys are Ed25519, this is another kind", path)
	}
	return private, nil
}
