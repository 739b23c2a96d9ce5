package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFile: a new key is read again, and never written over.
func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log.key")
	if err := New(name); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode() != 0o600 {
		t.Fatalf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	key, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := key.(ed25519.PrivateKey); !ok {
		t.Errorf("got a %T, want Ed25519", key)
	}
	if err := New(name); !errors.Is(err, os.ErrExist) {
		t.Errorf("a key was written over: got %v", err)
	}
}

// TestReadSecret: what others can read, change or replace is not used, and the
// reason says what to do.
func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		return name
	}
	if got, err := ReadSecret(file("sound", "secret", 0o400)); err != nil || string(got) != "secret" {
		t.Errorf("got %q, %v", got, err)
	}
	link, pipe := filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := os.Symlink(filepath.Join(dir, "sound"), link); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, want string }{
		{file("group", "secret", 0o640), "(mode 0640): chmod 600 it"},
		{file("world", "secret", 0o604), "(mode 0604): chmod 600 it"},
		{file("writable", "secret", 0o602), "(mode 0602): chmod 600 it"},
		{link, "a link"},
		{pipe, "not a file"},
		{dir, "not a file"},
		{filepath.Join(dir, "absent"), "no such file"},
		{file("long", strings.Repeat("x", secretMost+1), 0o600), "over 16384 bytes"},
	} {
		if _, err := ReadSecret(c.name); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	if os.Geteuid() == 0 { // only root can give a file away
		theirs := file("theirs", "secret", 0o600)
		if err := os.Chown(theirs, 4711, 4711); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSecret(theirs); err == nil || !strings.Contains(err.Error(), "belongs to user 4711") {
			t.Errorf("another user's: got %v", err)
		}
	}
}

// TestParse: a file holds one private key, or where it is.
func TestParse(t *testing.T) {
	block := func(kind string, key any) string {
		t.Helper()
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	one := block(pemBlock, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if _, err := parse([]byte(one)); err != nil {
		t.Error(err)
	}
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parse([]byte(block(pemBlock, long))); err != nil {
		t.Error(err) // of which kind it may be is for who uses it to say
	}
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "neither one private key"},
		{"a JWK", `{"kty":"OKP"}`, "neither one private key"},
		{"two keys", one + one, "neither one private key"},
		{"another kind of block", block("EC PRIVATE KEY", ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))), "neither one private key"},
		{"half a key", string(pem.EncodeToMemory(&pem.Block{Type: pemBlock, Bytes: []byte{48}})), "asn1"},
		{"half an address", "pkcs11:token=a\n", "module-path"},
		{"an address and more", sound + "\n" + one, "is written %XX"},
	} {
		if key, err := parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v, want %q", c.name, key, err, c.want)
		} else if strings.Contains(err.Error(), "AAAA") {
			t.Errorf("%s: it shows the key: %v", c.name, err)
		}
	}
}
