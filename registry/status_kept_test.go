package registry

import (
	"testing"
	"time"
)

// Whoever asks about one past instant after another pushes out what was asked
// about the past, and not the present.
func TestListingsKept(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	at := func(size int64, t time.Time) *listing { return &listing{size: size, at: t, until: t.Add(time.Second)} }
	var k listings
	present := at(9, now)
	k.keep(present)
	for n := range 20 {
		k.keep(at(9, now.AddDate(0, 0, -n-1)))
		k.keep(at(int64(n%8), now.AddDate(0, 0, n)))
	}
	if len(k.kept) != listingsKept {
		t.Errorf("%d listings are kept, want %d", len(k.kept), listingsKept)
	}
	if k.find(9, now) != present {
		t.Error("the present listing is gone")
	}
	grown := at(10, now.Add(time.Hour))
	k.keep(grown)
	for n := range 20 {
		k.keep(at(1, now.AddDate(0, 0, -n-1)))
	}
	if k.find(10, now.Add(time.Hour)) != grown || k.find(9, now) != nil {
		t.Error("once the log has grown the former present is the past")
	}
}
