package registry

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"tegata/verify/tlog"
)

// Names of buckets. They are stored: never renamed, never reused.
var (
	entryBucket  = []byte("entry")
	hashBucket   = []byte("hash")
	headBucket   = []byte("head")
	codeBucket   = []byte("code")
	govBucket    = []byte("governance")
	idBucket     = []byte("id")
	numberBucket = []byte("number")
	modelBucket  = []byte("model")
	gtinBucket   = []byte("gtin")
	holderBucket = []byte("holder")
	statusBucket = []byte("status")
	basisBucket  = []byte("basis") // labels, by the declaration they rest on

	// Of the entries that may make their record other than valid.
	standingBucket = []byte("standing")

	buckets = [][]byte{entryBucket, hashBucket, headBucket, codeBucket, govBucket, idBucket,
		numberBucket, modelBucket, gtinBucket, holderBucket, statusBucket, basisBucket, standingBucket}
	headKey = []byte("checkpoint")

	// How many entries there are where the last of them are of a head that is
	// still to come.
	aheadKey = []byte("ahead")
)

// ErrDamaged says that the file does not hold what the signed head says it
// holds. Nothing that was read is to be believed.
var ErrDamaged = errors.New("registry file is damaged")

// lockWait is how long to wait for another process that has the file open.
const lockWait = time.Second

// mapped is how much of the file is mapped from the start, in bytes. Where the
// file outgrows the map, a commit waits for all who read, and whoever wants to
// read waits for the commit: an audit would stop the registry.
const mapped = min(4<<30, math.MaxInt/2)

// leastFile is the least a file can hold: two pages of the smallest kind.
const leastFile = 2 << 12

// openFile opens the file, which must be there, or creates it, and then it must
// not: the system call decides, so that of two who create one does.
//
// The list of free pages is kept in the file. Otherwise the store would make it
// when it opens, following every page.
func openFile(path string, create bool) (db *bolt.DB, err error) {
	options := &bolt.Options{
		Timeout:         lockWait,
		FreelistType:    bolt.FreelistMapType,
		InitialMmapSize: mapped,
		NoStatistics:    true,
		OpenFile:        openThere,
	}
	if create {
		created := false
		options.OpenFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag|os.O_EXCL, mode)
			created = err == nil
			return f, err
		}
		defer func() {
			if err != nil && created {
				err = errors.Join(err, os.Remove(path))
			}
		}()
	} else if err := checkFile(path); err != nil {
		return nil, opening(path, err)
	}
	if db, err = bolt.Open(path, 0o600, options); err != nil {
		return nil, opening(path, err)
	}
	return db, nil
}

// wholePages is how many pages a file may have to be followed whole before it is
// opened: that takes no time.
var wholePages int64 = 1 << 14

// checkFile checks the pages of a file before the store makes use of them. It
// holds the lock, so that nobody writes meanwhile. Of a large file the leaves are
// left to [checkWhole]: reading answers from a leaf that is damaged is an error
// or an answer that does not check, but no page leads anywhere that was not seen.
func checkFile(path string) error {
	db, err := bolt.Open(path, 0, &bolt.Options{ReadOnly: true, Timeout: lockWait, OpenFile: openThere})
	if err != nil {
		return err
	}
	return errors.Join(follow(db, false, nil), db.Close())
}

// checkWhole follows all pages of a file that is open and that nobody else
// writes to. What is not whole is not to be written to: pages that are in use may
// be taken for free ones. It calls pause now and then, and ends where that returns
// an error.
func checkWhole(db *bolt.DB, pause func() error) error {
	return follow(db, true, pause)
}

func follow(db *bolt.DB, whole bool, pause func() error) error {
	var stopped error
	err := view(db, func(tx *bolt.Tx) error {
		size := db.Info().PageSize
		whole = whole || tx.Size() <= wholePages*int64(size)
		return checkPages(db.Path(), size, uint64(tx.ID()), whole, func() error {
			if pause != nil {
				stopped = pause()
			}
			return stopped
		})
	})
	switch {
	case err == nil || stopped != nil || errors.Is(err, errMeta): // a commit that was cut off leaves it so
		return stopped
	case errors.Is(err, ErrDamaged), errors.Is(err, ErrClosed):
		return err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// openThere opens a file that is there. Of an empty one the store would make a
// database.
func openThere(name string, flag int, mode os.FileMode) (*os.File, error) {
	file, err := os.OpenFile(name, flag&^os.O_CREATE, mode)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.Size() < leastFile {
		return nil, errors.Join(fmt.Errorf("%w: it has %d bytes, too few for a registry", ErrDamaged, info.Size()), file.Close())
	}
	return file, nil
}

// opening says what an error of opening the file means.
func opening(path string, err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%s: another process has it open: stop that one, or ask it", path)
	case errors.Is(err, os.ErrExist):
		return fmt.Errorf("%s: %w", path, ErrExists)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrChecksum):
		return fmt.Errorf("%s: %w: it is not a registry, or not a whole one: %w", path, ErrDamaged, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// view runs a read transaction. A page of the file that leads nowhere makes the
// store panic, or the memory map fault; both are damage, and an answer.
func view(db *bolt.DB, f func(*bolt.Tx) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	if err := db.View(f); !errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return err
	}
	return ErrClosed
}

// change runs a transaction that writes, as view runs one that reads.
func change(db *bolt.DB, f func(*bolt.Tx) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	return db.Update(f)
}

// nothingPast checks that no entry stands past the head. What was entered is never
// written over: something is there after a commit that was made and said it was not, and
// the file has to be opened again.
func nothingPast(tx *bolt.Tx, size int64) error {
	if past, _ := tx.Bucket(entryBucket).Cursor().Seek(number(size)); past != nil {
		return fmt.Errorf("%w: an entry stands past the head of %d", ErrDamaged, size)
	}
	return nil
}

func number(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// parseNumber reads what number wrote; ok is false for anything else.
func parseNumber(b []byte) (int64, bool) {
	if len(b) != 8 {
		return 0, false
	}
	n := binary.BigEndian.Uint64(b)
	return int64(n), n < 1<<62
}

// hashes reads stored hashes within a transaction.
func hashes(tx *bolt.Tx) tlog.HashReader {
	c := tx.Bucket(hashBucket).Cursor() // one, where Get would make one for each
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, n := range indexes {
			key := number(n)
			k, v := c.Seek(key)
			if !bytes.Equal(k, key) || len(v) != len(out[i]) {
				return nil, fmt.Errorf("%w: hash %d is missing", ErrDamaged, n)
			}
			copy(out[i][:], v)
		}
		return out, nil
	})
}
