package registry

import (
	"encoding/binary"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// A record's place in the search index is the index of its first entry, so that
// newer records stand after older ones. Places stand in blocks of blockSpan; a
// row of the term bucket has the records of one block that have the term. The
// rows of one term stand together: a search reads a few of them from end to end.
//
//	bucket  key                          value
//	about   "position"                   see position
//	text    place                        what the record is found by (see searchText.marshal)
//	term    term (6 bytes), block (4)    postings, of growing places (see termRow)
const blockSpan = 1 << 13

// Names of buckets of the search index. They are stored: never renamed, never
// reused.
var (
	aboutBucket = []byte("about")
	textBucket  = []byte("text")
	termBucket  = []byte("term")

	searchBuckets = [][]byte{aboutBucket, textBucket, termBucket}
)

func blockOf(place int64) uint32 { return uint32(place / blockSpan) }

const termSize = 6

func termKey(t searchTerm, block uint32) []byte {
	key := append(make([]byte, 0, 12), byte(t>>40), byte(t>>32), byte(t>>24), byte(t>>16), byte(t>>8), byte(t))
	return binary.BigEndian.AppendUint32(key, block)
}

var errRow = fmt.Errorf("%w: search index: a row is not one", ErrDamaged)

// A posting is that a record has a term: the record's place, as an offset in its
// block, and in the last 8 bits where the term stands (see occurrence). A record has
// as many as there are places where it does.
type posting uint32

func newPosting(offset uint16, at int) posting { return posting(uint32(offset)<<8 | uint32(at)) }

func (p posting) offset() uint16 { return uint16(p >> 8) }
func (p posting) at() int        { return int(p & far) }

// A termRow is a row as it is stored: the number of its records in two bytes, and
// postings that grow, of three bytes each.
type termRow []byte

const (
	rowHead     = 2
	postingSize = 3
)

// check returns an error if the bytes cannot be a row.
func (r termRow) check() error {
	if len(r) < rowHead+postingSize || (len(r)-rowHead)%postingSize != 0 {
		return errRow
	}
	return nil
}

func (r termRow) records() int { return int(binary.BigEndian.Uint16(r)) }

func (r termRow) postings() int { return (len(r) - rowHead) / postingSize }

func (r termRow) posting(i int) posting {
	b := r[rowHead+i*postingSize:][:postingSize]
	return posting(b[0])<<16 | posting(b[1])<<8 | posting(b[2])
}

// seek is the first posting from the i-th on that is not smaller. It looks first
// where that would be if they stood at equal distances.
func (r termRow) seek(i int, p posting) int {
	n := r.postings()
	least, end, step := i-1, n, 1 // it is after the one and not after the other
	at := max(i, int(p.offset())*n/blockSpan)
	if at < n && r.posting(at) < p {
		for ; at < n && r.posting(at) < p; step *= 2 {
			least, at = at, at+step
		}
		end = min(at, n)
	} else {
		for ; at >= i && (at >= n || r.posting(at) >= p); step *= 2 {
			end, at = min(at, n), at-step
		}
		least = max(at, least)
	}
	for least+1 < end {
		if half := (least + end) / 2; r.posting(half) < p {
			least = half
		} else {
			end = half
		}
	}
	return end
}

// add adds a posting that is not in the row and is larger than all that are.
func (r termRow) add(p posting) termRow {
	if n := r.postings(); n == 0 || r.posting(n-1).offset() != p.offset() {
		binary.BigEndian.PutUint16(r, uint16(r.records()+1))
	}
	return append(r, byte(p>>16), byte(p>>8), byte(p))
}

// with returns a row with postings beside those of the row, each once. A row of none
// may be nil.
func (r termRow) with(fresh []posting) termRow {
	row := append(make(termRow, 0, max(len(r), rowHead)+len(fresh)*postingSize), r...)
	if len(r) == 0 {
		row = append(row, 0, 0)
	}
	slices.Sort(fresh)
	last := -1
	if n := row.postings(); n > 0 {
		last = int(row.posting(n - 1))
	}
	if len(fresh) > 0 && last >= int(fresh[0]) { // a record of before was spoken of
		for i := range row.postings() {
			fresh = append(fresh, row.posting(i))
		}
		slices.Sort(fresh)
		row, last = append(row[:0], 0, 0), -1
	}
	for _, p := range fresh {
		if int(p) != last {
			row = row.add(p)
		}
		last = int(p)
	}
	return row
}

// searchRows are postings to be added to the index.
type searchRows map[searchTerm]map[uint32][]posting

// add adds where a record's terms stand.
func (s searchRows) add(place int64, terms []occurrence) {
	for _, o := range terms {
		blocks := s[o.term()]
		if blocks == nil {
			blocks = map[uint32][]posting{}
			s[o.term()] = blocks
		}
		blocks[blockOf(place)] = append(blocks[blockOf(place)], newPosting(uint16(place%blockSpan), o.at()))
	}
}

// put adds the postings to the rows that are there.
func (s searchRows) put(b *bolt.Bucket) error {
	terms := make([]searchTerm, 0, len(s))
	for t := range s {
		terms = append(terms, t)
	}
	slices.Sort(terms)
	for _, t := range terms {
		for block, fresh := range s[t] {
			key := termKey(t, block)
			had := termRow(b.Get(key))
			if had != nil {
				if err := had.check(); err != nil {
					return err
				}
			}
			if err := b.Put(key, had.with(fresh)); err != nil {
				return err
			}
		}
	}
	return nil
}
