package tlog

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTakeCosignature(t *testing.T) {
	c := Checkpoint{Origin: origin, Size: 7, Root: LeafHash(nil)}
	log, self := logSigner(t, origin).Key(), cosigner(t, origin, 2)
	one, two := cosigner(t, "one.example", 3), cosigner(t, "two.example", 4)
	bare := signed(t, c)
	published := cosign(t, cosign(t, bare, one, noon), self, noon)
	from := cosign(t, cosign(t, bare, two, noon), one, noon.Add(time.Hour))

	got, err := TakeCosignature(published, from, one.Key())
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(got), "\n— "); n != 3 {
		t.Errorf("got %d lines, want those of log, self and one:\n%s", n, got)
	}
	head, cosigned, err := OpenCheckpoint(got, log, one.Key(), two.Key(), self.Key())
	slices.SortFunc(cosigned, func(a, b Cosignature) int { return a.Time.Compare(b.Time) })
	want := []Cosignature{{self.Key(), noon}, {one.Key(), noon.Add(time.Hour)}}
	if err != nil || head != c || !slices.Equal(cosigned, want) {
		t.Errorf("got %v, %v, %v, want %v", head, cosigned, err, want)
	}

	other := signed(t, Checkpoint{Origin: origin, Size: 8, Root: c.Root})
	for _, r := range []struct {
		what     string
		to, from []byte
		want     error
	}{
		{"no such line", published, bare, ErrSignature},
		{"another checkpoint", published, cosign(t, other, one, noon), ErrSignature},
		{"not a note", published, []byte("x"), ErrMalformed},
		{"to what is not a note", nil, from, ErrMalformed},
	} {
		if b, err := TakeCosignature(r.to, r.from, one.Key()); !errors.Is(err, r.want) || b != nil {
			t.Errorf("%s: got %q, %v, want %v", r.what, b, err, r.want)
		}
	}
}
