package tlog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Bytes of another implementation (183 of them; its key is not known here).
const foreign = `reg.example.jp/log
1
PH6byTDck/AfppmF7yQtn56GHzxTVaokzl70tLinDMs=

— reg.example.jp/log e5kPOP66x8A4l04dWP7doGrV4YvFMVpMJtiN/J9f9a/LLQ9CkXW+WR3Ru0zCBVAmbGQrYxGF2yy42LUPdf/emUJdqQE=
`

// Of c2sp.org/tlog-cosignature, with a cosignature made at 1679315147.
const specimen = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func signed(tb testing.TB, c Checkpoint) []byte {
	tb.Helper()
	b, err := Sign(c, logSigner(tb, c.Origin))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func cosign(tb testing.TB, b []byte, by *Cosigner, at time.Time) []byte {
	tb.Helper()
	b, err := Cosign(b, by, at)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestCheckpointForeign(t *testing.T) {
	_, c, err := readNote([]byte(foreign))
	if err != nil {
		t.Fatal(err)
	}
	if c.Origin != origin || c.Size != 1 || !strings.HasPrefix(foreign, c.Marshal()+"\n") {
		t.Errorf("got %+v", c)
	}
	if got, want := len(signed(t, c)), len(foreign); got != want {
		t.Errorf("ours is %d bytes, want %d", got, want)
	}
	with := cosign(t, []byte(foreign), cosigner(t, origin, 2), noon)
	if !strings.HasPrefix(string(with), foreign) || len(with) != 311 {
		t.Errorf("cosigned: got %d bytes %q, want 311 that begin with the signed ones", len(with), with)
	}
	n, c, err := readNote([]byte(specimen))
	if err != nil || c.Size != 20852163 || len(n.UnverifiedSigs) != 2 {
		t.Fatalf("got %+v, %v", c, err)
	}
	if at, err := signedAt(n.UnverifiedSigs[1]); err != nil || at.Unix() != 1679315147 {
		t.Errorf("cosigned at %v, %v, want 1679315147", at, err)
	}
}

func TestParseCheckpoint(t *testing.T) {
	good, _, _ := strings.Cut(foreign, "\n\n")
	good += "\n"
	for _, c := range []struct {
		name, old, new string
		ok             bool
	}{
		{"as it is", "", "", true},
		{"empty tree", "\n1\n", "\n0\n", true},
		{"largest", "\n1\n", "\n72057594037927936\n", true},
		{"over the largest", "\n1\n", "\n72057594037927937\n", false},
		{"over 64 bits", "\n1\n", "\n18446744073709551616\n", false},
		{"size negative", "\n1\n", "\n-1\n", false},
		{"size with sign", "\n1\n", "\n+1\n", false},
		{"size with zero in front", "\n1\n", "\n01\n", false},
		{"no size", "\n1\n", "\n\n", false},
		{"no origin", origin, "", false},
		{"extension line", "DMs=\n", "DMs=\nmore\n", false},
		{"empty line", "DMs=\n", "DMs=\n\n", false},
		{"no final newline", "DMs=\n", "DMs=", false},
		{"a fourth line begun", "DMs=\n", "DMs=\nmore", false},
		{"short root", "PH6b", "", false},
		{"long root", "PH6b", "PH6bPH6b", false},
		{"no padding", "DMs=", "DMs", false},
		{"unused bits", "DMs=", "DMt=", false},
		{"carriage return", "DMs=\n", "DMs=\r\n", false},
	} {
		body := strings.Replace(good, c.old, c.new, 1)
		cp, err := ParseCheckpoint(body)
		switch {
		case !c.ok && !errors.Is(err, ErrMalformed):
			t.Errorf("%s: got %+v, %v, want ErrMalformed", c.name, cp, err)
		case c.ok && err != nil:
			t.Errorf("%s: got %v", c.name, err)
		case c.ok && cp.Marshal() != body:
			t.Errorf("%s: got %q, want %q", c.name, cp.Marshal(), body)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	for name, c := range map[string]Checkpoint{
		"other origin": {Origin: "reg.example.uk/log"},
		"no origin":    {},
		"size below 0": {Origin: origin, Size: -1},
		"size too big": {Origin: origin, Size: MaxSize + 1},
	} {
		if b, err := Sign(c, logSigner(t, origin)); err == nil {
			t.Errorf("%s: got %q, want an error", name, b)
		}
	}
	good := signed(t, Checkpoint{Origin: origin})
	if b, err := Cosign(good, cosigner(t, "w", 2), time.Unix(-1, 0)); err == nil {
		t.Errorf("before 1970: got %q, want an error", b)
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "no signature": []byte(Checkpoint{Origin: origin}.Marshal() + "\n"),
		"not a checkpoint": bytes.Replace(good, []byte("\n0\n"), []byte("\nx\n"), 1),
	} {
		if b, err := Cosign(b, cosigner(t, "w", 2), noon); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %q, %v, want ErrMalformed", name, b, err)
		}
	}
}

func TestCosignReplaces(t *testing.T) {
	c := Checkpoint{Origin: origin, Size: 7, Root: LeafHash(nil)}
	self, witness := cosigner(t, origin, 1), cosigner(t, "witness.example/w", 2)
	b := cosign(t, cosign(t, cosign(t, signed(t, c), self, noon), witness, noon), self, noon.Add(90*time.Second))
	got, cosigned, err := OpenCheckpoint(b, logSigner(t, origin).Key(), witness.Key(), self.Key(), self.Key())
	if err != nil || got != c {
		t.Fatalf("got %+v, %v, want %+v", got, err, c)
	}
	want := []Cosignature{{witness.Key(), noon}, {self.Key(), noon.Add(90 * time.Second)}}
	if !slices.Equal(cosigned, want) {
		t.Errorf("got %v, want %v", cosigned, want)
	}
	if lines := strings.Split(string(b), "\n"); !strings.HasPrefix(lines[4], "— "+origin+" ") || len(lines) != 8 {
		t.Errorf("the log's line is not the first of three:\n%s", b)
	}
}

func TestOpenCheckpoint(t *testing.T) {
	c := Checkpoint{Origin: origin, Size: 7, Root: LeafHash(nil)}
	log, witness := logSigner(t, origin), cosigner(t, "witness.example/w", 2)
	good := cosign(t, signed(t, c), witness, noon)
	lines := strings.SplitAfter(string(good), "\n") // three, an empty one, two signatures
	stranger := cosign(t, good, cosigner(t, "stranger", 3), noon)
	strangers := good
	for i := range 98 {
		strangers = cosign(t, strangers, cosigner(t, fmt.Sprintf("stranger%d", i), 3), noon)
	}
	other, err := NewLogSigner(origin, private(9))
	if err != nil {
		t.Fatal(err)
	}
	byOther, err := Sign(c, other)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := Checkpoint{Origin: "reg.example.uk/log", Size: 7}
	mixed := []byte(elsewhere.Marshal() + "\n")
	sig, err := log.Sign([]byte(elsewhere.Marshal()))
	if err != nil {
		t.Fatal(err)
	}
	mixed = append(mixed, signatureLine(log.Key().publicKey, sig)...)

	for _, x := range []struct {
		name     string
		b        string
		cosigned int
		err      error
	}{
		{"as it is", string(good), 1, nil},
		{"no cosignature", strings.Join(lines[:5], ""), 0, nil},
		{"cosignature first", strings.Join(lines[:4], "") + lines[5] + lines[4], 1, nil},
		{"by a stranger too", string(stranger), 1, nil},
		{"by 98 strangers too", string(strangers), 1, nil},
		{"a line twice", string(good) + lines[5], 1, nil},
		{"cosignature only", strings.Join(lines[:4], "") + lines[5], 0, ErrSignature},
		{"by another key of the same name", string(byOther), 0, ErrSignature},
		{"other size", strings.Replace(string(good), "\n7\n", "\n8\n", 1), 0, ErrSignature},
		{"the log's line wrong", spoil(lines, 4), 0, ErrSignature},
		{"the witness's line wrong", spoil(lines, 5), 0, ErrSignature},
		{"origin is not the key's name", string(mixed), 0, ErrSignature},
		{"no signature", strings.Join(lines[:4], ""), 0, ErrMalformed},
		{"no empty line", strings.Join(lines[:3], "") + lines[4], 0, ErrMalformed},
		{"no final newline", strings.TrimSuffix(string(good), "\n"), 0, ErrMalformed},
		{"carriage returns", strings.ReplaceAll(string(good), "\n", "\r\n"), 0, ErrMalformed},
		{"hyphen for the dash", strings.ReplaceAll(string(good), "— ", "- "), 0, ErrMalformed},
		{"extension line", strings.Replace(string(good), "\n\n", "\nmore\n\n", 1), 0, ErrMalformed},
		{"nothing", "", 0, ErrMalformed},
	} {
		got, cosigned, err := OpenCheckpoint([]byte(x.b), log.Key(), witness.Key())
		switch {
		case x.err != nil && !errors.Is(err, x.err):
			t.Errorf("%s: got %v, want %v", x.name, err, x.err)
		case x.err != nil && (got != Checkpoint{} || cosigned != nil):
			t.Errorf("%s: got %+v, %v beside an error", x.name, got, cosigned)
		case x.err == nil && (err != nil || got != c || len(cosigned) != x.cosigned):
			t.Errorf("%s: got %+v, %v, %v, want %+v and %d cosignatures", x.name, got, cosigned, err, c, x.cosigned)
		}
	}
}

// spoil changes the signature (not the key id) in one line.
func spoil(lines []string, i int) string {
	lines = slices.Clone(lines)
	b := []byte(lines[i])
	at := len(b) - 20
	if b[at]++; !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", rune(b[at])) {
		b[at] = 'A'
	}
	lines[i] = string(b)
	return strings.Join(lines, "")
}

func FuzzParseCheckpoint(f *testing.F) {
	log, witness := logSigner(f, origin), cosigner(f, "witness.example/w", 2)
	good := cosign(f, signed(f, Checkpoint{Origin: origin, Size: 7, Root: LeafHash(nil)}), witness, noon)
	f.Add(good)
	f.Add([]byte(foreign))
	f.Add([]byte(specimen))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, c, err := readNote(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("got %v, want ErrMalformed", err)
			}
			return
		}
		if !bytes.HasPrefix(b, []byte(c.Marshal()+"\n— ")) {
			t.Errorf("got %q, want the beginning of %q", c.Marshal(), b)
		}
		// The log signs one text here, so nothing else may open.
		if got, _, err := OpenCheckpoint(b, log.Key(), witness.Key()); err == nil && !bytes.HasPrefix(good, []byte(got.Marshal())) {
			t.Errorf("never signed, yet opened: %q", b)
		}
		again, err := Cosign(b, witness, noon)
		if err != nil {
			return // a hundred lines already
		}
		if _, c2, err := readNote(again); err == nil && c2 != c {
			t.Errorf("cosigned: got %+v, want %+v", c2, c)
		}
	})
}
