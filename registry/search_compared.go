package registry

import (
	"bytes"
	"sync"

	"tegata/verify"
)

// comparedMost is how many texts are kept that were compared with the log.
const comparedMost = 4096

// compared keeps texts of the index that are what the log says: folding a
// record's words is most of what a hit costs.
type compared struct {
	mu    sync.Mutex
	texts map[verify.Code]comparedText
}

// A comparedText is what so many entries about a code say.
type comparedText struct {
	entries int
	text    []byte
}

// same reports whether the text of the index is what the entries of the facts,
// as far as they are among the first size of the log, say.
func (c *compared) same(f verify.Facts, size int64, stored []byte) bool {
	n := len(f.Entries)
	for n > 0 && f.Entries[n-1].Index >= size {
		n--
	}
	c.mu.Lock()
	have, ok := c.texts[f.Code]
	c.mu.Unlock()
	if ok && have.entries == n {
		return bytes.Equal(have.text, stored)
	}
	said := textOf(f.Code, f.Entries[:n])
	text := said.marshal()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.texts == nil || len(c.texts) >= comparedMost {
		c.texts = map[verify.Code]comparedText{}
	}
	c.texts[f.Code] = comparedText{n, text}
	return bytes.Equal(text, stored)
}
