package registry_test

import (
	"runtime"
	"testing"

	"tegata/registry/registrytest"
)

// TestNothingKept: what was entered is in the file, and not in memory too.
func TestNothingKept(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := live()
	const n = 3000
	k.Shelf(t, n)
	if after := live(); after > before+n*2800 { // with their transactions it is 3,700 each
		t.Errorf("got %d bytes more after %d labels", after-before, n)
	}
	k.CheckLog(t)
}
