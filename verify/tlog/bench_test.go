package tlog

import (
	"bytes"
	"testing"
)

const million = 1_000_000

// grown returns the stored hashes of n entries that differ.
func grown(tb testing.TB, n int64) stored {
	s := make(stored, 0, StoredHashCount(n))
	for i := range n {
		leaf := Hash{byte(i), byte(i >> 8), byte(i >> 16)}
		hashes, err := StoredHashes(i, leaf, s)
		if err != nil {
			tb.Fatal(err)
		}
		s = append(s, hashes...)
	}
	return s
}

func BenchmarkAppend(b *testing.B) {
	entry := bytes.Repeat([]byte("x"), 1500)
	var s stored
	b.ReportAllocs()
	for n := int64(0); b.Loop(); n++ {
		hashes, err := StoredHashes(n, LeafHash(entry), s)
		if err != nil {
			b.Fatal(err)
		}
		s = append(s, hashes...)
	}
}

func BenchmarkInclusion(b *testing.B) {
	s := grown(b, million)
	b.ReportAllocs()
	for n := int64(0); b.Loop(); n = (n + 7919) % million {
		if _, err := Inclusion(million, n, s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckInclusion(b *testing.B) {
	s := grown(b, million)
	p, err := Inclusion(million, 618_033, s)
	if err != nil {
		b.Fatal(err)
	}
	r, leaf := root(b, million, s), s[StoredHashIndex(0, 618_033)]
	b.ReportAllocs()
	for b.Loop() {
		if err := CheckInclusion(p, million, r, 618_033, leaf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenCheckpoint(b *testing.B) {
	log, self := logSigner(b, origin), cosigner(b, origin, 1)
	signed := cosign(b, signed(b, Checkpoint{Origin: origin, Size: million}), self, noon)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := OpenCheckpoint(signed, log.Key(), self.Key()); err != nil {
			b.Fatal(err)
		}
	}
}
