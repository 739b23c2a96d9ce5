package registry

import (
	"errors"
	"os"
	"syscall"
)

// Free is how many bytes of the disk that the file is on may still be filled. The
// error is that of the system, which may not tell.
func (r *Registry) Free() (int64, error) { return free(r.path) }

// Sizes are how many bytes the file of the log has, and that of the search index;
// 0 of one that is not there.
func (r *Registry) Sizes() (log, search int64) {
	return fileSize(r.path), fileSize(r.search.path)
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Reserve is how many bytes of the disk are left free.
func (r *Registry) Reserve() int64 { return r.config.Reserve }

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
