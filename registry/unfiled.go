package registry

import (
	"bytes"
	"fmt"
	"maps"
	"time"

	"github.com/tidwall/btree"
	bolt "go.etcd.io/bbolt"

	"tegata/verify/tlog"
)

// How many rows of indexes are filed when. Nearly every row of a statement belongs to a
// page of its own, which is written anew for it: the more rows are filed at once in
// their order, the fewer pages are written for each.
//
// A transaction that adds no more than filedLeast files so many, of all that wait: those
// never become more by it. One that adds more files none until half of unfiledMost wait;
// from there on it files the more for each that it adds the more wait, and as many as it
// adds where unfiledMost do, so that hardly more are ever left.
var (
	unfiledMost = 1 << 18
	filedLeast  = 256
	fileAfter   = 100 * time.Millisecond // while nobody comes, filedIdle at once
)

const filedIdle = 4096

// filedKey says of how many entries, the first ones, all rows are filed. Without it
// those of all entries are.
var filedKey = []byte("filed")

// indexBuckets are the buckets of rows, each of which an entry makes.
var indexBuckets = [][]byte{codeBucket, govBucket, idBucket, numberBucket, modelBucket, gtinBucket, holderBucket, statusBucket, basisBucket, standingBucket}

// waiting are rows of one index that wait to be filed: by key, the entry that each was
// made from. That says the value, see [rowOf].
type waiting = btree.Map[string, int64]

// unfiled are the rows of the last entries that are not in the file yet: entries make
// them, and so they are made again whenever the file is opened. They are filed round by
// round, bucket by bucket, in the order of their keys. An unfiled that others may read
// is never changed.
type unfiled struct {
	rows  map[string]*waiting // by bucket
	count int
	size  int64 // entries there are
	filed int64 // entries all rows of which are in the file

	// How far the round is: the bucket, and the key that was filed last; and how many
	// entries there were when it began, all rows of which are filed when it ends.
	bucket int
	key    string
	turn   int64
}

func newUnfiled(size int64) *unfiled {
	u := &unfiled{rows: make(map[string]*waiting, len(indexBuckets)), size: size, filed: size, turn: size}
	for _, name := range indexBuckets {
		u.rows[string(name)] = btree.NewMap[string, int64](16)
	}
	return u
}

// change returns one to be changed, which begins with the same rows.
func (u *unfiled) change() *unfiled {
	next := *u
	next.rows = maps.Clone(u.rows)
	for name, rows := range next.rows {
		next.rows[name] = rows.Copy() // what is the same is not copied
	}
	return &next
}

func (u *unfiled) add(bucket []byte, key string, entry int64) {
	if _, had := u.rows[string(bucket)].Set(key, entry); !had {
		u.count++
	}
}

// file puts the next rows into the file, at most most of them. How many entries there
// are tells where the next round ends.
func (u *unfiled) file(tx *bolt.Tx, most int) error {
	for most > 0 && u.count > 0 {
		name := indexBuckets[u.bucket]
		rows, b := u.rows[string(name)], tx.Bucket(name)
		var err error
		next := make([]string, 0, min(most, rows.Len()))
		rows.Ascend(u.key, func(key string, entry int64) bool {
			next, err = append(next, key), b.Put([]byte(key), valueOf(name, entry))
			return err == nil && len(next) < cap(next)
		})
		if err != nil {
			return fmt.Errorf("index %s: %w", name, err)
		}
		for _, u.key = range next {
			rows.Delete(u.key)
		}
		u.count -= len(next)
		if most -= len(next); most > 0 {
			u.turned()
		}
	}
	if u.count == 0 {
		u.filed, u.turn, u.bucket, u.key = u.size, u.size, 0, ""
	}
	return nil
}

// turned goes on to the next bucket, and after the last one begins the next round.
func (u *unfiled) turned() {
	u.key = ""
	if u.bucket++; u.bucket == len(indexBuckets) {
		u.bucket, u.filed, u.turn = 0, u.turn, u.size
	}
}

// loadUnfiled makes the rows again that were not filed when the process ended. An entry
// that is not as it was entered is [ErrDamaged]: without its rows nobody would miss it.
func loadUnfiled(tx *bolt.Tx) (*unfiled, error) {
	c := tx.Bucket(entryBucket).Cursor()
	value := tx.Bucket(headBucket).Get(filedKey)
	if value == nil {
		last, _ := c.Last()
		index, ok := parseNumber(last)
		if !ok {
			index = -1
		}
		return newUnfiled(index + 1), nil
	}
	filed, ok := parseNumber(value)
	if !ok {
		return nil, fmt.Errorf("%w: of how many entries the rows are filed", ErrDamaged)
	}
	at := indexed{tx, newUnfiled(filed)}
	for k, raw := c.Seek(number(filed)); k != nil; k, raw = c.Next() {
		index := at.unfiled.size
		leaf := tlog.LeafHash(raw)
		if !bytes.Equal(k, number(index)) || !bytes.Equal(leaf[:], tx.Bucket(hashBucket).Get(number(tlog.StoredHashIndex(0, index)))) {
			return nil, fmt.Errorf("%w: entry %d is not as it was entered", ErrDamaged, index)
		}
		e, err := parseLogged(index, raw)
		if err != nil {
			return nil, fmt.Errorf("%w: entry %d: %w", ErrDamaged, index, err)
		}
		_, told := placeOf(at, e.Code)
		at.add(index, rows(e), told != nil)
		at.unfiled.size++
	}
	if at.unfiled.size == filed {
		return nil, fmt.Errorf("%w: rows wait of entries from %d on, and there are none", ErrDamaged, filed)
	}
	at.unfiled.turn = at.unfiled.size
	return at.unfiled, nil
}

// add notes the rows of an entry to be filed. Where an earlier entry says the same, the
// row goes on pointing at that one; none does where this is the first about its code,
// which what is not of one entry alone has in its key.
func (s indexed) add(entry int64, rows []row, first bool) {
	for _, r := range rows {
		if first || bare(r.bucket) || s.index(r.bucket).Get([]byte(r.key)) == nil {
			s.unfiled.add(r.bucket, r.key, entry)
		}
	}
}

// file ends a transaction of the writer: of the rows that wait, it files as many as are
// due.
func (b *writing) file() error {
	u := b.tx.unfiled
	u.size = b.next.head.Size
	added := u.count - b.registry.unfiled.Load().count
	most := filedLeast
	if added > filedLeast {
		most = int(int64(added) * max(0, 2*int64(u.count)-int64(unfiledMost)) / int64(unfiledMost))
	}
	return u.fileIn(b.tx.Tx, most)
}

// fileIn is file, and notes how far it came.
func (u *unfiled) fileIn(tx *bolt.Tx, most int) error {
	if err := u.file(tx, most); err != nil {
		return err
	}
	if u.count == 0 {
		return tx.Bucket(headBucket).Delete(filedKey)
	}
	return tx.Bucket(headBucket).Put(filedKey, number(u.filed))
}

// fileRows files rows while nobody comes. Where that fails, they stay as they are.
func (r *Registry) fileRows() error {
	if err := r.sound(); err != nil {
		return err
	} else if r.Full() {
		return ErrFull
	}
	u := r.unfiled.Load().change()
	err := change(r.db, func(tx *bolt.Tx) error {
		if err := nothingPast(tx, r.follower.tail.head.Size); err != nil {
			r.unsound.Store(&err)
			return err
		}
		return u.fileIn(tx, filedIdle)
	})
	if err == nil {
		r.unfiled.Store(u)
	}
	return err
}

// fileAll files all rows there are, so that the file of a registry that was closed has
// them.
func (r *Registry) fileAll() {
	for r.unfiled.Load().count > 0 {
		if err := r.fileRows(); err != nil {
			return
		}
	}
}
