package observer

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"
)

// An Archive keeps the bytes that were seen, by their digest, so that it can be
// shown later what was declared. It holds a bounded number of bytes: what was
// seen last the longest ago goes first. Its methods may be called from many
// goroutines.
type Archive struct {
	folder string
	most   int64
	mu     sync.Mutex
}

// NewArchive returns the archive in a folder, which is made where it is not
// there, of at most so many bytes.
func NewArchive(folder string, most int64) (*Archive, error) {
	if most < 1 {
		return nil, fmt.Errorf("an archive of %d bytes holds nothing", most)
	}
	return &Archive{folder: folder, most: most}, os.MkdirAll(folder, 0o700)
}

var (
	digestName  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	errTooLarge = errors.New("larger than the archive")
)

// Has reports whether the bytes of that digest are kept. Nil keeps nothing.
func (a *Archive) Has(digest string) bool {
	f, err := a.Open(digest)
	if err == nil {
		f.Close()
	}
	return err == nil
}

// Open returns the bytes of that digest. The error is [fs.ErrNotExist] where they
// are not kept.
func (a *Archive) Open(digest string) (io.ReadSeekCloser, error) {
	if a == nil || !digestName.MatchString(digest) {
		return nil, fs.ErrNotExist
	}
	return os.Open(filepath.Join(a.folder, digest))
}

// keep moves the file, whose bytes have that digest, into the archive. What is
// there already was seen again.
func (a *Archive) keep(file, digest string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	path := filepath.Join(a.folder, digest)
	if _, err := os.Stat(path); err == nil {
		now := time.Now()
		return os.Chtimes(path, now, now)
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if info.Size() > a.most {
		return errTooLarge
	}
	if err := a.room(info.Size()); err != nil {
		return err
	}
	if err := os.Link(file, path); err != nil {
		return err
	}
	return os.Chmod(path, 0o600)
}

// room removes what was seen last the longest ago, until so many bytes more find
// room.
func (a *Archive) room(size int64) error {
	entries, err := os.ReadDir(a.folder)
	if err != nil {
		return err
	}
	var kept []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && digestName.MatchString(e.Name()) {
			kept = append(kept, info)
			size += info.Size()
		}
	}
	slices.SortFunc(kept, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, info := range kept {
		if size <= a.most {
			break
		}
		if err := os.Remove(filepath.Join(a.folder, info.Name())); err != nil {
			return err
		}
		size -= info.Size()
	}
	return nil
}
