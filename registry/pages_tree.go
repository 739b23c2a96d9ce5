package registry

import (
	"fmt"
)

// anyHeight is a height that is not known yet.
const anyHeight = -1

// tree follows a page down to its leaves, and returns how many pages it stands
// above them. It is a fault where that is not the height it must be: every leaf of
// a tree is as far from its root. Only the root's leaves hold buckets.
func (w *pageWalk) tree(id uint64, root bool, height int) (int, error) {
	if height == 0 && !w.leaves && !root {
		return 0, w.see(id, leafUnread)
	}
	b, err := w.read(id)
	if err != nil {
		return 0, err
	}
	defer w.done(b)
	var is int
	if host.Uint16(b[8:]) == branchPage {
		is, err = w.branch(b, root, height)
	} else {
		err = w.leaf(b, root)
	}
	if err == nil && height != anyHeight && is != height {
		err = fmt.Errorf("it stands %d above the leaves, and its neighbours %d", is, height)
	}
	if err != nil {
		return 0, fmt.Errorf("page %d: %w", id, err)
	}
	return is, nil
}

// elements returns how many elements a page has. Their room is in it.
func (w *pageWalk) elements(b []byte) (uint64, error) {
	count := uint64(host.Uint16(b[10:]))
	if pageHead+count*elementSize > uint64(len(b)) {
		return 0, errPointsOut
	}
	return count, nil
}

// branch follows the elements of a branch, and returns its height.
func (w *pageWalk) branch(b []byte, root bool, height int) (int, error) {
	count, err := w.elements(b)
	if err != nil {
		return 0, err
	}
	if count == 0 || height == 0 {
		return 0, errKind
	}
	under := anyHeight
	if height != anyHeight {
		under = height - 1
	}
	for i := range count {
		at := pageHead + i*elementSize
		e := b[at:]
		if at+uint64(host.Uint32(e))+uint64(host.Uint32(e[4:])) > uint64(len(b)) {
			return 0, errPointsOut
		}
		if under, err = w.tree(host.Uint64(e[8:]), root, under); err != nil {
			return 0, err
		}
	}
	return under + 1, nil
}

// leaf checks the elements of a leaf, and follows the buckets in it.
func (w *pageWalk) leaf(b []byte, root bool) error {
	count, err := w.elements(b)
	if err != nil {
		return err
	}
	if host.Uint16(b[8:]) != leafPage {
		return errKind
	}
	for i := range count {
		at := pageHead + i*elementSize
		e := b[at:]
		value := at + uint64(host.Uint32(e[4:])) + uint64(host.Uint32(e[8:]))
		end := value + uint64(host.Uint32(e[12:]))
		if end > uint64(len(b)) {
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
		_, err := w.tree(id, false, anyHeight)
		return err
	}
	if inline := value[16:]; len(inline) >= pageHead && host.Uint16(inline[8:]) == leafPage {
		return w.leaf(inline, false)
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
	before := uint64(1) // the page listed before, or the last that none can be listed of
	for i := range count {
		p := host.Uint64(ids[i*8:])
		if p <= before || p >= uint64(len(w.seen)) || w.seen[p] != notReached {
			return fmt.Errorf("page %d is listed as free and is not, or not in its place", p)
		}
		if err := w.apart(before, p); err != nil {
			return err
		}
		before = p
	}
	return nil
}

// apart checks that no leaf between two pages that are free flows over into the
// second, of leaves that were not read.
func (w *pageWalk) apart(before, p uint64) error {
	at := p - 1
	for at > before && w.seen[at] == notReached {
		at--
	}
	if at <= before || w.seen[at] != leafUnread {
		return nil
	}
	last, err := w.head(at, make([]byte, pageHead))
	if err == nil && last >= p {
		err = fmt.Errorf("page %d is listed as free, and page %d flows over into it", p, at)
	}
	return err
}
