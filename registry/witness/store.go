package witness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// A store is a folder of small files that are written whole and durably, held
// by one process.
type store struct {
	dir  string
	lock *os.File
}

// unfinished ends the name of a file that is being written.
const unfinished = ".new"

// openStore takes the folder, making it where nothing is.
func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	// The lock goes with the process, however it ends.
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: another process is this witness: a witness has one memory", dir)
		}
		return nil, fmt.Errorf("%s: lock: %w", dir, err)
	}
	return &store{dir, lock}, nil
}

// close lets the next one have the folder, also where a process that this one was
// starting meanwhile still holds the lock's file.
func (s *store) close() error {
	return errors.Join(syscall.Flock(int(s.lock.Fd()), syscall.LOCK_UN), s.lock.Close())
}

// read returns a file, or nil where there is none.
func (s *store) read(name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(s.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// write puts a file in the place of the one that was there, if any. When it
// returns nil the file survives a loss of power; whatever it returns, the old
// file or the new one is there, whole.
func (s *store) write(name string, b []byte) error {
	path := filepath.Join(s.dir, name)
	f, err := os.OpenFile(path+unfinished, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+unfinished, path); err != nil {
		return err
	}
	dir, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// names returns the names of the files that begin so.
func (s *store) names(prefix string) ([]string, error) {
	files, err := os.ReadDir(s.dir)
	var names []string
	for _, f := range files {
		if strings.HasPrefix(f.Name(), prefix) && !strings.HasSuffix(f.Name(), unfinished) {
			names = append(names, f.Name())
		}
	}
	return names, err
}
