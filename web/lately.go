package web

import "sync"

// lately keeps what was asked for lately, up to so many bytes and so many of them.
// What was not asked for since half of what is kept was is forgotten.
type lately[K comparable, V interface {
	name() K     // under which it is kept
	weight() int // bytes, about
}] struct {
	mu           sync.RWMutex
	young, old   map[K]V
	bytes        int // of the young
	most, number int // bytes and names, at most, of both
}

func (k *lately[K, V]) of(name K) (v V, ok bool) {
	k.mu.RLock()
	v, ok = k.young[name]
	if ok {
		k.mu.RUnlock()
		return v, true
	}
	v, ok = k.old[name]
	k.mu.RUnlock()
	if ok {
		k.keep(v)
	}
	return v, ok
}

func (k *lately[K, V]) keep(v V) {
	name, weight := v.name(), v.weight()
	if weight > k.most/16 {
		return // one of them is not to push out many
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if had, ok := k.young[name]; ok {
		k.bytes -= had.weight()
	} else if k.young == nil || k.bytes+weight > k.most/2 || len(k.young) >= k.number/2 {
		k.young, k.old, k.bytes = map[K]V{}, k.young, 0
	}
	k.young[name] = v
	k.bytes += weight
}
