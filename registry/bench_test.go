package registry_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/tlog"
)

func BenchmarkAppend(b *testing.B) {
	for _, clients := range []int{1, 256} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			k := registrytest.New(b)
			k.Begin(b)
			tokens := labels(b, k, 0, int64(b.N))
			b.ResetTimer()
			var all sync.WaitGroup
			for c := range clients {
				all.Go(func() {
					for i := c; i < b.N; i += clients {
						if _, err := k.Registry.Append(context.Background(), tokens[i]); err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "statements/s")
		})
	}
}

// BenchmarkLookup looks codes up in registries of several sizes: kept ones, ones
// that are not, and beside them what the store needs to find and copy an entry.
func BenchmarkLookup(b *testing.B) {
	for _, size := range []int{1_000, 100_000} {
		k := registrytest.New(b)
		k.Begin(b)
		k.Shelf(b, size)
		k.Reopen(b)
		if _, err := k.Registry.Append(context.Background(), k.Say(b, verify.LabelIssued, registrytest.Code(1), nil)); err != nil {
			b.Fatal(err) // once that is answered, the file was followed
		}
		n := 0
		next := func() verify.Code {
			n += 7919 // a prime: all codes in turn, none near the one before
			return registrytest.ShelfCode(n % size)
		}
		b.Run(fmt.Sprint(size, "/cold"), func(b *testing.B) {
			for b.Loop() {
				if n%(256*7919) == 0 {
					registry.Forget(k.Registry)
				}
				lookup(b, k.Registry, next())
			}
		})
		b.Run(fmt.Sprint(size, "/warm"), func(b *testing.B) {
			for b.Loop() {
				lookup(b, k.Registry, registrytest.ShelfCode(0))
			}
		})
		b.Run(fmt.Sprint(size, "/raw"), func(b *testing.B) {
			for b.Loop() {
				if len(registry.RawEntry(k.Registry, next())) == 0 {
					b.Fatal("no entry")
				}
			}
		})
	}
}

// large is a registry of 10,000 labels.
func large(b *testing.B) *registrytest.Kit {
	b.Helper()
	k := registrytest.New(b)
	k.Begin(b)
	appendAll(b, k.Registry, labels(b, k, 0, 10_000))
	return k
}

func BenchmarkRead(b *testing.B) {
	k := large(b)
	size := k.Registry.Head().Size
	b.Run("Lookup/unknown", func(b *testing.B) {
		for b.Loop() {
			lookup(b, k.Registry, registrytest.Code(10_000+rand.Int64N(10_000)))
		}
	})
	b.Run("Receipt", func(b *testing.B) {
		for b.Loop() {
			if _, err := k.Registry.Receipt(rand.Int64N(size)); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, level := range []int{tlog.EntriesLevel, 0} {
		b.Run(fmt.Sprint("Tile/level", level), func(b *testing.B) {
			for b.Loop() {
				if _, err := k.Registry.Tile(tlog.TilePath{Level: level, Index: rand.Int64N(size / 256), Width: 256}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("Audit", func(b *testing.B) {
		for b.Loop() {
			k.CheckLog(b)
		}
	})
	b.Run("Open", func(b *testing.B) {
		for b.Loop() {
			if err := k.Registry.Close(); err != nil {
				b.Fatal(err)
			}
			r, err := registry.Open(k.Path, k.Config)
			if err != nil {
				b.Fatal(err)
			}
			k.Registry = r
		}
		if err := k.Registry.Close(); err != nil {
			b.Fatal(err)
		}
	})
}
