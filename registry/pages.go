package registry

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"slices"
)

// The store trusts its pages: one that leads to itself, or out of the file, ends
// the process and not the call. So the pages are followed here first, by reading
// them. The format is bbolt's version 2: numbers in the host's order; a page is
// id, flags (2 bytes), count (2), overflow (4), then elements of 16 bytes.
const (
	pageHead    = 16
	elementSize = 16
	metaSize    = 64
	branchPage  = 0x01
	leafPage    = 0x02
	freePage    = 0x10
	subBucket   = 0x01 // flag of a leaf element
	noFreelist  = 1<<64 - 1
	pausePages  = 256 // pages that are read between two pauses
)

var host = binary.NativeEndian

// A meta is one of the two pages that say where the root is. They are written
// in turn, one at each commit.
type meta struct{ root, freelist, top, txid uint64 }

// errMeta says that one of the two is not whole: a commit was cut off there, or
// the last one was damaged. The store goes on from the other.
var errMeta = errors.New("a meta page is not whole: what was written last may be lost")

// checkPages checks the pages of transaction txid: each is in the file, reached
// once, of the kind it must be, with nothing pointing out of it, and none of
// them is free. The error is errMeta where nothing else is wrong.
//
// Of the trees' leaves, which are nearly all of a file, only the numbers are
// looked at where leaves is false: that no two are the same, and none is listed
// as free. pause is called now and then while leaves are read, if it is not nil,
// and ends the check where it returns an error.
func checkPages(path string, pageSize int, txid uint64, leaves bool, pause func() error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	var damaged error
	w := &pageWalk{file: file, size: uint64(pageSize), leaves: leaves, pause: pause}
	m, ok := meta{}, false
	for i := range uint64(2) {
		each, err := w.meta(i)
		if err != nil {
			damaged = err
		} else if each.txid == txid {
			m, ok = each, true
		}
	}
	switch {
	case !ok:
		return errStale
	case m.top > uint64(info.Size())/w.size:
		return fmt.Errorf("the file ends before page %d", m.top-1)
	}
	w.seen = make([]reach, m.top)
	if _, err := w.tree(m.root, true, anyHeight); err != nil {
		return err
	}
	if err := w.free(m.freelist); err != nil {
		return err
	}
	return damaged
}

// errStale says that the transaction's meta page has been written over since it
// began: another one has to be begun.
var errStale = errors.New("no meta page is of this transaction")

type pageWalk struct {
	file   *os.File
	size   uint64 // of a page
	leaves bool   // they are read
	pause  func() error
	seen   []reach  // by page
	reads  int      // of pages
	spare  [][]byte // room for pages
}

func (w *pageWalk) meta(page uint64) (meta, error) {
	b := make([]byte, metaSize)
	if _, err := w.file.ReadAt(b, int64(page*w.size)+pageHead); err != nil {
		return meta{}, err
	}
	sum := fnv.New64a()
	sum.Write(b[:metaSize-8])
	if sum.Sum64() != host.Uint64(b[metaSize-8:]) {
		return meta{}, errMeta
	}
	return meta{root: host.Uint64(b[16:]), freelist: host.Uint64(b[32:]), top: host.Uint64(b[40:]), txid: host.Uint64(b[48:])}, nil
}

// A reach is how far a page was followed.
type reach byte

const (
	notReached reach = iota
	leafUnread       // what flows over from it is not known
	followed
)

// see notes that a page is reached.
func (w *pageWalk) see(id uint64, how reach) error {
	switch {
	case id < 2 || id >= uint64(len(w.seen)):
		return fmt.Errorf("page %d is not in the file", id)
	case w.seen[id] != notReached:
		return fmt.Errorf("page %d is reached twice", id)
	}
	w.seen[id] = how
	return nil
}

// read returns a page with what flows over from it. It is given back with done.
func (w *pageWalk) read(id uint64) ([]byte, error) {
	if err := w.see(id, followed); err != nil {
		return nil, err
	}
	if w.reads++; w.pause != nil && w.reads%pausePages == 0 {
		if err := w.pause(); err != nil {
			return nil, err
		}
	}
	var b []byte
	if n := len(w.spare); n > 0 {
		b, w.spare = w.spare[n-1][:w.size], w.spare[:n-1]
	} else {
		b = make([]byte, w.size)
	}
	last, err := w.head(id, b)
	if err != nil {
		return nil, err
	}
	for p := id + 1; p <= last; p++ {
		if err := w.see(p, followed); err != nil {
			return nil, err
		}
	}
	if last > id {
		b = slices.Grow(b, int((last-id)*w.size))[:(last-id+1)*w.size]
		if _, err := w.file.ReadAt(b[w.size:], int64((id+1)*w.size)); err != nil && err != io.EOF {
			return nil, fmt.Errorf("page %d: %w", id, err)
		}
	}
	return b, nil
}

// done gives back the room of a page that was read.
func (w *pageWalk) done(b []byte) { w.spare = append(w.spare, b) }

// head reads the first bytes of a page, its head at least, and returns the page
// where what flows over from it ends.
func (w *pageWalk) head(id uint64, b []byte) (last uint64, err error) {
	if _, err := w.file.ReadAt(b, int64(id*w.size)); err != nil {
		return 0, fmt.Errorf("page %d: %w", id, err)
	}
	last = id + uint64(host.Uint32(b[12:]))
	if host.Uint64(b) != id || last >= uint64(len(w.seen)) {
		return 0, fmt.Errorf("page %d: its head is not that of a page", id)
	}
	return last, nil
}

var (
	errPointsOut = errors.New("an element points out of it")
	errKind      = errors.New("it is neither branch nor leaf, or not where it belongs")
)
