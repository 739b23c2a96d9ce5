package keys

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// Open returns the private key in a file, or that which name is the URI of: of
// Ed25519, or on P-256. A key in a token has been found there when Open returns,
// and its public half read.
func Open(name string) (crypto.Signer, error) {
	if InToken(name) {
		return openURI(name)
	}
	text, err := ReadSecret(name)
	if err != nil {
		return nil, err
	}
	key, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}

// InToken reports whether a setting is the URI of a key in a token, and not the
// name of a file.
func InToken(name string) bool { return strings.HasPrefix(name, scheme) }

func openURI(text string) (crypto.Signer, error) {
	u, err := ParseURI(text)
	if err != nil {
		return nil, err
	}
	return u.open()
}

// pemBlock is the PEM type of a PKCS #8 private key.
const pemBlock = "PRIVATE KEY"

// parse reads what is in a key's file.
func parse(text []byte) (crypto.Signer, error) {
	if line := strings.TrimRight(string(text), "\r\n"); InToken(line) {
		return openURI(line)
	}
	block, rest := pem.Decode(text)
	if block == nil || block.Type != pemBlock || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("neither one private key in PEM (PKCS #8) nor the pkcs11: URI of one")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	private, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T signs nothing", key)
	}
	return private, nil
}

// New writes a new Ed25519 key to a file that is not there yet, as [WriteSecret]
// does.
func New(path string) error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	return WriteSecret(path, pem.EncodeToMemory(&pem.Block{Type: pemBlock, Bytes: der}))
}

// WriteSecret writes a file that is not there yet, readable by its owner alone,
// and returns once it would outlast a loss of power.
func WriteSecret(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// secretMost is the size of the largest secret that is read, in bytes.
const secretMost = 16 << 10

// ReadSecret reads a file that nobody but its owner can read, who is the user this
// process runs as, or root. A link is not followed: whoever can change where it
// leads could put another key in the place of this one.
func ReadSecret(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s: a link, and a secret is read from where it is: name that file", path)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	owner := int(info.Sys().(*syscall.Stat_t).Uid)
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a file", path)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%s: others can read this secret (mode %04o): chmod 600 it, and think about who has", path, info.Mode().Perm())
	case owner != os.Geteuid() && owner != 0:
		return nil, fmt.Errorf("%s: it belongs to user %d, who can change it: run this as that user, or chown it to user %d", path, owner, os.Geteuid())
	case info.Size() > secretMost:
		return nil, fmt.Errorf("%s: over %d bytes, no secret is that long", path, secretMost)
	}
	return io.ReadAll(io.LimitReader(f, secretMost))
}
