package envelope

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"tegata/verify"
)

// What we seal, npm's jose verifies; what it seals, we do; in all three
// algorithms. JOSE_NODE_MODULES names the folder it is installed in.
func TestNodeJose(t *testing.T) {
	folder := cmp.Or(os.Getenv("JOSE_NODE_MODULES"), "../../web/node_modules")
	if _, err := os.Stat(filepath.Join(folder, "jose", "package.json")); err != nil {
		t.Fatalf("no jose in %s, run: make tools", folder)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("no node, run: make tools")
	}

	ed, p256 := newSigner(t, "Ed25519"), newSigner(t, "P-256")
	const payload = `{"kind":"label.issued","name":{"ja":"青葉"}}`
	renamed := signed(t, ed.private, header("Ed25519", ed.key.id), payload)
	bent := renamed
	bent.signature = append([]byte{bent.signature[0] ^ 1}, bent.signature[1:]...)
	type item struct {
		Token string     `json:"token"`
		JWK   verify.JWK `json:"jwk"`
	}
	ours := []item{
		{seal(t, ed, payload), ed.key.jwk},
		{seal(t, p256, payload), p256.key.jwk},
		{renamed.token(), ed.key.jwk},
		{bent.token(), ed.key.jwk},
	}
	input, err := json.Marshal(ours)
	if err != nil {
		t.Fatal(err)
	}

	cmd := exec.Command(node, "testdata/jose.mjs", folder)
	cmd.Stdin = bytes.NewReader(input)
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	var theirs struct {
		Verified []struct {
			Header         struct{ Alg, Kid, Typ string }
			Payload, Error string
		}
		Sealed []struct {
			Private json.RawMessage
			Token   string
		}
	}
	if err := json.Unmarshal(output, &theirs); err != nil {
		t.Fatal(err)
	}

	algs := []string{"EdDSA", "ES256", "Ed25519", ""}
	if len(theirs.Verified) != len(ours) {
		t.Fatalf("got %d answers, want %d", len(theirs.Verified), len(ours))
	}
	for i, v := range theirs.Verified {
		if algs[i] == "" {
			if v.Error != "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" {
				t.Errorf("bent signature: got %+v, want it refused", v)
			}
			continue
		}
		e := open(t, ours[i].Token)
		if v.Error != "" || v.Payload != payload || v.Header.Alg != algs[i] || v.Header.Kid != string(e.KeyID) || v.Header.Typ != Statement.typ {
			t.Errorf("%s: got %+v, want it verified", algs[i], v)
		}
	}

	algs = []string{"EdDSA", "Ed25519", "ES256"}
	if len(theirs.Sealed) != len(algs) {
		t.Fatalf("got %d tokens, want %d", len(theirs.Sealed), len(algs))
	}
	for i, s := range theirs.Sealed {
		signer, err := ParsePrivate(s.Private)
		if err != nil {
			t.Errorf("%s: %v", algs[i], err)
			continue
		}
		e := open(t, s.Token)
		if want := `{"sealed":"` + algs[i] + `"}`; e.Algorithm != algs[i] || string(e.Payload) != want {
			t.Errorf("got %s %s, want %s %s", e.Algorithm, e.Payload, algs[i], want)
		}
		if err := e.Verify(signer.Key()); err != nil {
			t.Errorf("%s: %v", algs[i], err)
		}
	}
}

func seal(t testing.TB, s *Signer, payload string) string {
	t.Helper()
	token, err := s.Seal([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return token
}
