package registry

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/tlog"
)

// A position is how far the index has come: it is of the first size entries, of
// which the last has this leaf hash.
type position struct {
	size int64
	leaf tlog.Hash
}

var positionKey = []byte("position")

// searchForm names the form of the index and of what is put into it. Where
// either changes, so does this, and the index is made anew.
const searchForm = 2

func (p position) marshal() []byte {
	return append(append([]byte{searchForm}, number(p.size)...), p.leaf[:]...)
}

func readPosition(tx *bolt.Tx) (p position, err error) {
	b := tx.Bucket(aboutBucket).Get(positionKey)
	if len(b) != 1+8+len(p.leaf) || b[0] != searchForm {
		return p, fmt.Errorf("%w: search index: it has another form", ErrDamaged)
	}
	copy(p.leaf[:], b[9:])
	p.size = int64(binary.BigEndian.Uint64(b[1:]))
	return p, nil
}

// said is an entry that says what a record is found by.
type said struct {
	place int64 // of its record
	entry verify.Entry
}

// batch makes some entries searchable, in one transaction, and reports whether
// there are more.
func (s *searcher) batch() (more bool, err error) {
	var from position
	if err := s.own(s.db.View, func(tx *bolt.Tx) (err error) {
		from, err = readPosition(tx)
		return err
	}); err != nil {
		return false, err
	}
	to := from
	var all []said
	for len(all) < searchBatch && to.size < from.size+searchBatch {
		head := s.registry.state.Load().head.Size
		if to.size >= head {
			break
		}
		some, leaf, err := s.read(to.size, min(to.size+searchSlice, head))
		if err != nil {
			return false, err
		}
		all, to.size, to.leaf = append(all, some...), min(to.size+searchSlice, head), leaf
		if err := s.giveWay(); err != nil {
			return false, err
		}
	}
	if to.size == from.size {
		return false, nil
	}
	if s.registry.Full() {
		return false, errSearchFull
	}
	err = s.own(s.db.Update, func(tx *bolt.Tx) error { return enterTexts(tx, all, to) })
	return to.size < s.registry.state.Load().head.Size, err
}

// own runs a transaction of the index. Damage has it made anew.
func (s *searcher) own(transaction func(func(*bolt.Tx) error) error, f func(*bolt.Tx) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: search index: %v", ErrDamaged, p)
		}
		if errors.Is(err, ErrDamaged) {
			s.bad.Store(true)
		}
	}()
	return transaction(f)
}

// giveWay lets others go first: who asks, and who enters statements, also between
// two batches of theirs. The more of those come than can be followed, the less is
// done meanwhile.
func (s *searcher) giveWay() error {
	if err := s.stopped(); err != nil {
		return err
	}
	head := s.registry.state.Load().head.Size
	came := (head - s.seen) / searchSlice // what comes now and then need not be waited for
	s.seen = head
	if came > 0 || len(s.registry.queue) > 0 {
		if !s.sleep(searchYield * time.Duration(min(max(came, 1), searchYields))) {
			return errStopped
		}
	}
	runtime.Gosched()
	return nil
}

// read reads entries of the log, and returns those that say what a record is
// found by, and the leaf hash of the last.
func (s *searcher) read(from, to int64) (all []said, leaf tlog.Hash, err error) {
	err = s.registry.view(func(tx indexed) error {
		for index := from; index < to; index++ {
			raw, err := rawEntry(tx.Tx, index)
			if err != nil {
				return err
			}
			e, err := parseLogged(index, raw)
			if err != nil {
				return fmt.Errorf("%w: entry %d: %w", ErrDamaged, index, err)
			}
			leaf = tlog.LeafHash(raw)
			switch e.Body.(type) {
			case *verify.Issued, *verify.Published, *verify.Amended, *verify.LinkAmended:
				place, err := placeOf(tx, e.Code)
				if err != nil {
					return err
				}
				all = append(all, said{place, e.Entry})
			}
		}
		return nil
	})
	return all, leaf, err
}

// placeOf is the index of the first entry about a code.
func placeOf(tx indexed, code verify.Code) (int64, error) {
	k, _ := tx.index(codeBucket).Cursor().Seek([]byte(code))
	if len(k) == len(code)+8 && string(k[:len(code)]) == string(code) {
		if index, ok := parseNumber(k[len(code):]); ok {
			return index, nil
		}
	}
	return 0, fmt.Errorf("%w: index code: nothing about %s", ErrDamaged, code)
}

// enterTexts adds what entries say to the index.
func enterTexts(tx *bolt.Tx, all []said, to position) error {
	rows := searchRows{}
	texts := tx.Bucket(textBucket)
	texts.FillPercent = 1
	for _, e := range all {
		t := searchText{code: e.entry.Code}
		var had []occurrence
		if stored := texts.Get(number(e.place)); stored != nil {
			var err error
			if t, err = parseSearchText(stored); err != nil {
				return err
			}
			had = t.terms()
		}
		if !t.add(e.entry) {
			continue
		}
		terms := slices.DeleteFunc(t.terms(), func(o occurrence) bool {
			_, same := slices.BinarySearch(had, o)
			return same
		})
		rows.add(e.place, terms)
		if err := texts.Put(number(e.place), t.marshal()); err != nil {
			return err
		}
	}
	if err := rows.put(tx.Bucket(termBucket)); err != nil {
		return err
	}
	return tx.Bucket(aboutBucket).Put(positionKey, to.marshal())
}
