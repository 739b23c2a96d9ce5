package registry

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/verify/tlog"
)

// A searcher keeps the search index: a second file beside the registry's, made
// from the log in the background, so that nobody who enters a statement waits
// for it. It can be thrown away at any time and is then made again.
type searcher struct {
	registry *Registry
	path     string
	wake     chan struct{} // holds one where there is something to do
	stop     chan struct{} // closed to end it
	done     chan struct{} // closed when it has ended

	mu  sync.RWMutex // held for writing while db is exchanged
	db  *bolt.DB     // nil where there is no index
	err error        // why there is none

	seen int64 // how large the log was when it was last asked whether others go first

	bad atomic.Bool // it says what the log does not say, and is to be made anew

	compared compared
}

const (
	searchPause  = 250 * time.Millisecond // between two commits that follow the log
	searchRetry  = 10 * time.Second       // after which what failed is tried again
	searchBatch  = 4096                   // entries of one commit
	searchSlice  = 64                     // entries that are read at a stretch
	searchYield  = 100 * time.Millisecond // between stretches while statements are entered,
	searchYields = 10                     // and at most so many times as long while more are than in a stretch
)

// searchPath is where the index of the registry in that file is.
func searchPath(path string) string { return strings.TrimSuffix(path, ".db") + "-search.db" }

func newSearcher(r *Registry, path string) *searcher {
	return &searcher{registry: r, path: searchPath(path),
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
}

// grown says that the log has grown, or that there is something else to do.
func (s *searcher) grown() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// close ends it.
func (s *searcher) close() error {
	close(s.stop)
	<-s.done
	return s.drop()
}

// drop closes the file, when nobody reads it any more.
func (s *searcher) drop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return nil
	}
	err := s.db.Close()
	s.db, s.err = nil, nil
	return err
}

// view reads the index. Where there is none yet, nothing is in it. What is not
// as it should be is made anew.
func (s *searcher) view(f func(*bolt.Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	select {
	case <-s.stop:
		return ErrClosed
	default:
	}
	switch {
	case s.bad.Load():
		return nil
	case s.db == nil:
		return s.err
	}
	err := view(s.db, f)
	if log := (*logError)(nil); errors.Is(err, ErrDamaged) && !errors.As(err, &log) {
		s.spoilt()
	}
	return err
}

// Searchable is how many entries of the log have been made searchable.
func (r *Registry) Searchable() (n int64, err error) {
	err = r.search.view(func(tx *bolt.Tx) error {
		p, err := readPosition(tx)
		n = p.size
		return err
	})
	return n, err
}

// A logError is one of the log, not of the index.
type logError struct{ error }

func (e *logError) Unwrap() error { return e.error }

// spoilt has the index made anew.
func (s *searcher) spoilt() {
	s.bad.Store(true)
	s.grown()
}

// run follows the log until it is stopped. It begins with what is there.
func (s *searcher) run() {
	defer close(s.done)
	for {
		err := s.follow()
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
		wait := searchPause
		if err != nil && !s.bad.Load() {
			wait = searchRetry
		}
		if !s.sleep(wait) {
			return
		}
		if err != nil {
			continue
		}
		select {
		case <-s.stop:
			return
		case <-s.wake:
		}
	}
}

// sleep reports whether nobody stopped it meanwhile.
func (s *searcher) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.stop:
		return false
	case <-t.C:
		return true
	}
}

var errStopped = errors.New("stopped")

// errSearchFull says that the index may not grow now.
var errSearchFull = fmt.Errorf("search index: %w", syscall.ENOSPC)

// stopped reports whether it is to end.
func (s *searcher) stopped() error {
	select {
	case <-s.stop:
		return errStopped
	default:
		return nil
	}
}

// follow brings the index up to the head, making it where there is none that is
// of this log.
func (s *searcher) follow() error {
	if s.bad.Swap(false) {
		if err := errors.Join(s.drop(), os.Remove(s.path)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if s.db == nil { // only this goroutine sets it
		db, err := s.open()
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.db, s.err = db, nil
		s.mu.Unlock()
		if err := checkWhole(db, s.stopped); errors.Is(err, errStopped) {
			return nil
		} else if err != nil {
			s.bad.Store(true)
			return err
		}
	}
	for {
		more, err := s.batch()
		switch {
		case errors.Is(err, errStopped):
			return nil
		case err != nil:
			return err
		case !more:
			return nil
		}
	}
}

// open opens the index, or makes an empty one where none is there, it is
// damaged, of another form, or of another log.
func (s *searcher) open() (*bolt.DB, error) {
	db, err := openFile(s.path, false)
	if err == nil {
		if err = view(db, s.ours); err == nil {
			return db, nil
		}
		err = errors.Join(err, db.Close())
	}
	if !errors.Is(err, ErrDamaged) && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err := os.Remove(s.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if s.registry.Full() {
		return nil, errSearchFull
	}
	if db, err = openFile(s.path, true); err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range searchBuckets {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return tx.Bucket(aboutBucket).Put(positionKey, position{}.marshal())
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// ours checks that the index is of the log as it is.
func (s *searcher) ours(tx *bolt.Tx) error {
	for _, name := range searchBuckets {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("%w: search index: it has no bucket %s", ErrDamaged, name)
		}
	}
	p, err := readPosition(tx)
	if err != nil || p.size == 0 {
		return err
	}
	return view(s.registry.db, func(tx *bolt.Tx) error {
		leaf, err := hashes(tx).ReadHashes([]int64{tlog.StoredHashIndex(0, p.size-1)})
		if err == nil && leaf[0] != p.leaf {
			err = fmt.Errorf("%w: search index: it is of another log", ErrDamaged)
		}
		return err
	})
}
