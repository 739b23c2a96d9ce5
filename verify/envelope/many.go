package envelope

import (
	"runtime"
	"sync"
	"sync/atomic"

	"tegata/verify"
)

// A Checked is one of many tokens: what [Open] made of it, and what
// [Envelope.Verify] then said.
type Checked struct {
	Envelope
	Err   error
	Known bool // the key that it names was known, so that Err is of Verify too
}

// VerifyAll opens tokens of statements and verifies each with the key that it names,
// where keys knows it: every signature by itself, on as many cores as there are. An
// equation for many signatures at once would take some that one for each refuses.
// keys is asked by several at once.
func VerifyAll(tokens []string, keys func(verify.KeyID) (Key, bool)) []Checked {
	out := make([]Checked, len(tokens))
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(tokens)) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(tokens)); i = next.Add(1) - 1 {
				out[i] = check(tokens[i], keys)
			}
		})
	}
	all.Wait()
	return out
}

func check(token string, keys func(verify.KeyID) (Key, bool)) (c Checked) {
	if c.Envelope, c.Err = Statement.openWhole(token); c.Err != nil {
		return c
	}
	var key Key
	if key, c.Known = keys(c.KeyID); c.Known {
		c.Err = c.Verify(key)
	}
	return c
}
