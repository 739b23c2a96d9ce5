package registry

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/envelope"
	"tegata/verify/status"
	"tegata/verify/tlog"
)

// How long a status list confirms anything, and how soon a fresh one is to be
// fetched by who can, if no day begins before: so late may a reader be with a
// revocation.
const (
	statusExpires = 12 * time.Hour
	statusTTL     = 5 * time.Minute
)

// StatusList returns status list n as of an instant, which is cut to seconds: of
// the statements logged by then, how every label and declaration stood then.
// Asked of the same instant again it is the same list. Its Sub and Issuer are
// for the caller to fill in.
//
// The error is [ErrNotFound] where nothing was logged by then, there was no such
// list, or the instant is yet to come. List 0 is there from the first entry on.
func (r *Registry) StatusList(ctx context.Context, n int64, at time.Time) (status.List, error) {
	at = at.UTC().Truncate(time.Second)
	s := r.state.Load()
	if at.After(r.headOf(s).Time) {
		return status.List{}, fmt.Errorf("status list at %s: %w", at.Format(time.RFC3339), ErrNotFound)
	}
	size := s.head.Size
	if s.logged.After(at) {
		k, err := r.KnownWhen(at)
		if err != nil {
			return status.List{}, fmt.Errorf("status list: %w", err)
		}
		size = k.Size
	}
	l, err := r.listing(ctx, s, size, at)
	if err != nil {
		return status.List{}, fmt.Errorf("status list: %w", err)
	}
	if n < 0 || n >= int64(len(l.lists)) {
		return status.List{}, fmt.Errorf("status list %d at %s: %w", n, at.Format(time.RFC3339), ErrNotFound)
	}
	list := l.lists[n]
	list.Issued, list.Expires, list.TTL = at, at.Add(statusExpires), min(statusTTL, nextDay(at).Sub(at))
	return list, nil
}

// StatusLists returns how many status lists there are now, numbered from 0.
func (r *Registry) StatusLists() (n int64, err error) {
	s := r.state.Load()
	err = r.view(func(tx indexed) error {
		n, err = listCount(tx, s.head.Size)
		return err
	})
	return n, err
}

// A listing is all status lists of the log of one size, as of at and as long as
// they stay so.
type listing struct {
	size      int64
	at, until time.Time // they are so at at, and until, not included
	lists     []status.List
}

func (l *listing) holds(size int64, t time.Time) bool {
	return l.size == size && (t.Equal(l.at) || t.After(l.at) && t.Before(l.until))
}

// listingsKept is how many listings are kept: the present one, and some of the
// past that somebody is asking about. A list has 256 KiB.
const listingsKept = 4

// listings keeps those asked for last. One is built at a time, and those who ask
// for the same meanwhile wait for it.
type listings struct {
	building sync.Mutex // guards folded
	folded   foldedMarks
	mu       sync.Mutex // guards kept
	kept     []*listing // the one asked for last comes first
}

// foldedMarks are the marks of the present listing built last, so that an entry more does
// not make all records be folded again.
type foldedMarks struct {
	governed  int       // by so many statements about no code
	at, until time.Time // when they are so, as of a listing
	codes     map[verify.Code]mark
}

// A mark is how a record stands, and the places that tell so: one for each time
// it was sealed.
type mark struct {
	entries int // as of so many statements about the code
	status  status.Status
	places  []int64
	made    time.Time // when the latest of them was made
}

func (k *listings) find(size int64, at time.Time) *listing {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.IndexFunc(k.kept, func(l *listing) bool { return l.holds(size, at) })
	if i < 0 {
		return nil
	}
	l := k.kept[i]
	k.kept = slices.Insert(slices.Delete(k.kept, i, i+1), 0, l)
	return l
}

func (k *listings) keep(l *listing) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = slices.Insert(k.kept, 0, l)
	if len(k.kept) <= listingsKept {
		return
	}
	// Whoever asks about many past instants does not push the present list out.
	last := len(k.kept) - 1
	if newest := slices.MaxFunc(k.kept, byHead); k.kept[last] == newest {
		last--
	}
	k.kept = slices.Delete(k.kept, last, last+1)
}

// byHead orders listings by how far the log had come, and then by time.
func byHead(a, b *listing) int {
	if c := cmp.Compare(a.size, b.size); c != 0 {
		return c
	}
	return a.at.Compare(b.at)
}

// listing returns the lists of the first size entries of the log as of at.
func (r *Registry) listing(ctx context.Context, s *state, size int64, at time.Time) (*listing, error) {
	if l := r.listings.find(size, at); l != nil {
		return l, nil
	}
	r.listings.building.Lock()
	defer r.listings.building.Unlock()
	if l := r.listings.find(size, at); l != nil {
		return l, nil
	}
	var l *listing
	err := r.view(func(tx indexed) (err error) {
		b := &listingBuild{ctx: ctx, tx: tx, head: s.head, size: size, at: at, governance: s.governance.AsOf(verify.Known{Size: size})}
		var folded foldedMarks
		if l, folded, err = b.build(r.listings.folded); err == nil && size == s.head.Size {
			r.listings.folded = folded
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	r.listings.keep(l)
	return l, nil
}

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
	same, err := aboutBy(b.tx, b.size, code, func(index int64) (logged, error) {
		return logged{Entry: verify.Entry{Index: index, Statement: verify.Statement{Head: verify.Head{Code: code}}}}, nil
	})
	if err != nil || len(same) == before.entries {
		return before, err
	}
	m := mark{entries: len(same)}
	entries, err := aboutBy(b.tx, b.size, code, func(index int64) (logged, error) {
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
