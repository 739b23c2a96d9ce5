package bench

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
)

// tessera starts the POSIX server of Tessera, a transparency log that checks
// nothing of what it enters, with a log of its own, and returns how to enter bytes
// in it; nil where tessera-conformance-posix is not installed:
//
//	go install github.com/transparency-dev/tessera/cmd/conformance/posix@v1.0.4
func (b *bench) tessera() func([]byte) {
	b.Helper()
	path, err := exec.LookPath("tessera-conformance-posix")
	if err != nil {
		return nil
	}
	private, _, err := note.GenerateKey(rand.Reader, "bench.example/log")
	if err != nil {
		b.Fatal(err)
	}
	key := filepath.Join(b.dir, "tessera.key")
	if err := os.WriteFile(key, []byte(private), 0o600); err != nil {
		b.Fatal(err)
	}
	address := b.freeAddress()
	b.serve(address, nil, path, "-storage_dir="+filepath.Join(b.dir, "tessera"), "-listen="+address, "-private_key="+key)
	return func(entry []byte) {
		answer, err := poster.Post("http://"+address+"/add", "application/octet-stream", bytes.NewReader(entry))
		if err != nil {
			b.Error(err)
			return
		}
		io.Copy(io.Discard, answer.Body)
		if answer.Body.Close(); answer.StatusCode != http.StatusOK {
			b.Errorf("tessera: got %s", answer.Status)
		}
	}
}
