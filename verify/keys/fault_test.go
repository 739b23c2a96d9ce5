//go:build cgo

package keys_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tegata/verify/envelope"
	"tegata/verify/keys"
	"tegata/verify/keys/keystest"
	"tegata/verify/tlog"
)

func made(t *testing.T, kind keys.Kind) (keys.URI, crypto.Signer) {
	t.Helper()
	u := fresh(t)
	key, err := keys.Generate(u, kind)
	if err != nil {
		t.Fatal(err)
	}
	return u, key
}

// TestReset: a token that forgot who had logged in signs the next message.
func TestReset(t *testing.T) {
	_, key := made(t, keys.Ed25519)
	for range 3 {
		if err := keys.CloseSessions(key); err != nil {
			t.Fatal(err)
		}
		if err := sign(key, []byte("after")); err != nil {
			t.Error(err)
		}
	}
}

// TestAway: while the token is away each signature fails, and says so; when it is
// back the next one does not.
func TestAway(t *testing.T) {
	u, key := made(t, keys.P256)
	if err := keystest.Unplug(home); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := sign(key, []byte("away")); err == nil {
			t.Error("signed by a token that is away")
		}
	}
	if _, err := keys.Open(u.String()); err == nil {
		t.Error("opened in a token that is away")
	}
	if err := keystest.Plug(home); err != nil {
		t.Fatal(err)
	}
	if err := sign(key, []byte("back")); err != nil {
		t.Error(err)
	}
}

// faulty returns the key by way of a library whose token gets as ill as is said.
func faulty(t *testing.T, u keys.URI) (key crypto.Signer, get func(state string)) {
	t.Helper()
	headers, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/miekg/pkcs11").Output()
	if err != nil {
		t.Fatal(err)
	}
	u.Module = filepath.Join(t.TempDir(), "faulty.so")
	if said, err := exec.Command("gcc", "-shared", "-fPIC", "-Wall", "-I"+strings.TrimSpace(string(headers)), "-o", u.Module, "testdata/faulty.c", "-ldl").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	control := filepath.Join(t.TempDir(), "state")
	t.Setenv("FAULTY", control)
	t.Setenv("SOFTHSM", keystest.Library)
	get = func(state string) {
		if err := os.WriteFile(control+".new", []byte(state), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(control+".new", control); err != nil {
			t.Fatal(err)
		}
	}
	get("sound")
	if key, err = keys.Open(u.String()); err != nil {
		t.Fatal(err)
	}
	return key, get
}

// TestFaulty: what an ill token makes is never used, and one that hangs holds up
// nobody but who asked first.
func TestFaulty(t *testing.T) {
	u, well := made(t, keys.Ed25519)
	key, get := faulty(t, u)
	log, err := tlog.NewLogSigner("labels.example", key)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := envelope.SignerFrom(key)
	if err != nil {
		t.Fatal(err)
	}
	head := tlog.Checkpoint{Origin: "labels.example", Size: 1, Root: tlog.LeafHash(nil)}
	try := func(state string, want error) {
		t.Helper()
		get(state)
		for range 2 {
			if signed, err := tlog.Sign(head, log); !errors.Is(err, want) || (signed == nil) != (want != nil) {
				t.Errorf("%s: got %q, %v, want %v", state, signed, err, want)
			}
		}
		want = map[bool]error{true: envelope.ErrSigner}[want != nil]
		if token, err := answer.Seal([]byte(`{}`)); !errors.Is(err, want) || (token == "") != (want != nil) {
			t.Errorf("%s: got %q, %v, want %v", state, token, err, want)
		}
	}
	try("sound", nil)
	try("gone", tlog.ErrSigner)
	try("sound", nil)
	try("wrong", tlog.ErrSigner)
	try("sound", nil)

	keys.SetTime(key, 20*time.Millisecond)
	get("hangs")
	if _, err := key.Sign(rand.Reader, []byte("first"), crypto.Hash(0)); err == nil || !strings.Contains(err.Error(), "does not answer within 20ms") {
		t.Errorf("hangs: got %v", err)
	}
	keys.SetTime(key, time.Hour)
	for range 100 {
		if _, err := key.Sign(rand.Reader, []byte("next"), crypto.Hash(0)); err == nil || !strings.Contains(err.Error(), "since it was asked before") {
			t.Fatalf("hangs: got %v", err)
		}
	}
	if got := keys.Late(key); got != 1 {
		t.Errorf("%d questions are open, want 1", got)
	}
	get("sound")
	for keys.Late(key) > 0 {
		runtime.Gosched()
	}
	sig, err := key.Sign(rand.Reader, []byte("at last"), crypto.Hash(0))
	if err != nil || !ed25519.Verify(well.Public().(ed25519.PublicKey), []byte("at last"), sig) {
		t.Errorf("well again: got %x, %v", sig, err)
	}
}
