package registry

import (
	"errors"
	"syscall"
)

// Free is how many bytes of the disk that the file is on may still be filled. The
// error is that of the system, which may not tell.
func (r *Registry) Free() (int64, error) { return free(r.db.Path()) }

// Full reports whether the disk has fewer bytes free than the configuration wants
// left: then no statement is entered ([ErrFull]), the search index does not grow,
// and everything is read as always. Where the system does not tell, it is not full.
func (r *Registry) Full() bool {
	if r.config.Reserve <= 0 {
		return false
	}
	n, err := r.Free()
	return err == nil && n < r.config.Reserve
}

// noRoom reports whether an error is that of a disk, or a quota of it, that is
// full.
func noRoom(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
