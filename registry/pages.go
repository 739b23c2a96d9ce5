package registry

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// The store trusts its pages: one that leads to itself, or out of the file, ends
// the process and not the call. So the pages are followed here first, by reading
// them. The format is bbolt's version 2: numbers in the host's order; a page is
// id, flags (2 bytes), count (2), overflow (4), then elements of 16 bytes.
const (
	pageHead   = 16
	metaSize   = 64
	branchPage = 0x01
	leafPage   = 0x02
	freePage   = 0x10
	subBucket  = 0x01 // flag of a leaf element
	noFreelist = 1<<64 - 1
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
func checkPages(path string, pageSize int, txid uint64) error {
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
	w := &pageWalk{file: file, size: uint64(pageSize)}
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
	w.seen = make([]bool, m.top)
	if err := w.tree(m.root, true); err != nil {
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
	file *os.File
	size uint64 // of a page
	seen []bool // by page
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

// read returns a page with what flows over from it.
func (w *pageWalk) read(id uint64) ([]byte, error) {
	if id < 2 || id >= uint64(len(w.seen)) {
		return nil, fmt.Errorf("page %d is not in the file", id)
	}
	b := make([]byte, w.size)
	if _, err := w.file.ReadAt(b, int64(id*w.size)); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	last := id + uint64(host.Uint32(b[12:]))
	if host.Uint64(b) != id || last >= uint64(len(w.seen)) {
		return nil, fmt.Errorf("page %d: its head is not that of a page", id)
	}
	for p := id; p <= last; p++ {
		if w.seen[p] {
			return nil, fmt.Errorf("page %d is reached twice", p)
		}
		w.seen[p] = true
	}
	if last > id {
		rest := make([]byte, (last-id)*w.size)
		if _, err := w.file.ReadAt(rest, int64((id+1)*w.size)); err != nil && err != io.EOF {
			return nil, fmt.Errorf("page %d: %w", id, err)
		}
		b = append(b, rest...)
	}
	return b, nil
}

// tree follows a page down to its leaves. Only the root's leaves hold buckets.
func (w *pageWalk) tree(id uint64, root bool) error {
	b, err := w.read(id)
	if err != nil {
		return err
	}
	if err := w.elements(b, root); err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	return nil
}

var errPointsOut = errors.New("an element points out of it")

func (w *pageWalk) elements(b []byte, root bool) error {
	flags, count := host.Uint16(b[8:]), uint64(host.Uint16(b[10:]))
	if flags != branchPage && flags != leafPage || flags == branchPage && count == 0 {
		return fmt.Errorf("it is neither branch nor leaf")
	}
	size := uint64(len(b))
	if pageHead+count*16 > size {
		return errPointsOut
	}
	for at := uint64(pageHead); at < pageHead+count*16; at += 16 {
		e := b[at:]
		if flags == branchPage {
			if at+uint64(host.Uint32(e))+uint64(host.Uint32(e[4:])) > size {
				return errPointsOut
			}
			if err := w.tree(host.Uint64(e[8:]), root); err != nil {
				return err
			}
			continue
		}
		value := at + uint64(host.Uint32(e[4:])) + uint64(host.Uint32(e[8:]))
		end := value + uint64(host.Uint32(e[12:]))
		if end > size {
			return errPointsOut
		}
		switch bucket := host.Uint32(e); {
		case bucket == 0 && !root:
		case bucket == subBucket && root && end-value >= 16:
			if err := w.bucket(b[value:end]); err != nil {
				return err
			}
		default:
			return fmt.Errorf("an element is not what belongs there")
		}
	}
	return nil
}

// bucket follows a bucket: to a page of its own, or, where it is small, to one
// that its value holds.
func (w *pageWalk) bucket(value []byte) error {
	if id := host.Uint64(value); id != 0 {
		return w.tree(id, false)
	}
	if inline := value[16:]; len(inline) >= pageHead && host.Uint16(inline[8:]) == leafPage {
		return w.elements(inline, false)
	}
	return fmt.Errorf("a bucket leads nowhere")
}

// free checks that what is listed as free is not in use, or it would be written
// over.
func (w *pageWalk) free(id uint64) error {
	if id == noFreelist {
		return nil
	}
	b, err := w.read(id)
	if err != nil {
		return err
	}
	count, ids := uint64(host.Uint16(b[10:])), b[pageHead:]
	if count == 0xFFFF { // then the first number is the count
		count, ids = host.Uint64(ids), ids[8:]
	}
	if host.Uint16(b[8:]) != freePage || count > uint64(len(ids))/8 {
		return fmt.Errorf("page %d: it is not a list of free pages", id)
	}
	for i := range count {
		p := host.Uint64(ids[i*8:])
		if p < 2 || p >= uint64(len(w.seen)) || w.seen[p] {
			return fmt.Errorf("page %d is listed as free and is not", p)
		}
		w.seen[p] = true
	}
	return nil
}
