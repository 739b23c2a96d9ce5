package tlog

import (
	"encoding/binary"
	"fmt"
)

// MarshalBundle returns a bundle of consecutive entries: before each its length
// in two bytes, high one first (c2sp.org/tlog-tiles). It panics unless there are
// 1 to 256 entries of at most [MaxEntry] bytes each, as [TileExists] and
// [Entry.Marshal] see to.
func MarshalBundle(entries [][]byte) []byte {
	if len(entries) < 1 || len(entries) > TileWidth {
		panic(fmt.Sprintf("bundle of %d entries", len(entries)))
	}
	size := 0
	for _, e := range entries {
		if len(e) > MaxEntry {
			panic(fmt.Sprintf("bundle with an entry of %d bytes", len(e)))
		}
		size += 2 + len(e)
	}
	b := make([]byte, 0, size)
	for _, e := range entries {
		b = binary.BigEndian.AppendUint16(b, uint16(len(e)))
		b = append(b, e...)
	}
	return b
}

// ParseBundle returns the entries of a bundle, 1 to 256 of them; how many there
// must be, the path it came from says. They are parts of b, not copies.
func ParseBundle(b []byte) ([][]byte, error) {
	var entries [][]byte
	for len(b) > 0 {
		if len(entries) == TileWidth {
			return nil, fmt.Errorf("%w bundle: over %d entries", ErrMalformed, TileWidth)
		}
		if len(b) < 2 {
			return nil, fmt.Errorf("%w bundle: cut off in the length of entry %d", ErrMalformed, len(entries))
		}
		end := 2 + int(binary.BigEndian.Uint16(b))
		if len(b) < end {
			return nil, fmt.Errorf("%w bundle: cut off in entry %d", ErrMalformed, len(entries))
		}
		entries = append(entries, b[2:end:end])
		b = b[end:]
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("%w bundle: empty", ErrMalformed)
	}
	return entries, nil
}
