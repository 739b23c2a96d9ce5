package registry

import (
	"encoding/binary"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// A record's place in the search index is the index of its first entry, so that
// newer records stand after older ones. Places stand in blocks of blockSpan; a
// row of the term bucket has the places of one block in which a record has the
// term. Blocks come first in keys: the rows of the block that grows stand
// together at the end.
//
//	bucket  key                          value
//	about   "position"                   see position
//	text    place                        what the record is found by (see searchText.marshal)
//	term    block (4 bytes), term (6)    offsets in the block, growing, as uvarints of their differences
const blockSpan = 1 << 14

// Names of buckets of the search index. They are stored: never renamed, never
// reused.
var (
	aboutBucket = []byte("about")
	textBucket  = []byte("text")
	termBucket  = []byte("term")

	searchBuckets = [][]byte{aboutBucket, textBucket, termBucket}
)

func blockOf(place int64) uint32 { return uint32(place / blockSpan) }

func termKey(block uint32, t searchTerm) []byte {
	key := binary.BigEndian.AppendUint32(make([]byte, 0, 12), block)
	return append(key, byte(t>>40), byte(t>>32), byte(t>>24), byte(t>>16), byte(t>>8), byte(t))
}

// marshalOffsets is a row: offsets that grow.
func marshalOffsets(offsets []uint16) []byte {
	b := make([]byte, 0, len(offsets)+8)
	last := uint16(0)
	for _, o := range offsets {
		b = binary.AppendUvarint(b, uint64(o-last))
		last = o
	}
	return b
}

var errRow = fmt.Errorf("%w: search index: a row is not one", ErrDamaged)

// parseOffsets adds the offsets of a row. What is not one is damage.
func parseOffsets(offsets []uint16, b []byte) ([]uint16, error) {
	last := uint64(0)
	for first := true; len(b) > 0; first = false {
		n, k := uint64(b[0]), 1
		if n >= 0x80 {
			n, k = binary.Uvarint(b)
		}
		last += n
		if k <= 0 || n >= blockSpan || last >= blockSpan || n == 0 && !first {
			return nil, errRow
		}
		offsets = append(offsets, uint16(last))
		b = b[k:]
	}
	return offsets, nil
}

// A termReader reads rows of terms, and keeps what it needs for that.
type termReader struct {
	bucket *bolt.Bucket
	rows   [][]byte
	a      []uint16
}

// all returns the offsets in the block that have every one of the terms, which
// are some. They are good until it is called again.
func (r *termReader) all(block uint32, terms []searchTerm) (_ []uint16, err error) {
	r.rows = r.rows[:0]
	for _, t := range terms {
		row := r.bucket.Get(termKey(block, t))
		if row == nil {
			return nil, nil
		}
		r.rows = append(r.rows, row)
	}
	slices.SortFunc(r.rows, func(a, b []byte) int { return len(a) - len(b) })
	if r.a, err = parseOffsets(r.a[:0], r.rows[0]); err != nil {
		return nil, err
	}
	for _, row := range r.rows[1:] {
		if r.a, err = common(r.a, row); err != nil {
			return nil, err
		}
	}
	return r.a, nil
}

// common leaves in a what is in a row too. It reads the row no further than it has
// to: of long rows that is what most of a search takes.
func common(a []uint16, row []byte) ([]uint16, error) {
	if len(a) == 0 {
		return a, nil
	}
	kept, next, want, last := 0, 1, uint64(a[0]), uint64(0)
	for at := 0; at < len(row); {
		n, k := uint64(row[at]), 1
		if n >= 0x80 {
			if n, k = binary.Uvarint(row[at:]); k <= 0 || n >= blockSpan {
				return nil, errRow
			}
		} else if n == 0 && at > 0 {
			return nil, errRow
		}
		at += k
		if last += n; last < want {
			continue
		}
		if last >= blockSpan {
			return nil, errRow
		}
		for last >= want {
			if last == want {
				a[kept] = uint16(want)
				kept++
			}
			if next == len(a) {
				return a[:kept], nil
			}
			want = uint64(a[next])
			next++
		}
	}
	return a[:kept], nil
}

// searchRows are rows to be added to the index.
type searchRows map[uint32]map[searchTerm][]uint16

// add adds a record's terms.
func (s searchRows) add(place int64, terms []searchTerm) {
	block := s[blockOf(place)]
	if block == nil {
		block = map[searchTerm][]uint16{}
		s[blockOf(place)] = block
	}
	offset := uint16(place % blockSpan)
	for _, t := range terms {
		if had := block[t]; len(had) == 0 || had[len(had)-1] != offset { // a record has most of its terms more than once
			block[t] = append(had, offset)
		}
	}
}

// growing reports whether every offset is larger than the one before it.
func growing(offsets []uint16) bool {
	for i := 1; i < len(offsets); i++ {
		if offsets[i] <= offsets[i-1] {
			return false
		}
	}
	return true
}

// put adds the rows to those that are there.
func (s searchRows) put(b *bolt.Bucket) error {
	b.FillPercent = 0.9
	for block, terms := range s {
		sorted := make([]searchTerm, 0, len(terms))
		for t := range terms {
			sorted = append(sorted, t)
		}
		slices.Sort(sorted)
		for _, t := range sorted {
			key := termKey(block, t)
			offsets, err := parseOffsets(terms[t], b.Get(key))
			if err != nil {
				return err
			}
			if !growing(offsets) { // a record of before was spoken of
				slices.Sort(offsets)
				offsets = slices.Compact(offsets)
			}
			if err := b.Put(key, marshalOffsets(offsets)); err != nil {
				return err
			}
		}
	}
	return nil
}
