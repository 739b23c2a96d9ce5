package registry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
)

// search is one call of Search.
type search struct {
	ctx      context.Context
	registry *Registry
	state    *state
	tx       *bolt.Tx
	words    *searchWords
	limit    int
	examined int
	page     SearchPage
}

func (s *search) run(from searchCursor) error {
	for ; from.rank < ranks; from = (searchCursor{from.rank + 1, math.MaxInt64}) {
		if from.rank == 0 && s.words.whole == "" {
			continue
		}
		for place, err := range s.places(from) {
			if err != nil {
				return err
			}
			here := searchCursor{from.rank, place}
			if s.examined++; s.examined > examineMost {
				here.below++
				s.page.Next = here.String()
				return nil
			}
			f, found, err := s.examine(here)
			if err != nil {
				return err
			}
			if !found {
				continue
			}
			if n := len(s.page.Hits); n == s.limit {
				s.page.Next = s.page.Hits[n-1].Next
				return nil
			}
			s.page.Hits = append(s.page.Hits, SearchHit{f, here.String()})
		}
	}
	return s.ctx.Err()
}

// examine returns the facts about the record at a place, if it fits the query and is
// of that rank. What is found is read from the log, and must say the same.
func (s *search) examine(at searchCursor) (f verify.Facts, found bool, err error) {
	if err := s.ctx.Err(); err != nil {
		return f, false, err
	}
	t, stored, err := s.text(at.below)
	if err != nil {
		return f, false, err
	}
	fits, first := t.fits(s.words)
	if !fits || s.words.whole != "" && first != (at.rank == 0) {
		return f, false, nil
	}
	if f, err = s.registry.lookup(s.ctx, s.state, t.code); err != nil {
		return f, false, &logError{err}
	}
	if len(f.Entries) == 0 || f.Entries[0].Index != at.below || !s.registry.search.compared.same(f, s.page.Size, stored) {
		return f, false, fmt.Errorf("%w: search index: the log does not say the text of %s", ErrDamaged, t.code)
	}
	return f, true, nil
}

// matcher returns what finds the records that have all that the query needs: of the
// first rank those of which a text begins with the words, which has them all then. It
// needs nothing where nothing is asked for.
func (s *search) matcher(rank int, newest int64) (*matcher, error) {
	m, b := new(matcher), s.tx.Bucket(termBucket)
	var err error
	look := func(terms []occurrence, of needs) { err = errors.Join(err, m.look(b, terms, newest, of)) }
	if rank == 0 {
		terms := spanning(s.words.whole)
		first, _ := begins(s.words.whole)
		terms[0] = newOccurrence(first, 0) // who has it has the pair there
		look(terms, needs{side: true})
	} else {
		for _, w := range s.words.words {
			look(spanning(w), needs{side: true})
		}
	}
	for _, words := range [][]string{s.words.category, s.words.holder} {
		for _, w := range words {
			look(spanning(w), needs{told: true})
		}
	}
	if s.words.scheme != "" {
		look([]occurrence{newOccurrence(schemeTerm(s.words.scheme), 0)}, needs{})
	}
	return m, err
}

// places yields the places below the cursor, from the newest, at which all that
// the query needs stands somewhere in the record.
func (s *search) places(from searchCursor) iter.Seq2[int64, error] {
	below := min(from.below, s.page.Size)
	return func(yield func(int64, error) bool) {
		m, err := s.matcher(from.rank, int64(blockOf(below)))
		if err == nil && len(m.words) == 0 {
			s.every(below)(yield)
			return
		}
		if err == nil {
			err = m.blocks(func(block int64, found []candidate) error {
				for _, c := range slices.Backward(found) {
					if place := block*blockSpan + int64(c.offset); place < below && !yield(place, nil) {
						return errEnough
					}
				}
				return s.ctx.Err()
			})
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(0, err)
		}
	}
}

// count counts the records. It reads the texts of those alone of which their terms
// do not tell.
func (s *search) count() (n int64, err error) {
	m, err := s.matcher(1, int64(blockOf(s.page.Size)))
	if err != nil {
		return 0, err
	}
	if len(m.words) == 0 { // every record is of a scheme
		one, err := countTerm(s.tx.Bucket(termBucket), schemeTerm(verify.JCSTAR))
		two, also := countTerm(s.tx.Bucket(termBucket), schemeTerm(verify.PSTI))
		return one + two, errors.Join(err, also)
	}
	if w := m.words[0]; len(m.words) == 1 && len(w.all) == 1 && !w.told {
		return countTerm(s.tx.Bucket(termBucket), w.all[0].term)
	}
	read := 0
	err = m.blocks(func(block int64, found []candidate) error {
		for _, c := range found {
			if !c.unsure {
				n++
				continue
			}
			if read++; read > examineMost {
				return errEnough
			}
			t, _, err := s.text(block*blockSpan + int64(c.offset))
			if err != nil {
				return err
			}
			if fits, _ := t.fits(s.words); fits {
				n++
			}
		}
		return s.ctx.Err()
	})
	if errors.Is(err, errEnough) {
		return -1, nil
	}
	return n, err
}

// text is the text of a place, and as it is stored.
func (s *search) text(place int64) (t searchText, stored []byte, err error) {
	if stored = s.tx.Bucket(textBucket).Get(number(place)); stored == nil {
		return t, nil, fmt.Errorf("%w: search index: there is no text of place %d", ErrDamaged, place)
	}
	t, err = parseSearchText(stored)
	return t, stored, err
}

// every yields all places below one.
func (s *search) every(below int64) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		c := s.tx.Bucket(textBucket).Cursor()
		k, _ := c.Seek(number(below))
		if k == nil {
			k, _ = c.Last()
		}
		for ; k != nil; k, _ = c.Prev() {
			place, ok := parseNumber(k)
			if !ok {
				yield(0, fmt.Errorf("%w: search index: %q is no place", ErrDamaged, k))
				return
			}
			if place < below && !yield(place, nil) {
				return
			}
		}
	}
}
