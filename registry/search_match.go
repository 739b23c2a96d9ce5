package registry

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// A need is a term that a record must have, and a row of it at a time, from the
// newest block on.
type need struct {
	term   searchTerm
	within int // how many characters of the word stand before it
	cursor *bolt.Cursor
	block  int64 // of the row; less than 0: there are no more
	row    termRow
}

func newNeed(b *bolt.Bucket, t searchTerm, within int, newest int64) (*need, error) {
	n := &need{term: t, within: within, cursor: b.Cursor()}
	key := termKey(t, uint32(newest))
	k, v := n.cursor.Seek(key)
	switch {
	case k == nil:
		k, v = n.cursor.Last()
	case !bytes.Equal(k, key):
		k, v = n.cursor.Prev()
	}
	return n, n.take(k, v)
}

// older goes on to the row before.
func (n *need) older() error {
	k, v := n.cursor.Prev()
	return n.take(k, v)
}

// take takes a row of the bucket, which may be of another term.
func (n *need) take(k, v []byte) error {
	n.block = -1
	if len(k) != termSize+4 || !bytes.Equal(k[:termSize], termKey(n.term, 0)[:termSize]) {
		return nil
	}
	n.block, n.row = int64(binary.BigEndian.Uint32(k[termSize:])), v
	return n.row.check()
}

// needs are terms of one word, or of what is no word.
type needs struct {
	all  []*need
	side bool // they must stand where they do in the word
	told bool // having them is not all that is asked: the texts tell
}

// A candidate is a record that may be what is looked for.
type candidate struct {
	offset uint16
	unsure bool  // the texts tell
	begins int16 // where the word that is looked at begins; less than 0: further on than can be told
}

// A matcher finds the records that meet all needs, a block at a time.
type matcher struct {
	words  []needs
	there  []uint16        // offsets of the records that have all terms looked at
	marked [blockSpan]bool // those; what is beyond makes a transaction end with damage, as all that leads nowhere
	found  []candidate
	tried  []candidate // of one word, each place where it may begin
}

// look adds terms that a record must have.
func (m *matcher) look(b *bolt.Bucket, terms []occurrence, newest int64, of needs) error {
	of.side = of.side && len(terms) > 1
	for _, o := range terms {
		n, err := newNeed(b, o.term(), o.at(), newest)
		if err != nil {
			return err
		}
		of.all = append(of.all, n)
	}
	m.words = append(m.words, of)
	return nil
}

// countTerm counts the records that have a term.
func countTerm(b *bolt.Bucket, t searchTerm) (records int64, err error) {
	n, err := newNeed(b, t, 0, math.MaxUint32)
	for ; n.block >= 0 && err == nil; err = n.older() {
		records += int64(n.row.records())
	}
	return records, err
}

// align goes on to the newest block in which there are rows of all terms; less than
// 0 where there is none.
func (m *matcher) align() (block int64, err error) {
	block = math.MaxInt64
	for again := true; again; {
		again = false
		for _, w := range m.words {
			for _, n := range w.all {
				for n.block > block && err == nil {
					err = n.older()
				}
				if n.block < 0 || err != nil {
					return -1, err
				}
				again = again || n.block < block && block < math.MaxInt64
				block = n.block
			}
		}
	}
	return block, nil
}

// blocks yields each block in which there are such records, from the newest. What
// it yields is good until it goes on.
func (m *matcher) blocks(yield func(block int64, found []candidate) error) error {
	for {
		block, err := m.align()
		if block < 0 || err != nil {
			return err
		}
		if found := m.match(); len(found) > 0 {
			if err := yield(block, found); err != nil {
				return err
			}
		}
		if err := m.words[0].all[0].older(); err != nil {
			return err
		}
	}
}

// match finds the records in rows of one block. It looks first which have the rarest
// term of each word: most of what is in long rows need not be looked at then.
func (m *matcher) match() []candidate {
	for _, w := range m.words {
		slices.SortFunc(w.all, func(a, b *need) int { return len(a.row) - len(b.row) })
	}
	slices.SortFunc(m.words, func(a, b needs) int { return len(a.all[0].row) - len(b.all[0].row) })
	m.there = m.there[:0]
	first := m.words[0].all[0].row
	for i := range first.postings() {
		if o := first.posting(i).offset(); i == 0 || o != m.there[len(m.there)-1] {
			m.there = append(m.there, o)
		}
	}
	told := false
	for _, w := range m.words[1:] {
		m.both(w.all[0].row)
	}
	for _, w := range m.words {
		told = told || w.told
		for _, n := range w.all[1:] {
			if !w.side || len(m.there)*few > n.row.postings() {
				m.both(n.row)
			}
		}
	}
	m.found = m.found[:0]
	for _, o := range m.there {
		m.found = append(m.found, candidate{offset: o, unsure: told})
	}
	for _, w := range m.words {
		if w.side {
			m.stand(w.all)
		}
	}
	return m.found
}

// few is how many postings are looked at in the time in which one is looked for.
const few = 16

// both leaves the records that are in the row too. It goes through all of the row.
func (m *matcher) both(row termRow) {
	clear(m.marked[:])
	for _, o := range m.there {
		m.marked[o] = true
	}
	m.there = m.there[:0]
	for i := range row.postings() {
		if o := row.posting(i).offset(); m.marked[o] {
			m.marked[o] = false
			m.there = append(m.there, o)
		}
	}
}

// stand leaves the records in which the terms of a word stand where they do in the
// word.
func (m *matcher) stand(all []*need) {
	m.tried = all[0].begin(m.tried[:0], m.found)
	for _, n := range all[1:] {
		m.tried = n.goOn(m.tried)
	}
	kept, i := m.found[:0], 0
	for _, c := range m.found {
		there, unsure := false, true
		for ; i < len(m.tried) && m.tried[i].offset <= c.offset; i++ {
			there, unsure = true, unsure && m.tried[i].unsure
		}
		if there {
			c.unsure = c.unsure || unsure
			kept = append(kept, c)
		}
	}
	m.found = kept
}

// begin adds where the word may begin in the records found, by what this term tells.
func (n *need) begin(tried, found []candidate) []candidate {
	i := 0
	for _, c := range found {
		for i = n.row.seek(i, newPosting(c.offset, 0)); i < n.row.postings() && n.row.posting(i).offset() == c.offset; i++ {
			switch at := n.row.posting(i).at(); {
			case at == far:
				tried = append(tried, candidate{c.offset, true, -1})
			case at >= n.within:
				tried = append(tried, candidate{c.offset, false, int16(at - n.within)})
			}
		}
	}
	return tried
}

// goOn leaves where the word may begin by what this term tells too.
func (n *need) goOn(tried []candidate) []candidate {
	kept, i := tried[:0], 0
	for _, c := range tried {
		if c.begins < 0 {
			if j := n.row.seek(0, newPosting(c.offset, 0)); j < n.row.postings() && n.row.posting(j).offset() == c.offset {
				kept = append(kept, c)
			}
			continue
		}
		p := newPosting(c.offset, min(int(c.begins)+n.within, far))
		if i = n.row.seek(i, p); i < n.row.postings() && n.row.posting(i) == p {
			c.unsure = c.unsure || p.at() == far
			kept = append(kept, c)
		}
	}
	return kept
}
