package registry

import (
	"sync"

	"tegata/verify"
)

// foldedMost is how many codes are kept folded.
const foldedMost = 1024

// folded keeps the facts of codes asked about lately, checked and folded, for as
// long as the log does not grow: what is worked out per record is not worked out
// per request. They were checked against the very head they are kept for.
type folded struct {
	mu    sync.Mutex
	size  int64 // of the log they are of
	facts map[verify.Code]verify.Facts
}

// of returns the facts about a code in the log of that size, if they are kept.
func (k *folded) of(code verify.Code, size int64) (verify.Facts, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.size != size {
		return verify.Facts{}, false
	}
	f, ok := k.facts[code]
	return f, ok
}

// keep keeps facts. Where there are too many, or the log has grown, all others
// go: a scan that comes again is soon kept again.
func (k *folded) keep(f verify.Facts) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if f.Log.Size < k.size {
		return
	}
	if f.Log.Size > k.size || len(k.facts) >= foldedMost {
		k.size, k.facts = f.Log.Size, map[verify.Code]verify.Facts{}
	}
	k.facts[f.Code] = f
}
