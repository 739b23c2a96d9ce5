package registry

import (
	"errors"
	"io"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"

	"tegata/verify"
	"tegata/verify/status"
)

// A RawRow is a row of a bucket as it stands in the file.
type RawRow struct {
	Bucket     string
	Key, Value []byte
}

// CopyFile writes a copy of the registry's file, as large as what is in it.
func CopyFile(r *Registry, path string) error {
	return r.Copy(func(_ []byte, _ int64, file io.WriterTo) error {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		_, err = file.WriteTo(f)
		return errors.Join(err, f.Close())
	})
}

// RawRows returns all there is in a file.
func RawRows(path string) (rows []RawRow, err error) {
	err = raw(path, func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				rows = append(rows, RawRow{string(name), append([]byte(nil), k...), append([]byte{}, v...)})
				return nil
			})
		})
	})
	return rows, err
}

// EditFile puts rows into a file, and takes out those without a value.
func EditFile(path string, rows ...RawRow) error {
	return raw(path, func(tx *bolt.Tx) error {
		for _, r := range rows {
			b := tx.Bucket([]byte(r.Bucket))
			var err error
			if r.Value == nil {
				err = b.Delete(r.Key)
			} else {
				err = b.Put(r.Key, r.Value)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// DropBucket takes a bucket out of a file.
func DropBucket(path, name string) error {
	return raw(path, func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte(name)) })
}

func raw(path string, f func(*bolt.Tx) error) error {
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Update(f)
}

// Number is how numbers stand in keys and values.
func Number(n int64) []byte { return number(n) }

// ListingsKept is how many listings are kept: after so few, as many as were
// built.
func ListingsKept(r *Registry) int { return len(r.listings.kept) }

// StopSearch has the search index follow the log no more.
func StopSearch(r *Registry) {
	close(r.search.stop)
	<-r.search.done
	r.search.stop = make(chan struct{}) // for Close
}

// FollowBranches has files of any size opened with only their branches followed,
// as large ones are, until the function returned is called.
func FollowBranches() (back func()) {
	before := wholePages
	wholePages = 0
	return func() { wholePages = before }
}

// FileRows has rows of indexes filed as if so few were the least of a transaction and
// the most that wait, and none while nobody comes, until the function returned is called.
func FileRows(least, most int) (back func()) {
	l, m, after := filedLeast, unfiledMost, fileAfter
	filedLeast, unfiledMost, fileAfter = least, most, time.Hour
	return func() { filedLeast, unfiledMost, fileAfter = l, m, after }
}

// Unfiled is how many rows of indexes wait to be filed.
func Unfiled(r *Registry) int { return r.unfiled.Load().count }

// AppendLost enters a statement in a transaction that is durable and says it was not.
func AppendLost(r *Registry, token []byte) error {
	s, err := r.open(token)
	if err != nil {
		return err
	}
	batch := r.compare([]*submission{s})
	return r.update(len(batch), func(b *writing) error {
		for _, q := range batch {
			if _, err := b.decide(q); err != nil {
				return err
			}
		}
		b.tx.OnCommit(func() { panic("input/output error") })
		return b.sign()
	})
}

// An Index is the rows of one bucket, filed or not.
type Index = index

// LastOf is the last key whose row is one of those wanted.
func LastOf(i Index, wanted func(k, v []byte) bool) []byte { return i.last(wanted) }

// ReadIndex makes an index of rows in a file at path and of rows that wait, and reads it.
func ReadIndex(path string, filed map[string]string, waiting map[string]int64, read func(Index)) error {
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoSync: true})
	if err != nil {
		return err
	}
	defer db.Close()
	u := newUnfiled(0)
	for k, v := range waiting {
		u.add(idBucket, k, v)
	}
	return db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket(idBucket)
		for k, v := range filed {
			err = errors.Join(err, b.Put([]byte(k), []byte(v)))
		}
		read(indexed{tx, u}.index(idBucket))
		return err
	})
}

// A Page is a page of a file as the store sees it.
type Page struct {
	ID   int
	Kind string // branch, leaf, freelist, meta or free
	Over int    // pages that it flows over into
}

// Pages returns the pages of a file, but for those flowed over into.
func Pages(path string) (pages []Page, size int, err error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		return nil, 0, err
	}
	defer db.Close()
	err = db.View(func(tx *bolt.Tx) error {
		size = db.Info().PageSize
		for id := 0; ; {
			p, err := tx.Page(id)
			if p == nil || err != nil {
				return err
			}
			pages = append(pages, Page{id, p.Type, p.OverflowCount})
			id++
			if p.Type != "free" {
				id += p.OverflowCount
			}
		}
	})
	return pages, size, err
}

// CheckedHashes are the places of the hashes that are kept.
func CheckedHashes(r *Registry) (places []int64) {
	r.checked.mu.RLock()
	defer r.checked.mu.RUnlock()
	for n := range r.checked.hashes {
		places = append(places, n)
	}
	return places
}

// FreePages leaves so many free pages, or a few more, in a file, with the list of
// them in their midst.
func FreePages(path string, n int) error {
	name := []byte("passing")
	err := raw(path, func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket(name)
		for i := 0; err == nil && i < n; i++ {
			err = b.Put(number(int64(i)), make([]byte, tx.DB().Info().PageSize/2))
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := DropBucket(path, string(name)); err != nil {
		return err
	}
	return raw(path, func(*bolt.Tx) error { return nil })
}

// Forget has a registry keep no facts.
func Forget(r *Registry) {
	r.folded.mu.Lock()
	defer r.folded.mu.Unlock()
	clear(r.folded.kept[:])
	r.folded.said = 0
}

// RawEntry returns the first entry about a code, as the store finds it.
func RawEntry(r *Registry, code verify.Code) (raw []byte) {
	r.view(func(tx indexed) error {
		index, err := placeOf(tx, code)
		if err == nil {
			raw, err = rawEntry(tx.Tx, index)
		}
		return err
	})
	return raw
}

// PlacesTaken are the places of the status list that a registry takes for taken. It is
// closed.
func PlacesTaken(r *Registry) (taken []int64) {
	for n := range int64(len(r.places.taken) * 64) {
		if place := r.places.list*status.ListSize + n; !r.places.take(place) {
			taken = append(taken, place)
		}
	}
	return taken
}

// PlacesRead reads which places of a list an index has, and what can be taken then.
func PlacesRead(i Index, list int64, wanted ...int64) (free []bool) {
	p := new(places)
	p.read(list, i.Cursor())
	for _, place := range wanted {
		free = append(free, p.take(place))
	}
	return free
}
