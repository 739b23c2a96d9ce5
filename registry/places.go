package registry

import "tegata/verify/status"

// places are those of one status list that are taken, a bit for each, so that a free one
// is found without looking in the file. Only the writer has them.
type places struct {
	list  int64
	taken []uint64 // nil: no list was read yet
}

// read reads which places of a list are taken, if that is not the one that was read.
func (p *places) read(list int64, index *indexCursor) {
	if p.taken != nil && p.list == list {
		return
	}
	p.list, p.taken = list, make([]uint64, status.ListSize/64)
	for k, _ := index.Seek(number(list * status.ListSize)); k != nil; k, _ = index.Next() {
		if place, ok := parseNumber(k); ok {
			p.take(place)
		}
	}
}

// take takes a place, and reports whether it is of the list and was free.
func (p *places) take(place int64) bool {
	n := place - p.list*status.ListSize
	if n < 0 || n >= int64(len(p.taken))*64 {
		return false
	}
	word, bit := &p.taken[n/64], uint64(1)<<(n%64)
	free := *word&bit == 0
	*word |= bit
	return free
}

// free gives places back, of a transaction that came to nothing.
func (p *places) free(all []int64) {
	for _, place := range all {
		if n := place - p.list*status.ListSize; n >= 0 && n < int64(len(p.taken))*64 {
			p.taken[n/64] &^= 1 << (n % 64)
		}
	}
}
