package status

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"tegata/verify/envelope"
)

// What we sign, npm's jose verifies, and Node's zlib unpacks. JOSE_NODE_MODULES
// names the folder jose is installed in.
func TestNode(t *testing.T) {
	folder := cmp.Or(os.Getenv("JOSE_NODE_MODULES"), "../../web/node_modules")
	if _, err := os.Stat(filepath.Join(folder, "jose", "package.json")); err != nil {
		t.Fatalf("no jose in %s, run: make tools", folder)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("no node, run: make tools")
	}
	signer := newSigner(t)
	places := map[int64]Status{0: Invalid, 1: Suspended, 3: AskOnline, 4711: Invalid, ListSize / 2: Suspended, ListSize - 1: AskOnline}
	list, err := signer.SealAs(envelope.StatusList, aList(places).Payload())
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(map[string]any{
		"jwk": signer.Key().JWK(), "list": list, "token": seal(t, aToken(nil), signer),
		"at": []int64{0, 1, 2, 3, 4710, 4711, 4712, ListSize / 2, ListSize - 2, ListSize - 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "testdata/decode.mjs", folder)
	cmd.Stdin = bytes.NewReader(input)
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	var got struct {
		Header, Claims, Short map[string]any
		Length, Others        int
		Values                []int
		Payload               string
	}
	if err := json.Unmarshal(output, &got); err != nil {
		t.Fatal(err)
	}
	kid := string(signer.Key().ID())
	want := got
	want.Header = map[string]any{"alg": "EdDSA", "kid": kid, "typ": "statuslist+jwt"}
	want.Claims = map[string]any{
		"iss": "labels.example", "sub": "https://labels.example/status/0", "ttl": 300.0,
		"iat": float64(issued.Unix()), "exp": float64(issued.Unix() + 12*3600), "status_list": map[string]any{"bits": 2.0},
	}
	want.Length, want.Others = 262144, len(places)
	want.Values = []int{1, 2, 0, 3, 0, 1, 0, 2, 0, 3}
	want.Short = map[string]any{"alg": "EdDSA", "kid": kid[:6]}
	want.Payload = string(aToken(nil).Payload())
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
