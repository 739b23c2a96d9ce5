package tlog

import (
	"os"
	"strings"
	"testing"
)

// The bytes in the package comment are bytes this code makes.
func TestSpecimens(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	ours, _ := trees(t, [][]byte{[]byte(goodEntry), []byte("tegata-entry/v1\n1795392000123\n-\neyJhbGciOiJFZERTQSJ9.e30.c2ln")})
	log, self := logSigner(t, origin), cosigner(t, origin, 2)
	checkpoint := cosign(t, signed(t, Checkpoint{Origin: origin, Size: 2, Root: root(t, 2, ours)}), self, noon)
	hashes, err := Inclusion(2, 0, ours)
	if err != nil {
		t.Fatal(err)
	}
	proof := string(Proof{Index: 0, Hashes: hashes, Checkpoint: checkpoint}.Marshal())
	if len(checkpoint) != 311 {
		t.Errorf("checkpoint of %d bytes, want 311", len(checkpoint))
	}
	for _, want := range []string{
		goodEntry,
		string(checkpoint),
		log.Key().String() + "\n" + self.Key().String(),
		strings.TrimSuffix(proof, string(checkpoint)),
		TilePath{0, 1234067, 256}.String() + "\n" + TilePath{2, 0, 17}.String() + "\n" + TilePath{EntriesLevel, 273, 112}.String(),
	} {
		block := "//\t" + strings.ReplaceAll(strings.TrimRight(want, "\n"), "\n", "\n//\t")
		block = strings.ReplaceAll(block, "//\t\n", "//\n") + "\n//\n"
		if !strings.Contains(string(doc), block) {
			t.Errorf("doc.go lacks\n%s", block)
		}
	}
}
