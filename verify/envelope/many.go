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

// together is how many signatures are compared at once, at most: by then the part that
// each has in the division is small.
const together = 32

// VerifyAll opens tokens of statements and verifies each with the key that it names,
// where keys knows it: every signature by itself, on as many cores as there are. An
// equation for many signatures at once would take some that one for each refuses.
// keys is asked by several at once.
func VerifyAll(tokens []string, keys func(verify.KeyID) (Key, bool)) []Checked {
	out := make([]Checked, len(tokens))
	cores := min(runtime.GOMAXPROCS(0), len(tokens))
	var next atomic.Int64
	var all sync.WaitGroup
	for range cores {
		all.Go(func() {
			n := min(together, (len(tokens)+cores-1)/cores)
			for to := int(next.Add(int64(n))); to-n < len(tokens); to = int(next.Add(int64(n))) {
				from, to := to-n, min(to, len(tokens))
				check(out[from:to], tokens[from:to], keys)
			}
		})
	}
	all.Wait()
	return out
}

// check fills out, of as many as there are tokens.
func check(out []Checked, tokens []string, keys func(verify.KeyID) (Key, bool)) {
	begun := make([]Begun, len(tokens))
	left := make([]*Begun, 0, len(tokens))
	for i, token := range tokens {
		c := &out[i]
		if c.Envelope, c.Err = Statement.openWhole(token); c.Err != nil {
			continue
		}
		var key Key
		if key, c.Known = keys(c.KeyID); c.Known {
			begun[i], c.Err = c.Begin(key)
			left = append(left, &begun[i])
		}
	}
	Compare(left...)
	for i := range out {
		if c := &out[i]; c.Known && c.Err == nil {
			c.Err = begun[i].Err()
		}
	}
}
