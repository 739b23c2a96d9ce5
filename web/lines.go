package web

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// linesMost is how many requests have a line in the log in a second where nothing
// else is asked for: what is left out of a flood is more of the same.
const linesMost = 100

// Lines are those that requests have in the log which did not fail: one of so many,
// or else as many as come up to linesMost in a second. Those that failed all have one.
type lines struct {
	of   int // one of so many has one; 0: see linesMost; less than 0: none has
	asks atomic.Uint64
	told atomic.Uint64 // the second, in Unix time, and how many have one in it: see linesBits
	left atomic.Int64  // how many were answered and had none since the last that had one
}

// linesBits are the bits of told that count.
const linesBits = 16

// next reports whether the request that begins now is to have a line.
func (l *lines) next(now time.Time) bool {
	if l.of != 0 {
		return l.of > 0 && l.asks.Add(1)%uint64(l.of) == 0
	}
	first := uint64(now.Unix())<<linesBits + 1
	for {
		had := l.told.Load()
		have := had + 1
		if have>>linesBits != first>>linesBits {
			have = first
		}
		if have-first >= linesMost {
			return false
		}
		if l.told.CompareAndSwap(had, have) {
			return true
		}
	}
}

// tell adds to what a line tells for how many others it stands.
func (l *lines) tell(line []slog.Attr) []slog.Attr {
	if l.of > 1 {
		return append(line, slog.Int("of", l.of))
	}
	if l.left.Load() > 0 {
		if left := l.left.Swap(0); left > 0 { // and no other line told them meanwhile
			line = append(line, slog.Int64("left_out", left))
		}
	}
	return line
}
