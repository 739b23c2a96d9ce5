package witness

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"tegata/verify/tlog"
)

// Of c2sp.org/tlog-witness.
const specimen = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`

func TestParseRequestForeign(t *testing.T) {
	q, err := parseRequest([]byte(specimen))
	if err != nil {
		t.Fatal(err)
	}
	if q.old != 20852014 || len(q.proof) != 4 || q.claimed.Origin != "example.com/behind-the-sofa" || q.claimed.Size != 20852163 {
		t.Errorf("got %+v", q)
	}
	if got := string(q.marshal()); got != specimen {
		t.Errorf("got %q", got)
	}
}

// The request in the package comment is one, and its proof holds.
func TestSpecimen(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(doc), "//\told 1\n")
	block = "//\told 1\n" + strings.TrimSuffix(block, "package witness\n")
	text := strings.ReplaceAll(strings.ReplaceAll(block, "//\t", ""), "//\n", "\n")
	q, err := parseRequest([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	key, err := tlog.ParseLogKey("reg.example.jp/log+536f34ab+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c")
	if err != nil {
		t.Fatal(err)
	}
	// The first entry is the one in the comment of package tlog.
	first := tlog.LeafHash([]byte("tegata-entry/v1\n1795392000123\n4711\neyJhbGciOiJFZERTQSJ9.e30.c2ln"))
	head, _, err := tlog.OpenCheckpoint(q.checkpoint, key)
	if err != nil || tlog.CheckConsistency(q.proof, head.Size, head.Root, q.old, first) != nil {
		t.Errorf("got %+v of %+v, %v", q, head, err)
	}
}

func TestParseRequestRefuses(t *testing.T) {
	hash := "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
	change := func(old, with string) string {
		if !strings.Contains(specimen, old) {
			t.Fatalf("the specimen has no %q", old)
		}
		return strings.Replace(specimen, old, with, 1)
	}
	for what, text := range map[string]string{
		"nothing":                 "",
		"no old":                  change("old 20852014\n", ""),
		"two spaces":              change("old 2", "old  2"),
		"a leading zero":          change("old 2", "old 02"),
		"a sign":                  change("old 2", "old +2"),
		"negative":                change("old 2", "old -2"),
		"no number":               change("old 20852014", "old "),
		"too large":               change("old 20852014", "old 72057594037927937"),
		"CR LF":                   strings.ReplaceAll(specimen, "\n", "\r\n"),
		"a CR within a hash":      change("PlRN", "Pl\rRN"),
		"a short hash":            change(hash, "PlRN\n"),
		"loose bits":              change("pkaw=", "pkax="),
		"no padding":              change("pkaw=", "pkaw"),
		"64 hashes":               change(hash, strings.Repeat(hash, 61)),
		"no empty line":           change("\n\nexample", "\nexample"),
		"two empty lines":         change("\n\nexample", "\n\n\nexample"),
		"no checkpoint":           specimen[:strings.Index(specimen, "example")],
		"a checkpoint of 4 lines": change("\n20852163\n", "\n20852163\nx\n"),
		"no root":                 change("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", ""),
		"no size":                 change("20852163", "many"),
	} {
		if q, err := parseRequest([]byte(text)); !errors.Is(err, tlog.ErrMalformed) {
			t.Errorf("%s: got %+v, %v, want %v", what, q, err, tlog.ErrMalformed)
		}
	}
	if q, err := parseRequest([]byte(change(hash, strings.Repeat(hash, 60)))); err != nil || len(q.proof) != 63 {
		t.Errorf("63 hashes: got %d, %v", len(q.proof), err)
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(specimen))
	f.Add([]byte("old 0\n\nlabels.example\n1\nPH6byTDck/AfppmF7yQtn56GHzxTVaokzl70tLinDMs=\n\n— labels.example AAAAAAAA\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		q, err := parseRequest(b)
		if err != nil {
			if !errors.Is(err, tlog.ErrMalformed) {
				t.Errorf("got %v, want %v", err, tlog.ErrMalformed)
			}
			return
		}
		if got := q.marshal(); !bytes.Equal(got, b) {
			t.Errorf("got %q, want %q", got, b)
		}
	})
}
