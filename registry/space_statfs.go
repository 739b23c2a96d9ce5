//go:build linux || darwin || freebsd

package registry

import (
	"os"
	"syscall"
)

// free is how many bytes of the disk that path is on may be filled by who is not
// its superuser.
func free(path string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
