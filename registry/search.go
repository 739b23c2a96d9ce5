package registry

import (
	"context"
	"errors"
	"fmt"
	"math"
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
