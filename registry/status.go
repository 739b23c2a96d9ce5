package registry

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"tegata/verify"
	"tegata/verify/status"
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
