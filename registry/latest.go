package registry

import (
	"context"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/match"
)

// A LatestQuery asks what the log said last. Of Code and Holder at most one is
// set: then it asks only for what was said about the code and what its answer
// rests on, or about records that ever had the holder, and about the trust in
// either.
type LatestQuery struct {
	Before int64 // only entries before this one; 0: all
	Limit  int   // the most entries, from 1 to 100
	Code   verify.Code
	Holder string
}

// Limits of what is looked through. A holder of more records than that is looked
// for among the last entries, a number of them at a time.
const (
	latestMost  = 100
	holderCodes = 2000
	scanMost    = 2000
)

// Latest returns entries of the log, the newest first, and the Before of the next
// page; 0 where there is no more. A page may have none and a next one.
func (r *Registry) Latest(ctx context.Context, q LatestQuery) (entries []verify.Entry, next int64, err error) {
	s := r.state.Load()
	limit := min(max(q.Limit, 1), latestMost)
	if q.Before <= 0 || q.Before > s.head.Size {
		q.Before = s.head.Size
	}
	var about []verify.Code
	if q.Code != "" {
		f, err := r.lookup(ctx, s, q.Code)
		if err != nil {
			return nil, 0, err
		}
		about = append(about, q.Code)
		for _, entries := range slices.Concat(f.Basis, f.Related) {
			if len(entries) > 0 {
				about = append(about, entries[0].Code)
			}
		}
	}
	err = r.view(func(tx indexed) error {
		l := &latest{r, tx, s}
		indexes, all := l.indexes(q, about)
		if all { // every entry, unless it is about another record
			for i := q.Before - 1; i >= 0 && i >= q.Before-scanMost; i-- {
				indexes = append(indexes, i)
			}
		}
		for n, index := range indexes {
			if err := ctx.Err(); err != nil {
				return err
			}
			if len(entries) == limit {
				next = indexes[n-1]
				return nil
			}
			e, err := r.checked.entryIn(tx.Tx, s.head, index)
			if err != nil {
				return err
			}
			if !all || q.Holder == "" || l.concerns(e.Entry, q.Holder) {
				entries = append(entries, e.Entry)
			}
		}
		if n := len(indexes); all && n > 0 {
			next = indexes[n-1]
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("latest entries: %w", err)
	}
	return entries, next, nil
}

// latest is one call of Latest.
type latest struct {
	registry *Registry
	tx       indexed
	state    *state
}

// indexes lists what is asked for, the newest first; or says that all is to be
// looked through.
func (l *latest) indexes(q LatestQuery, about []verify.Code) (indexes []int64, all bool) {
	if q.Code == "" && q.Holder == "" {
		return nil, true
	}
	if q.Holder != "" {
		prefix := append([]byte(match.Name(q.Holder)), 0)
		c := l.tx.index(holderBucket).Cursor()
		for k, _ := c.Seek(prefix); len(k) > len(prefix) && string(k[:len(prefix)]) == string(prefix); k, _ = c.Next() {
			if about = append(about, verify.Code(k[len(prefix):])); len(about) > holderCodes {
				return nil, true
			}
		}
	}
	said := false // anything, also later
	for _, code := range about {
		c := l.tx.index(codeBucket).Cursor()
		for k, _ := c.Seek([]byte(code)); len(k) == len(code)+8 && string(k[:len(code)]) == string(code); k, _ = c.Next() {
			index, ok := parseNumber(k[len(code):])
			said = said || ok && index < l.state.head.Size
			if ok && index < q.Before {
				indexes = append(indexes, index)
			}
		}
	}
	if said {
		indexes = append(indexes, l.governing(q.Before)...)
	}
	slices.Sort(indexes)
	indexes = slices.Compact(indexes)
	slices.Reverse(indexes)
	return indexes, false
}

// governing lists the entries before one that change what trust, or the
// Memorandum, makes of records.
func (l *latest) governing(before int64) (indexes []int64) {
	for _, e := range l.state.governance.Entries() {
		if e.Index >= before {
			break
		}
		if reach := l.registry.reach(l.state, e.Index); reach.All || len(reach.Keys) > 0 {
			indexes = append(indexes, e.Index)
		}
	}
	return indexes
}

// concerns reports whether an entry is about a record that ever had the holder, or
// about trust or the Memorandum.
func (l *latest) concerns(e verify.Entry, holder string) bool {
	if e.Code == "" {
		reach := l.registry.reach(l.state, e.Index)
		return reach.All || len(reach.Keys) > 0
	}
	key := append(append([]byte(match.Name(holder)), 0), e.Code...)
	return l.tx.index(holderBucket).Get(key) != nil
}

// Begun is when the log began: when its entry 0 was logged.
func (r *Registry) Begun() (e verify.Entry, err error) {
	s := r.state.Load()
	err = view(r.db, func(tx *bolt.Tx) error {
		first, err := entryIn(tx, s.head, 0)
		e = first.Entry
		return err
	})
	return e, err
}
