package tlog

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// receipt returns the proof of entry index in a signed tree of n entries.
func receipt(tb testing.TB, n, index int64) Proof {
	tb.Helper()
	ours, _ := trees(tb, numbered(int(n)))
	hashes, err := Inclusion(n, index, ours)
	if err != nil {
		tb.Fatal(err)
	}
	c := Checkpoint{Origin: origin, Size: n, Root: root(tb, n, ours)}
	return Proof{Index: index, Hashes: hashes, Checkpoint: cosign(tb, signed(tb, c), cosigner(tb, origin, 1), noon)}
}

func TestProof(t *testing.T) {
	log, self := logSigner(t, origin).Key(), cosigner(t, origin, 1).Key()
	for _, n := range []int64{1, 2, 7, 100} {
		p, err := ParseProof(receipt(t, n, n-1).Marshal())
		if err != nil {
			t.Fatal(err)
		}
		leaf := LeafHash(numbered(int(n))[n-1])
		c, cosigned, err := p.Open(leaf, log, self)
		if err != nil || c.Size != n || !slices.Equal(cosigned, []Cosignature{{self, noon}}) {
			t.Errorf("entry %d of %d: got %+v, %v, %v", n-1, n, c, cosigned, err)
		}
		if _, _, err := p.Open(LeafHash(nil), log); !errors.Is(err, ErrProof) {
			t.Errorf("another leaf: got %v, want ErrProof", err)
		}
		if _, _, err := p.Open(leaf, LogKey{}); !errors.Is(err, ErrSignature) {
			t.Errorf("another log: got %v, want ErrSignature", err)
		}
	}
}

func TestParseProof(t *testing.T) {
	good := string(receipt(t, 7, 5).Marshal())
	lines := strings.SplitAfter(good, "\n") // two, three hashes, an empty one, the checkpoint
	for _, c := range []struct {
		name, old, new string
		ok             bool
	}{
		{"as it is", "", "", true},
		{"other index", "index 5", "index 6", true},
		{"a hash fewer", lines[2], "", true},
		{"56 hashes", lines[2], strings.Repeat(lines[2], 54), true},
		{"57 hashes", lines[2], strings.Repeat(lines[2], 55), false},
		{"index beyond the tree", "index 5", "index 7", false},
		{"index negative", "index 5", "index -5", false},
		{"index with zero in front", "index 5", "index 05", false},
		{"two spaces", "index 5", "index  5", false},
		{"index without its name", "index 5", "5", false},
		{"no index", "index 5\n", "", false},
		{"other version", "@v1", "@v2", false},
		{"no header", proofHeader + "\n", "", false},
		{"extra line", "index", "extra YQ==\nindex", false},
		{"hash cut short", lines[2], lines[2][4:], false},
		{"hash with unused bits", lines[2], unusedBits(lines[2]), false},
		{"carriage return", "index 5\n", "index 5\r\n", false},
		{"empty line first", lines[2], "\n" + lines[2], false},
		{"no empty line", "=\n\n", "=\n", false},
		{"no checkpoint", strings.Join(lines[6:], ""), "", false},
		{"no signature", lines[10] + lines[11], "", false},
		{"line after", lines[11], lines[11] + "more\n", false},
		{"only a header", good, proofHeader + "\n", false},
		{"nothing", good, "", false},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		p, err := ParseProof([]byte(text))
		switch {
		case !c.ok && !errors.Is(err, ErrMalformed):
			t.Errorf("%s: got %+v, %v, want ErrMalformed", c.name, p, err)
		case c.ok && err != nil:
			t.Errorf("%s: got %v", c.name, err)
		case c.ok && string(p.Marshal()) != text:
			t.Errorf("%s: got %q, want %q", c.name, p.Marshal(), text)
		}
	}
}

// unusedBits spells the hash in a line a second way: the last symbol has two
// bits that mean nothing.
func unusedBits(line string) string {
	b := []byte(line)
	b[len(b)-3]++
	return string(b)
}

func FuzzParseProof(f *testing.F) {
	f.Add(receipt(f, 1, 0).Marshal())
	f.Add(receipt(f, 7, 5).Marshal())
	f.Add([]byte(proofHeader + "\nindex 0\n\n" + foreign))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseProof(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("got %v, want ErrMalformed", err)
			}
			return
		}
		if got := p.Marshal(); !bytes.Equal(got, b) {
			t.Errorf("got %q, want %q", got, b)
		}
	})
}
