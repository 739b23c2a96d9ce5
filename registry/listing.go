package registry

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
	"tegata/verify/tlog"
)

// listingBuild is the making of a listing.
type listingBuild struct {
	ctx        context.Context
	tx         indexed
	head       tlog.Checkpoint
	size       int64
	at         time.Time
	governance *verify.Governance // as of size
}

// build folds the records that may be other than valid: those with a statement
// that says so, and those that a compromised key spoke of. Nothing else can make
// a record so. What was folded before and is the same still is not folded again.
func (b *listingBuild) build(before foldedMarks) (*listing, foldedMarks, error) {
	count, err := listCount(b.tx, b.size)
	if err != nil {
		return nil, before, err
	}
	codes, err := b.codes()
	if err != nil {
		return nil, before, err
	}
	now := foldedMarks{governed: len(b.governance.Entries()), at: b.at, until: nextDay(b.at), codes: map[verify.Code]mark{}}
	if before.governed != now.governed || b.at.Before(before.at) || !b.at.Before(before.until) {
		before.codes = nil
	}
	places := make([]map[int64]status.Status, count)
	for i, code := range codes {
		if i%64 == 0 && b.ctx.Err() != nil {
			return nil, before, b.ctx.Err()
		}
		m, err := b.mark(code, before.codes[code])
		if err != nil {
			return nil, before, fmt.Errorf("code %s: %w", code, err)
		}
		now.codes[code] = m
		if m.made.After(b.at) {
			now.until = b.at // it counts from when it was made, a little ahead
		}
		for _, p := range m.places {
			n := p / status.ListSize
			if n >= count {
				return nil, before, fmt.Errorf("%w: index status: place %d is missing", ErrDamaged, p)
			}
			if places[n] == nil {
				places[n] = map[int64]status.Status{}
			}
			places[n][p%status.ListSize] = m.status
		}
	}
	l := &listing{size: b.size, at: now.at, until: now.until}
	for _, p := range places {
		l.lists = append(l.lists, status.NewList(p))
	}
	return l, now, nil
}

// nextDay is the first instant after t at which a day begins in Tokyo or London.
// No status changes by itself at any other, but for what was made ahead of t.
func nextDay(t time.Time) time.Time {
	tokyo, london := verify.DateOf(t, verify.Tokyo).End(verify.Tokyo), verify.DateOf(t, verify.London).End(verify.London)
	if tokyo.Before(london) {
		return tokyo
	}
	return london
}

// mark folds the record of a code, if there is more about it than before.
func (b *listingBuild) mark(code verify.Code, before mark) (mark, error) {
	same, err := aboutBy(b.tx.index(codeBucket).Cursor(), b.size, code, func(index int64) (logged, error) {
		return logged{Entry: verify.Entry{Index: index, Statement: verify.Statement{Head: verify.Head{Code: code}}}}, nil
	})
	if err != nil || len(same) == before.entries {
		return before, err
	}
	m := mark{entries: len(same)}
	entries, err := aboutBy(b.tx.index(codeBucket).Cursor(), b.size, code, func(index int64) (logged, error) {
		e, err := entryIn(b.tx.Tx, b.head, index)
		if e.Kind.First() && e.status != tlog.NoStatus {
			m.places = append(m.places, e.status)
		}
		if e.Made.After(m.made) {
			m.made = e.Made
		}
		return e, err
	})
	if err != nil {
		return mark{}, err
	}
	record := verify.FoldRecord(entries, b.governance)
	m.status = status.Of(&record, b.at)
	return m, nil
}

// codes lists the codes whose records may be other than valid, each once.
func (b *listingBuild) codes() ([]verify.Code, error) {
	standing, err := b.standing()
	if err != nil {
		return nil, err
	}
	doubted, err := b.doubted()
	if err != nil {
		return nil, err
	}
	codes := append(standing, doubted...)
	slices.Sort(codes)
	return slices.Compact(codes), nil
}

// standing lists the codes with a statement that may make them other than valid.
func (b *listingBuild) standing() (codes []verify.Code, err error) {
	c := b.tx.index(standingBucket).Cursor()
	for k, v := c.First(); k != nil; {
		index, ok := rowOf(standingBucket, k, v)
		if !ok {
			return nil, fmt.Errorf("%w: index standing, row %q", ErrDamaged, k)
		}
		if index >= b.size {
			k, v = c.Next()
			continue
		}
		code := verify.Code(k[:len(k)-8])
		codes = append(codes, code)
		// On to the next code: no index is as large as this.
		k, v = c.Seek(append([]byte(code), 0xff))
	}
	return codes, nil
}

// doubted lists the codes about which somebody spoke with a key that cannot be
// trusted any more. All of that was logged between a compromise and the statement
// that told of it: later, the key was refused.
func (b *listingBuild) doubted() (codes []verify.Code, err error) {
	for _, told := range b.governance.Entries() {
		retired, ok := told.Body.(*verify.RetiredKey)
		if !ok || !retired.Compromised {
			continue
		}
		from, err := firstSince(b.tx.Tx, b.head, b.size, retired.From)
		if err != nil {
			return nil, err
		}
		for index := from; index < told.Index; index++ {
			if index%1024 == 0 && b.ctx.Err() != nil {
				return nil, b.ctx.Err()
			}
			code, err := b.doubtedIn(index)
			if err != nil {
				return nil, fmt.Errorf("%w: entry %d: %w", ErrDamaged, index, err)
			}
			if code != "" {
				codes = append(codes, code)
			}
		}
	}
	return codes, nil
}

// doubtedIn returns the code that an entry is about, if its key cannot be
// trusted. That the tree holds the entry is checked when the code is folded.
func (b *listingBuild) doubtedIn(index int64) (verify.Code, error) {
	stored, err := tlog.ParseEntry(b.tx.Bucket(entryBucket).Get(number(index)))
	if err != nil {
		return "", err
	}
	key, payload, err := envelope.OpenLogged(stored.Token)
	if err != nil || b.governance.Trusted(verify.Entry{Index: index, Logged: stored.Logged, Key: key}) {
		return "", err
	}
	s, err := envelope.DecodeLogged(payload)
	return s.Code, err
}

// firstSince returns the index of the first of so many entries that was not logged
// before t.
func firstSince(tx *bolt.Tx, head tlog.Checkpoint, size int64, t time.Time) (int64, error) {
	var failed error
	i := sort.Search(int(size), func(i int) bool {
		e, err := entryIn(tx, head, int64(i))
		if err != nil {
			failed = err
		}
		return !e.Logged.Before(t)
	})
	return int64(i), failed
}

// listCount returns how many status lists the first size entries begin, at least
// one. Places are given at random within the last.
func listCount(tx indexed, size int64) (int64, error) {
	last := tx.index(statusBucket).last(func(_, v []byte) bool {
		index, ok := parseNumber(v)
		return !ok || index < size
	})
	if last == nil {
		return 1, nil
	}
	place, ok := parseNumber(last)
	if _, also := parseNumber(tx.index(statusBucket).Get(last)); !ok || !also {
		return 0, fmt.Errorf("%w: index status, row %q", ErrDamaged, last)
	}
	return place/status.ListSize + 1, nil
}
