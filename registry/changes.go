package registry

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tegata/verify"
)

// A Change is an entry of the log, with every code whose answer it may change:
// the code it is about; labels that rest on it; records of the same trade items,
// where it is about a declaration; and where it is about a key, whatever that key
// said and rests on that. Some of them may be answered as before.
type Change struct {
	Index  int64
	Logged time.Time
	Kind   verify.Kind
	Code   verify.Code   // what it is about; empty: parties, keys or the Memorandum
	Codes  []verify.Code // whose answers it may change, in the order in which they are found
	All    bool          // it may change every answer
	More   bool          // the next page goes on with its codes
}

// A ChangesQuery asks what the log said since it had some size.
type ChangesQuery struct {
	Since int64  // the first entry that is told of
	Part  string // where among its codes an earlier page ended: a ChangesPage.Part
	Limit int    // the most entries to tell of, from 1 to 1000

	// Of these at most one is set. An entry is told of only where it may change
	// the answer about the code, or about a record that ever had the holder; and
	// only those codes are named.
	Code   verify.Code
	Holder string
}

// A ChangesPage is what the log said, in its order. Where Next is not the size of
// the log there is more; an entry may be told of in several pages, and a page may
// tell of nothing where there was much to look through.
type ChangesPage struct {
	Changes []Change
	Next    int64  // the Since of the next page
	Part    string // and its Part
	Log     verify.Log
}

// Limits of a page of changes. To read an entry and check it costs about as much
// as to look at four, or at four rows of an index.
const (
	changesMost = 1000
	workMost    = 8000
	workRead    = 4
	workGoverns = 40 // to work out what a statement about no code reaches
	codesMost   = 2000
)

// Changes returns what the log said since a size. The error is [ErrNotFound] where
// the log is not so large, and [ErrCursor] where Part is none.
func (r *Registry) Changes(ctx context.Context, q ChangesQuery) (page ChangesPage, err error) {
	s := r.state.Load()
	if q.Since < 0 || q.Since > s.head.Size {
		return page, fmt.Errorf("changes since %d: %w", q.Since, ErrNotFound)
	}
	from, err := parsePart(q.Part)
	if err != nil {
		return page, err
	}
	w := &changesWalk{registry: r, ctx: ctx, state: s, query: q, read: map[verify.Code]itemsNamed{}}
	err = r.view(func(tx indexed) error {
		w.tx = tx
		return w.run(from)
	})
	if err != nil {
		return ChangesPage{}, fmt.Errorf("changes since %d: %w", q.Since, err)
	}
	w.page.Log = r.headOf(s)
	return w.page, nil
}

// A part is a place among the codes of an entry: after a code among those that
// another entry leads to. The zero part is the first place.
type part struct {
	entry int64
	after verify.Code
}

func (p part) String() string {
	if p == (part{}) {
		return ""
	}
	return strconv.FormatInt(p.entry, 10) + "-" + string(p.after)
}

// parsePart reads a part in its one spelling.
func parsePart(s string) (p part, err error) {
	if s == "" {
		return p, nil
	}
	entry, after, _ := strings.Cut(s, "-")
	p.entry, err = strconv.ParseInt(entry, 10, 64)
	if err == nil && after != "" {
		p.after, err = verify.ParseCode(after)
	}
	if err != nil || p.entry < 0 || p.String() != s {
		return p, ErrCursor
	}
	return p, nil
}
