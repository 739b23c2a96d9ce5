package registry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/match"
)

// A SearchQuery says which records are looked for. A record is found by what it
// ever said: its code and number, name, brand, models and trade items of the
// product, its category, and who holds the label or made the product. Whether it
// still says so is for its verdict to tell. Zero members leave nothing out.
type SearchQuery struct {
	Text     string        // words as in [match.Words]: each is in some text of the record
	Category string        // words that are in its category
	Holder   string        // words that are in a name of a holder or maker
	Scheme   verify.Scheme // of this scheme only
	After    string        // where an earlier page ended: a Next
	Limit    int           // the most to find, from 1 to 1000
	Count    bool          // all that there are are counted too
}

// A SearchHit is a record that was found, and what there is about it, as [Registry.Lookup]
// returns it. Next begins a page right after it.
type SearchHit struct {
	verify.Facts
	Next string
}

// A SearchPage is what was found. First come records one of whose texts begins
// with the words of the query, then all others; the newest of each first. A
// record keeps its place while the log grows, so that the pages of one search
// show none twice.
type SearchPage struct {
	Hits []SearchHit
	Next string // begins the next page; empty where there is no more
	Size int64  // how many entries of the log have been made searchable

	Total int64 // how many records fit; less than 0: they were not counted, or it would take long
}

// ErrCursor says that a search is to go on from what no page ended with.
var ErrCursor = errors.New("not where a page of results ended")

// searchLimit is the most records that one call finds, and examineMost the most
// it reads to find them, and again to count them.
const (
	searchLimit = 1000
	examineMost = 20_000
)

// searchWords is a query taken apart.
type searchWords struct {
	words, category, holder []string
	whole                   string // the words, run together
	scheme                  verify.Scheme
}

// Search finds records by words. It reads an index that trails the log by a
// moment, or by more while it is being made (see SearchPage.Size); every hit is
// compared with the record's entries. A page may have fewer hits than the limit,
// or none, and a Next: then there was much to look through.
//
// The error wraps [match.ErrShort] or [match.ErrMany] where words cannot be
// searched for, [ErrCursor] where After is none, and [ErrDamaged] where the
// index says what the log does not: it is then made anew.
func (r *Registry) Search(ctx context.Context, q SearchQuery) (page SearchPage, err error) {
	w := searchWords{scheme: q.Scheme}
	for _, of := range []struct {
		words *[]string
		text  string
	}{{&w.words, q.Text}, {&w.category, q.Category}, {&w.holder, q.Holder}} {
		if *of.words, err = match.Words(of.text); err != nil {
			return page, fmt.Errorf("%q: %w", of.text, err)
		}
	}
	w.whole = strings.Join(w.words, "")
	from, err := parseCursor(q.After)
	if err != nil {
		return page, err
	}
	err = r.search.view(func(tx *bolt.Tx) error {
		s := &search{ctx: ctx, registry: r, tx: tx, words: &w, limit: min(max(q.Limit, 1), searchLimit)}
		position, err := readPosition(tx)
		if err != nil {
			return err
		}
		s.page.Size, s.state = position.size, r.state.Load()
		if err = s.run(from); err == nil {
			s.page.Total = -1
			if q.Count {
				s.page.Total, err = s.count()
			}
		}
		page = s.page
		return err
	})
	if err != nil {
		return SearchPage{}, fmt.Errorf("search: %w", err)
	}
	return page, nil
}

// A searchCursor is a place below which a page begins, among the records whose
// text begins with the words (rank 0) or among the others (rank 1).
type searchCursor struct {
	rank  int
	below int64
}

const ranks = 2

func (c searchCursor) String() string {
	return strconv.Itoa(c.rank) + "-" + strconv.FormatInt(c.below, 10)
}

// parseCursor reads a cursor in its one spelling; an empty one is the start.
func parseCursor(s string) (c searchCursor, err error) {
	if s == "" {
		return searchCursor{0, math.MaxInt64}, nil
	}
	rank, below, _ := strings.Cut(s, "-")
	c.rank, err = strconv.Atoi(rank)
	if err == nil {
		c.below, err = strconv.ParseInt(below, 10, 64)
	}
	if err != nil || c.rank < 0 || c.rank >= ranks || c.below < 0 || c.String() != s {
		return c, ErrCursor
	}
	return c, nil
}

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
