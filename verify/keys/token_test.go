//go:build cgo

package keys_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tegata/verify/keys"
	"tegata/verify/keys/keystest"
)

// The tokens of this process: SoftHSM sees those that are there when it is loaded.
var (
	home       string
	one, other keys.URI
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if home, err = os.MkdirTemp("", "keys-test-"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(home)
		for label, u := range map[string]*keys.URI{"one": &one, "an other": &other} {
			if *u, err = keystest.Token(home, label); err != nil {
				panic(err)
			}
		}
		conf, err := keystest.Store(home)
		if err != nil {
			panic(err)
		}
		os.Setenv(keystest.Setting, conf)
		return m.Run()
	}())
}

// fresh names a key that is not there yet.
func fresh(t *testing.T) keys.URI {
	t.Helper()
	u := one
	u.Object = t.Name() + "/" + rand.Text()[:4]
	return u
}

// sign signs a message and verifies the signature.
func sign(key crypto.Signer, message []byte) error {
	switch public := key.Public().(type) {
	case ed25519.PublicKey:
		sig, err := key.Sign(rand.Reader, message, crypto.Hash(0))
		if err == nil && !ed25519.Verify(public, message, sig) {
			err = fmt.Errorf("signature %x does not verify", sig)
		}
		return err
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(message)
		sig, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err == nil && !ecdsa.VerifyASN1(public, digest[:], sig) {
			err = fmt.Errorf("signature %x does not verify", sig)
		}
		return err
	default:
		return fmt.Errorf("a public key %T", public)
	}
}

// TestToken: a key made in a token is found again by its URI, by label or id, and
// signs, many at once.
func TestToken(t *testing.T) {
	for _, kind := range []keys.Kind{keys.Ed25519, keys.P256} {
		u := fresh(t)
		u.ID = "\x00\xff " + u.Object
		made, err := keys.Generate(u, kind)
		if err != nil {
			t.Fatal(err)
		}
		byLabel, byID := u, u
		byLabel.ID, byID.Object = "", ""
		byLabel.Manufacturer, byLabel.Model = "SoftHSM project", "SoftHSM v2"
		for _, u := range []keys.URI{u, byLabel, byID} {
			key, err := keys.Open(u.String())
			if err != nil {
				t.Fatal(err)
			}
			if !key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(made.Public()) {
				t.Errorf("%s: another key", u)
			}
			var all sync.WaitGroup
			for i := range 32 {
				all.Go(func() {
					if err := sign(key, fmt.Appendf(nil, "message %d", i)); err != nil {
						t.Errorf("%s %s: %v", kind, u, err)
					}
				})
			}
			all.Wait()
		}
		if _, err := keys.Generate(u, kind); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("%s: made twice: got %v", kind, err)
		}
		if _, err := made.Sign(rand.Reader, bytes.Repeat([]byte{1}, 32), map[keys.Kind]crypto.Hash{keys.Ed25519: crypto.SHA256, keys.P256: 0}[kind]); err == nil {
			t.Errorf("%s: it signs what the other kind would", kind)
		}
	}
}

// TestTokenRefuses: what is not there, or there twice, is said.
func TestTokenRefuses(t *testing.T) {
	u, _ := made(t, keys.Ed25519)
	twice := u
	for _, id := range []string{"1", "2"} {
		twice.Object, twice.ID = u.Object+"/twice", id
		if _, err := keys.Generate(twice, keys.Ed25519); id == "1" && err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		change func(*keys.URI)
		want   string
	}{
		{"another token", func(u *keys.URI) { u.Token = "two" }, `no such token is there, but "`},
		{"its serial number", func(u *keys.URI) { u.Serial = "0000" }, "no such token is there"},
		{"its maker", func(u *keys.URI) { u.Manufacturer = "nobody" }, "no such token is there"},
		{"its model", func(u *keys.URI) { u.Model = "none" }, "no such token is there"},
		{"another key", func(u *keys.URI) { u.Object += "x" }, "the token has no such key"},
		{"another id", func(u *keys.URI) { u.ID = "x" }, "the token has no such key"},
		{"no library", func(u *keys.URI) { u.Module = "/nowhere/lib.so" }, "module-path: stat /nowhere/lib.so"},
		{"another library", func(u *keys.URI) { u.Module = "/usr/bin/true" }, "module-path: it is no PKCS #11 library"},
		{"no PIN", func(u *keys.URI) { u.PIN = "" }, "pin-source: the token asks for a PIN"},
		{"PIN is not there", func(u *keys.URI) { u.PIN = home + "/nothing" }, "pin-source: open " + home + "/nothing"},
	} {
		u := u
		c.change(&u)
		if _, err := keys.Open(u.String()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	u.Object = ""
	if _, err := keys.Generate(u, keys.Ed25519); !errors.Is(err, keys.ErrURI) {
		t.Errorf("a key without a label: got %v", err)
	}
}

// TestPIN: a wrong PIN is tried once, and the right one is taken as soon as it is
// in the file.
func TestPIN(t *testing.T) {
	u := other
	u.Object = "log"
	right, err := os.ReadFile(u.PIN)
	if err != nil {
		t.Fatal(err)
	}
	u.PIN = filepath.Join(t.TempDir(), "pin")
	put := func(pin string) {
		t.Helper()
		if err := os.WriteFile(u.PIN, []byte(pin), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"the token refuses the PIN", "is not tried again", "is not tried again"} {
		put("0815")
		if _, err := keys.Generate(u, keys.Ed25519); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "0815") {
			t.Errorf("%d: got %v, want %q, without the PIN", i, err, want)
		}
	}
	put(string(right))
	key, err := keys.Generate(u, keys.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	if err := sign(key, []byte("logged in")); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(u.PIN, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(u.String()); err == nil || !strings.Contains(err.Error(), "others can read this secret") {
		t.Errorf("a PIN that others can read: got %v", err)
	}
}

// TestParsePoint: a public key is read in every form that tokens have it in, also
// where the point by itself looks like an octet string.
func TestParsePoint(t *testing.T) {
	const edwards, ec = 0x40, 0x03
	oid, name := []byte("\x06\x03\x2b\x65\x70"), []byte("\x13\x0cedwards25519")
	p256 := []byte("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")
	point := append([]byte{4, 30}, bytes.Repeat([]byte{7}, 30)...)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	for err == nil && private.X.Bytes()[0] != 63 { // 04 3f…, of 65 bytes: an octet string too
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	onP256, err := private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	in := func(b []byte) []byte { return append([]byte{4, byte(len(b))}, b...) }
	for _, c := range []struct {
		kind         uint64
		curve, point []byte
		want         crypto.PublicKey // nil: none
	}{
		{edwards, oid, in(point), ed25519.PublicKey(point)},
		{edwards, name, in(point), ed25519.PublicKey(point)},
		{edwards, oid, point, ed25519.PublicKey(point)},
		{ec, p256, in(onP256), &private.PublicKey},
		{ec, p256, onP256, &private.PublicKey},
		{ec, oid, in(point), nil},
		{edwards, p256, in(point), nil},
		{edwards, oid, in(point[:31]), nil},
		{edwards, oid, nil, nil},
		{edwards, []byte("\x06\x03\x2b\x65\x71"), in(bytes.Repeat([]byte{7}, 57)), nil}, // Ed448
		{ec, p256, in(onP256[:64]), nil},
		{0, oid, in(point), nil},
	} {
		got, err := keys.ParsePoint(c.kind, c.curve, c.point)
		if same := c.want != nil && err == nil && got.(interface{ Equal(crypto.PublicKey) bool }).Equal(c.want); same != (c.want != nil) || (err == nil) != (c.want != nil) {
			t.Errorf("%x %x %x: got %v, %v, want %v", c.kind, c.curve, c.point, got, err, c.want)
		}
	}
}

// BenchmarkSign is the cost of a signature by SoftHSM, and by a key in memory.
func BenchmarkSign(b *testing.B) {
	u := one
	u.Object = rand.Text()
	inToken, err := keys.Generate(u, keys.Ed25519)
	if err != nil {
		b.Fatal(err)
	}
	_, inMemory, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	message := bytes.Repeat([]byte{1}, 100)
	for name, key := range map[string]crypto.Signer{"token": inToken, "memory": inMemory} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := key.Sign(rand.Reader, message, crypto.Hash(0)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
