package tlog

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

const origin = "reg.example.jp/log"

// private returns the Ed25519 key whose seed is 32 times that byte.
func private(b byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
}

func logSigner(tb testing.TB, origin string) *LogSigner {
	tb.Helper()
	s, err := NewLogSigner(origin, private(1))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func cosigner(tb testing.TB, name string, seed byte) *Cosigner {
	tb.Helper()
	c, err := NewCosigner(name, private(seed))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// The verifier key of the Go checksum database.
const goSumKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

func TestParseLogKey(t *testing.T) {
	k, err := ParseLogKey(goSumKey)
	if err != nil {
		t.Fatal(err)
	}
	if k.Name() != "sum.golang.org" || k.KeyHash() != 0x033de0ae || k.String() != goSumKey {
		t.Errorf("got %q %08x %s, want %s", k.Name(), k.KeyHash(), k, goSumKey)
	}
	for _, c := range []struct{ name, old, new string }{
		{"other id", "033de0ae", "033de0af"},
		{"id in capitals", "033de0ae", "033DE0AE"},
		{"short id", "033de0ae", "33de0ae"},
		{"other name", "golang", "go-lang"},
		{"no name", "sum.golang.org", ""},
		{"space in name", "sum.", "sum "},
		{"zero byte in name", "sum.", "sum\x00"},
		{"cosigner's type", "+Ac4z", "+BM4z"},
		{"short key", "OuAn8", "OuA="},
		{"newline in key", "OuAn8", "O\nuAn8"},
		{"newline after", "OuAn8", "OuAn8\n"},
		{"no key", "+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", ""},
		{"url alphabet", "eza+HJ", "eza-HJ"},
	} {
		text := strings.Replace(goSumKey, c.old, c.new, 1)
		if k, err := ParseLogKey(text); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %s, %v, want ErrMalformed", c.name, k, err)
		}
	}
}

func TestKeysKeepToTheirType(t *testing.T) {
	log, co := logSigner(t, origin).Key(), cosigner(t, origin, 1).Key()
	if log.KeyHash() == co.KeyHash() {
		t.Errorf("one id for both types: %08x", log.KeyHash())
	}
	if back, err := ParseLogKey(log.String()); err != nil || back != log {
		t.Errorf("got %v, %v, want %v", back, err, log)
	}
	if back, err := ParseCosignerKey(co.String()); err != nil || back != co {
		t.Errorf("got %v, %v, want %v", back, err, co)
	}
	if k, err := ParseLogKey(co.String()); !errors.Is(err, ErrMalformed) {
		t.Errorf("cosigner's key as the log's: got %v, %v", k, err)
	}
	if k, err := ParseCosignerKey(log.String()); !errors.Is(err, ErrMalformed) {
		t.Errorf("the log's key as a cosigner's: got %v, %v", k, err)
	}
	theirs, err := note.NewEd25519VerifierKey(origin, private(1).Public().(ed25519.PublicKey))
	if err != nil || log.String() != theirs {
		t.Errorf("got %s, want %s (%v)", log, theirs, err)
	}
}

func TestNewSignerRefuses(t *testing.T) {
	for _, name := range []string{"", "a b", "a+b", "a\nb", "a\u00a0b", "a\u3000b", "a\x01b", "\xff"} {
		if _, err := NewLogSigner(name, private(1)); !errors.Is(err, ErrMalformed) {
			t.Errorf("NewLogSigner(%q): got %v, want ErrMalformed", name, err)
		}
		if _, err := NewCosigner(name, private(1)); !errors.Is(err, ErrMalformed) {
			t.Errorf("NewCosigner(%q): got %v, want ErrMalformed", name, err)
		}
	}
	if _, err := NewLogSigner(origin, private(1)[:32]); !errors.Is(err, ErrMalformed) {
		t.Errorf("half a key: got %v, want ErrMalformed", err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewCosigner(origin, p256); !errors.Is(err, ErrMalformed) {
		t.Errorf("a key on P-256: got %v, want ErrMalformed", err)
	}
}

// device is a private key of which one sees only what a security module shows.
type device struct {
	crypto.Signer
	fault func(sig []byte) ([]byte, error)
}

func (d device) Sign(r io.Reader, text []byte, opts crypto.SignerOpts) ([]byte, error) {
	sig, err := d.Signer.Sign(r, text, opts)
	if err != nil {
		return nil, err
	}
	return d.fault(sig)
}

// TestDevice: what a device signs is what the key itself would, and where it does
// not sign there is no checkpoint.
func TestDevice(t *testing.T) {
	c := Checkpoint{Origin: origin, Size: 7, Root: LeafHash(nil)}
	absent := errors.New("device absent")
	for _, tt := range []struct {
		name  string
		fault func(sig []byte) ([]byte, error)
		want  []error // none: it signs
	}{
		{"sound", func(sig []byte) ([]byte, error) { return sig, nil }, nil},
		{"absent", func([]byte) ([]byte, error) { return nil, absent }, []error{ErrSigner, absent}},
		{"one bit", func(sig []byte) ([]byte, error) { sig[9] ^= 1; return sig, nil }, []error{ErrSigner}},
		{"nothing", func([]byte) ([]byte, error) { return nil, nil }, []error{ErrSigner}},
	} {
		log, err := NewLogSigner(origin, device{private(1), tt.fault})
		if err != nil {
			t.Fatal(err)
		}
		co, err := NewCosigner("witness.example/w", device{private(2), tt.fault})
		if err != nil {
			t.Fatal(err)
		}
		byHand := signed(t, c)
		got, err := Sign(c, log)
		cosigned, cerr := Cosign(byHand, co, noon)
		if tt.want == nil {
			if err != nil || !bytes.Equal(got, byHand) {
				t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, byHand)
			}
			if want := cosign(t, byHand, cosigner(t, "witness.example/w", 2), noon); cerr != nil || !bytes.Equal(cosigned, want) {
				t.Errorf("%s: got %q, %v, want %q", tt.name, cosigned, cerr, want)
			}
			continue
		}
		for _, want := range tt.want {
			if got != nil || !errors.Is(err, want) {
				t.Errorf("%s: signed %q, %v, want %v", tt.name, got, err, want)
			}
			if cosigned != nil || !errors.Is(cerr, want) {
				t.Errorf("%s: cosigned %q, %v, want %v", tt.name, cosigned, cerr, want)
			}
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	co, text := cosigner(t, origin, 2), []byte("text\n")
	sig, err := cosigning{co, 1795392000}.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	if !co.Key().Verify(text, sig) {
		t.Fatal("a good cosignature does not verify")
	}
	// The text the log signed must not pass for a cosignature's, or back.
	if logSigner(t, origin).Key().Verify(text, sig[8:]) {
		t.Error("cosignature passes for the log's signature")
	}
	beyond, err := cosigning{co, -1}.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, sig := range map[string][]byte{
		"empty": nil, "time only": sig[:8], "seven bytes": sig[:7], "short": sig[:71], "long": append(sig[:72:72], 0),
		"other time": append([]byte{0, 0, 0, 0, 0, 0, 0, 1}, sig[8:]...), "time over 2^63-1": beyond,
	} {
		if co.Key().Verify(text, sig) {
			t.Errorf("%s: got true, want false", name)
		}
	}
}
