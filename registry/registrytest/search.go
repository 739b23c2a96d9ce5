package registrytest

import (
	"context"
	"testing"
	"time"

	"tegata/registry"
)

// Indexed waits until all that was entered can be searched for.
func (k *Kit) Indexed(tb testing.TB) {
	tb.Helper()
	Indexed(tb, k.Registry)
}

// Indexed waits until all that was entered in a registry can be searched for.
func Indexed(tb testing.TB, r *registry.Registry) {
	tb.Helper()
	head := r.Head().Size
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		page, err := r.Search(context.Background(), registry.SearchQuery{Limit: 1})
		if err == nil && page.Size >= head {
			return
		}
		if time.Now().After(end) {
			tb.Fatalf("the first %d of %d entries can be searched for, %v", page.Size, head, err)
		}
	}
}
